"""Words without a regular expression: the same words as with those of all who read messages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.plain import plain_words
from bot.recent import Remembered

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("I DON'T know, I'm 34.", ["i", "don't", "know", "i'm", "34"]),
        ("snake_case\tand\x1flines\n", ["snake", "case", "and", "lines"]),
        ("'quoted'", None),
        ("the dogs' bowls", None),
        ("it''s", None),
        ("naïve", None),
        ("can’t", None),
    ],
)
def test_words_of_plain_text(text: str, expected: list[str] | None) -> None:
    assert plain_words(text) == expected


@given(st.text(st.characters(max_codepoint=127), max_size=60) | st.text("ab1' _-", max_size=20))
def test_agrees_with_the_expression(text: str) -> None:
    assert plain_words(text) in (None, _WORD.findall(text.lower()))


def test_what_is_remembered_is_made_once_and_begins_anew_beyond_its_bound() -> None:
    made: list[str] = []

    def length(word: str) -> int:
        made.append(word)
        return len(word)

    lengths = Remembered(length, bound=2)

    assert [lengths[word] for word in ("one", "three", "one")] == [3, 5, 3]
    assert made == ["one", "three"]
    assert lengths["eleven"] == 6
    assert dict(lengths) == {"eleven": 6}
