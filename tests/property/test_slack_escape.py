"""No text can notify anybody or hide where a link leads, in whatever pieces it arrives."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import escape

ALPHABET = st.sampled_from([*"ab @<>!#[]():|&`*\n.U1", "@here", "<!channel>", "<@U1>", "[x](http://y)", "😀", "\x00"])
TEXTS = st.lists(ALPHABET, max_size=60).map("".join)


@given(TEXTS)
def test_nothing_is_left_that_slack_would_read_as_a_mention_or_a_hidden_link(text: str) -> None:
    safe = escape.neutralise(text)
    assert not re.search(r"<[@!#/a-z]", safe)
    assert not re.search(r"(?<![A-Za-z0-9])@[a-z]", safe)
    assert not re.search(r"\][(\[:]", safe)


@given(TEXTS)
def test_people_see_the_same_text(text: str) -> None:
    assert escape.neutralise(text).replace(escape.BREAK, "") == text.replace("\x00", "")


@given(st.lists(TEXTS, max_size=8))
def test_pieces_give_the_same_as_the_whole(pieces: list[str]) -> None:
    cleaner = escape.Neutraliser()
    shown = "".join([*(cleaner.feed(piece) for piece in pieces), cleaner.finish()])
    assert shown == escape.neutralise("".join(pieces))


@given(TEXTS)
def test_neutralising_twice_changes_nothing(text: str) -> None:
    once = escape.neutralise(text)
    assert escape.neutralise(once) == once


@given(st.lists(st.sampled_from(["word", "a longer word.", "\n", "\n\n", "```\n", "x" * 50, " "]), max_size=80))
def test_splitting_loses_no_word_and_keeps_the_limit(pieces: list[str]) -> None:
    text = " ".join(pieces)
    parts = escape.split(text, 120)
    assert all(len(part) <= 120 for part in parts)
    plain = lambda value: "".join(value.replace("```", "").split())  # noqa: E731
    assert plain("".join(parts)) == plain(text)


def test_cut_goes_between_paragraphs_and_fences_are_closed() -> None:
    text = "First.\n\n```\n" + "code\n" * 30 + "```\n\nLast."
    parts = escape.split(text, 100)
    assert all(part.count("```") % 2 == 0 for part in parts)
    assert escape.split("one\n\ntwo three", 8)[0] == "one"


def test_what_people_write_is_read_as_words() -> None:
    text = "<@UBOT> is <https://x.y|this> &lt;ok&gt;, <@U2|bo>? <#C1|general> <!here> <@U3> <mailto:a@b.c|a@b.c> &amp;"
    assert escape.said(text, "UBOT") == "is this <ok>, @bo? #general @here @someone a@b.c &"
    assert escape.said("<@UBOT>", "UBOT") == ""
    assert escape.said("hey <@UBOT>, hello", "UBOT") == "hey hello"
