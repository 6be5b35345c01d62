import pytest

from bot.risk.normalise import LONGEST, normalise, tokens
from bot.risk.spelling import respelt


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("I'm gonna K1LL mys3lf tonite!!", "i am going to kill myself tonight ."),
        ("s u i c i d e", "suicide"),
        ("i w a n t  t o  d i e", "i want to die"),
        ("k.i.l.l myself", "kill myself"),
        ("su*c*de and 5uicide and $uicide", "suicide and suicide and suicide"),
        ("iwanttodie #killmyself", "i want to die kill myself"),
        ("I can’t go on… I just... want to die.", "i can not go on i just want to die ."),
        ("kiiilll meeee pleaseee", "kill me please"),
        ("ѕuісіdе", "suicide"),
        ("suiside sucide suicidl", "suicide suicide suicidal"),
        ("ｋｉｌｌ　ｍｙｓｅｌｆ", "kill myself"),
        ("sùi\u200bcídé", "suicide"),
        ("want to 🔪 myself 😂", "want to knife myself lol"),
        ("no one cares any more", "nobody cares anymore"),
        ("Kill. my. self.", "kill myself"),
        ("kms, kys! unalive?", "kill myself kill yourself . kill"),
        ("wannnna die", "want to die"),
        ("(s)(u)(i)(c)(i)(d)(e)", "suicide"),
        (":SU1C1DE", "suicide"),
        ("want'to'die", "want to die"),
        ("my dad's gun", "my dad gun"),
        ("end my l1fe", "end my life"),
        ("my self-harm", "my self harm"),
        ("to die, or not? yes.", "to die or not ? yes"),
    ],
)
def test_disguises_are_undone(written: str, meant: str) -> None:
    assert normalise(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "20mg pills at 4pm",
        "covid19 mp3 b4",
        "a b c d e",
        "intel i5 4k",
        "overdone",
        "the therapist",
        "grassland",
        "1000",
    ],
)
def test_ordinary_words_and_numbers_stay(written: str) -> None:
    assert normalise(written) == written


def test_of_a_long_message_head_tail_and_windows_between_are_read() -> None:
    filler = "la " * 400_000
    for text in ("suicide " + filler, filler + "suicide"):
        assert "suicide" in tokens(text)
    assert len(tokens(filler)) <= LONGEST


def test_words_too_short_to_be_misspelt_for_sure_are_left_alone() -> None:
    assert respelt("slef") is None
    assert respelt("myslef") == "myself"
    assert respelt("tuesday") is None
