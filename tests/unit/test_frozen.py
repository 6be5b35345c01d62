"""``replace`` does what ``dataclasses.replace`` does."""

from __future__ import annotations

import dataclasses

import pytest

from bot.conversation.states import OpenQuestion, Query, Thread
from bot.frozen import dataclass, replace
from bot.private import Private

THREAD = Thread("s1", 1.0, query=Query("q1", (Private("?"),), None), declined=frozenset({"age"}))


@dataclass(frozen=True, slots=True)
class Plain:
    one: int
    other: str = ""


@dataclass(frozen=True)
class Named:
    name: str
    note: str = ""

    def __hash__(self) -> int:
        return hash(self.name)


def test_it_is_a_dataclass_as_any_other() -> None:
    assert Plain(1) == Plain(1, "") != Plain(2)
    assert len({Plain(1), Plain(1, ""), Plain(1, "b")}) == 2
    assert hash(Named("a", "b")) == hash("a")
    assert dataclasses.astuple(Plain(1)) == (1, "")
    assert not hasattr(Plain(1), "__dict__")


def test_a_field_changes_and_the_others_stay() -> None:
    question = OpenQuestion("age", True, 2.0)
    assert replace(THREAD, question=question, because="b") == dataclasses.replace(
        THREAD, question=question, because="b"
    )
    assert replace(THREAD) == THREAD


def test_what_is_no_field_is_refused() -> None:
    with pytest.raises(TypeError, match="expected a field of Thread, got 'nothing'"):
        replace(THREAD, nothing=1)
