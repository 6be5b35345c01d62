"""``replace`` does what ``dataclasses.replace`` does."""

from __future__ import annotations

import dataclasses

import pytest

from bot.conversation.states import OpenQuestion, Query, Thread
from bot.frozen import replace
from bot.private import Private

THREAD = Thread("s1", 1.0, query=Query("q1", (Private("?"),), None), declined=frozenset({"age"}))


def test_a_field_changes_and_the_others_stay() -> None:
    question = OpenQuestion("age", True, 2.0)
    assert replace(THREAD, question=question, because="b") == dataclasses.replace(
        THREAD, question=question, because="b"
    )
    assert replace(THREAD) == THREAD


def test_what_is_no_field_is_refused() -> None:
    with pytest.raises(TypeError, match="expected a field of Thread, got 'nothing'"):
        replace(THREAD, nothing=1)
