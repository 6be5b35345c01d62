import pytest

from bot.errors import PolicyError
from bot.risk import phrases as module
from bot.risk.grammar import Language
from bot.risk.normalise import tokens
from bot.risk.phrases import Phrases


def matches(phrase: str, text: str, **terms: tuple[str, ...]) -> bool:
    phrases = Phrases()
    phrases.add(phrase, Language(terms))
    return bool(phrases.find(tokens(text)))


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("want to die", "I want to die", True),
        ("want to die", "want to dine", False),
        ("(kill|hurt) myself", "to hurt myself", True),
        ("(kill|hurt) myself", "to heal myself", False),
        ("want [so much] to die", "want to die", True),
        ("want [so much] to die", "want so much to die", True),
        ("i * die", "i really want to die", True),
        ("i * die", "i do really want to die", False),
        ("i * die", "i will not die", False),
        ("i * die", "it is i. they die", False),
        ("{want} to (go|{end})", "longing to end it", True),
        ("can't go on", "i cannot go on", True),
    ],
)
def test_the_language(phrase: str, text: str, found: bool) -> None:
    assert matches(phrase, text, want=("want", "longing"), end=("end [it]",)) is found


@pytest.mark.parametrize(
    "phrase", ["(a|b", "a)", "[a", "a]", "a }", "* a", "[a]", "[a] * b", "(a|)", "{nothing}", "!!", "{round}", "(a]"]
)
def test_what_cannot_be_read_or_would_match_anything_is_refused(phrase: str) -> None:
    with pytest.raises(PolicyError, match="expected"):
        Phrases().add(phrase, Language({"round": ("{round}",)}))


def test_the_shortest_match_is_where_it_starts() -> None:
    phrases = Phrases()
    number = phrases.add("i * die", Language({}))
    words = tokens("i said i want to die now")
    [(found, end)] = phrases.find(words)
    assert (found, end, phrases.start(number, words, end)) == (number, 6, 2)
    with pytest.raises(ValueError, match="end of a match"):
        phrases.start(number, words, 3)


def test_many_phrases_are_found_in_reading_order() -> None:
    phrases = Phrases()
    numbers = [phrases.add(phrase, Language({})) for phrase in ("die today", "want to", "to die")]
    assert [found for found, _ in phrases.find(tokens("i want to die today"))] == [numbers[1], numbers[2], numbers[0]]


def test_states_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_STATES", 2)
    phrases = Phrases()
    phrases.add("a b c d", Language({}))
    for _ in range(3):
        assert phrases.find(tokens("a b c d"))
