from __future__ import annotations

import pytest

from bot.policy.lexicon import Lexicon, tokens

LISTS = {
    "work": ["work*", "job", "boss"],
    "school": ["school", "school work", "exam*", "lab work*"],
    "errand": ["^play", "^what is", "stopped working", "# people"],
    "people": ["people", "boss"],
}


def found(text: str) -> dict[str, int]:
    counts = Lexicon(LISTS).count(tokens(text))
    return {name: count for name, count in zip(LISTS, counts, strict=True) if count}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("So much WORK", {"work": 1}),
        ("workload and working", {"work": 2}),
        ("my homework", {}),
        ("school work", {"school": 1}),
        ("work at school", {"work": 1, "school": 1}),
        ("the lab works late", {"school": 1}),
        ("lab coats and exams", {"school": 1}),
        ("it stopped working", {"errand": 1}),
        ("it stopped, work went on", {"work": 1}),
        ("my boss", {"work": 1, "people": 1}),
        ("my boss's car", {"work": 1, "people": 1}),
        ("a table for 4 people", {"errand": 1}),
        ("people", {"people": 1}),
        ("play something", {"errand": 1}),
        ("I play something", {}),
        ("what is a job", {"errand": 1, "work": 1}),
        ("what a job", {"work": 1}),
        ("", {}),
    ],
)
def test_counts_the_longest_entry_once(text: str, expected: dict[str, int]) -> None:
    assert found(text) == expected


def test_a_word_and_a_stem_of_different_lists_both_count() -> None:
    lists = {"exact": ["brother"], "stem": ["brother*"], "shorter": ["bro*"]}
    assert Lexicon(lists).count(tokens("my brother")) == [1, 1, 0]


def test_a_phrase_does_not_hide_the_word_it_begins_with() -> None:
    lists = {"phrase": ["anxious wait"], "stem": ["anxi*"]}
    assert Lexicon(lists).count(tokens("so anxious about it")) == [0, 1]


def test_a_stem_is_one_word_only() -> None:
    assert Lexicon({"stem": ["stress*"], "other": ["covid*"]}).count(tokens("stressed about covid-19")) == [1, 1]


def test_reads_any_spelling_of_apostrophes_letters_and_numbers() -> None:
    assert tokens("I can’t pay £1,200 — ＨＥＬＰ!") == ["i", "can't", "pay", "#", "#", "help"]


def test_an_entry_without_words_is_never_found() -> None:
    assert Lexicon({"empty": ["?!", "*"], "word": ["word"]}).count(tokens("a word")) == [0, 1]
