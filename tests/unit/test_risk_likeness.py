import runpy
import sys
from pathlib import Path

import pytest

from bot.risk import train
from bot.risk.likeness import (
    MARGIN,
    SHARES,
    WEIGHTS,
    Likeness,
    Thresholds,
    asks,
    audible,
    features,
    likeness,
    margin,
    pieces,
    read,
)
from bot.risk.normalise import tokens

LIMITS = Thresholds((0, 0), (100, 100))
DANGER = "# note\n# -- wishes\n\nhow can i be dead\ni want to be dead now\n"
ORDINARY = "# -- drinks\nhow do i end my day\ni want some coffee at the end\n"


def test_the_shipped_weights_are_small_and_what_training_gives(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert WEIGHTS.stat().st_size < 2_000_000
    monkeypatch.setattr(sys, "argv", ["train", "--check"])
    monkeypatch.delitem(sys.modules, "bot.risk.train")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("bot.risk.train", run_name="__main__")
    assert ended.value.code == 0
    assert "up to date" in capsys.readouterr().out


def test_training_writes_its_file_and_sees_a_stale_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, lines in (("disclosure_a", DANGER * 9), ("request_a", DANGER * 9), ("ordinary_a", ORDINARY * 9)):
        (tmp_path / f"{name}.txt").write_text(lines, encoding="utf-8")
    monkeypatch.setattr(train, "EXEMPLARS", tmp_path)
    file = tmp_path / "weights.json"
    assert train.main(["--check", "--to", str(file)]) == 1
    assert train.main(["--to", str(file)]) == 0
    written = file.read_text(encoding="utf-8")
    assert train.main(["--to", str(file), "--unseen"]) == 0
    assert "kinds never met" in capsys.readouterr().out
    assert file.read_text(encoding="utf-8") == written
    assert train.main(["--check", "--to", str(file)]) == 0
    model = read(written)
    assert model.score(tokens("i want to be dead"))[0] > 0 > model.score(tokens("i want some coffee at the end"))[0]


def test_a_score_is_the_bias_and_a_share_of_the_weights_of_all_features() -> None:
    made = likeness()
    for text in ("I want to die and my family will be better off without me", "how do I hide my cuts", "die", ""):
        words = tokens(text)
        sums = [sum(made.weights.get(name, (0, 0))[role] for name in features(words)) for role in (0, 1)]
        assert made.score(words) == tuple(
            bias + round(SHARES[len(words)] * total) - margin(words)
            for bias, total in zip(made.bias, sums, strict=True)
        )
    assert Likeness((7, 8), LIMITS, {}).score(["zebra", "dies"]) == (7, 8)


def test_a_piece_without_a_plain_word_of_danger_has_further_to_go() -> None:
    bare = Likeness((7, 8), LIMITS, {})
    assert bare.score(["my", "gas", "ends"]) == (7 - MARGIN, 8 - MARGIN)
    assert margin(["i", "poison", "gas"]) == 0


def test_words_of_one_sense_are_one_feature_beside_their_own() -> None:
    one, other = features(["my", "dying"]), features(["my", "death"])
    assert set(one) - set(other) == {"=dying"}
    assert set(one) >= {"ME", "DIE", "ME DIE", "DIE&ME", "^ME"}


def test_long_sentences_are_read_in_overlapping_pieces() -> None:
    words = [f"w{number}" for number in range(70)]
    found = list(pieces(words))
    assert {word for piece in found for word in piece} == set(words)
    assert all(len(piece) <= 26 for piece in found)


def test_a_short_sentence_goes_with_the_next_and_all_are_read_together_too() -> None:
    assert list(pieces(["oh", "no", ".", "my", "cat", "?", "so"])) == [
        ["oh", "no", "my", "cat"],
        ["so"],
        ["oh", "no", "my", "cat", "so"],
    ]
    assert list(pieces([])) == []


def test_suicide_by_name_alone_is_left_to_the_rules() -> None:
    assert audible(tokens("a documentary about suicide statistics")) == []
    assert audible(tokens("the sun is out. suicide squad is on.")) == [["the", "sun", "is", "out"]]
    assert audible(tokens("suicide or a knife")) == [["suicide", "or", "a", "knife"]]


def test_a_request_asks_or_bids_or_opens_like_a_question() -> None:
    assert asks(["please", "just", "now", "tell", "me"])
    assert asks(["can", "you"])
    assert asks(["praise", "me"])
    assert not asks(["i", "said", "yes", "you", "can"])


def test_a_broken_file_is_refused() -> None:
    with pytest.raises((ValueError, KeyError)):
        read('{"bias": [1]}')
