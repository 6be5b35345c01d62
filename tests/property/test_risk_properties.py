"""What holds of the screen for every text."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.risk.normalise import normalise
from bot.risk.screen import Screen
from bot.risk.verdicts import RiskHistory, Verdict
from bot.severity import Category, Severity
from tests.support.people import HOUR, NOW
from tests.support.policies import shipped

ALPHABET = st.sampled_from(
    [
        *"abdeiklmnostuy   ...?!,'’*13450@$-_",
        "\n",
        "\u200b",
        "🔪",
        "💀",
        "é",
        "ѕ",
        "suicide ",
        "kill ",
        "my self ",
        "n't ",
    ]
)
TEXTS = st.text(max_size=60) | st.lists(ALPHABET, max_size=60).map("".join)
SAID = ["I want to die", "I can't breathe, my chest hurts, my left arm is numb", "I'm going to kill my boss tonight"]
IMMINENT = "I am going to kill myself tonight."
# Each must be caught however it is disguised: whole sentences of the policy whose words the disguises below keep.
DISGUISED = ["I want to die", "I'm going to kill myself tonight", "I keep thinking about suicide", "kill yourself"]


@cache
def screen() -> Screen:
    return Screen(shipped())


def verdict(text: str) -> Verdict:
    return screen().screen(text, RiskHistory(), NOW)[0]


@settings(deadline=None)
@given(TEXTS)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@settings(deadline=None)
@given(TEXTS)
def test_the_screen_is_total_and_repeatable(text: str) -> None:
    first = screen().screen(text, RiskHistory(), NOW)
    assert first == screen().screen(text, RiskHistory(), NOW)
    assert (first[0].severity is Severity.NONE) == (first[0].category is None)


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(["a ", "kill ", "k1ll", "s u i c i d e ", "*", "'", ". ", "𝓴", "\u0301a", "iwanttodie"]), TEXTS)
def test_a_megabyte_of_anything_is_screened(hostile: str, text: str) -> None:
    assert verdict((hostile * 1_000_000)[:1_000_000] + text).severity in Severity


@settings(deadline=None)
@given(TEXTS)
def test_an_imminent_sentence_at_the_end_is_heard(text: str) -> None:
    assert verdict(f"{text} and so on.\n{IMMINENT}").severity is Severity.IMMINENT


@settings(deadline=None)
@given(st.sampled_from(DISGUISED), st.data())
def test_case_spacing_and_invisible_letters_hide_nothing(text: str, data: st.DataObject) -> None:
    plain = verdict(text)
    seeds = data.draw(st.lists(st.integers(0, 5), min_size=len(text), max_size=len(text)))
    disguised = "".join(
        letter.upper()
        if seed == 1
        else letter + "\u200b"
        if seed == 2
        else "   "
        if letter == " " and seed == 3
        else letter
        for letter, seed in zip(text, seeds, strict=True)
    )
    found = verdict(disguised)
    assert (found.severity, found.category) == (plain.severity, plain.category)
    assert plain.severity.rank >= Severity.HIGH.rank


@settings(deadline=None)
@given(st.sampled_from(SAID), st.floats(0, 100 * HOUR), st.floats(0, 100 * HOUR))
def test_what_was_said_weighs_less_the_longer_ago_it_was(text: str, sooner: float, later: float) -> None:
    sooner, later = sorted((sooner, later))
    _, history = screen().screen(text, RiskHistory(), NOW)

    def after(seconds: float) -> float:
        return screen().screen("I hate myself", history, NOW + seconds)[0].score

    assert after(sooner) >= after(later)


@settings(deadline=None)
@given(st.lists(st.sampled_from([*SAID, "hello", "I feel hopeless"]), max_size=5), st.sampled_from(SAID))
def test_what_came_before_never_makes_a_message_less_severe(before: list[str], text: str) -> None:
    history = RiskHistory()
    for number, line in enumerate(before):
        _, history = screen().screen(line, history, NOW + number)
    now, alone = screen().screen(text, history, NOW + 10)[0], verdict(text)
    assert now.severity.rank >= alone.severity.rank


@settings(deadline=None)
@given(TEXTS)
def test_a_history_holds_numbers_only(text: str) -> None:
    _, history = screen().screen(text, RiskHistory(), NOW)
    assert all(
        category in Category and score > 0 and moment == NOW for category, (score, moment) in history.scores.items()
    )
