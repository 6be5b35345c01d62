"""Whose turns were submitted to this process, and whether one is the only one of its conversation."""

from __future__ import annotations

from adapters.engine.submitted import Submitted


def test_a_turn_alone_in_its_conversation_is_the_last() -> None:
    submitted = Submitted()
    submitted.add("t1", "ann")
    submitted.add("t2", "ben")
    assert "t1" in submitted
    assert submitted.last("t1")
    submitted.add("t3", "ann")
    assert not submitted.last("t1")
    assert not submitted.last("t3")
    assert submitted.last("t2")
    submitted.discard("t1")
    assert "t1" not in submitted
    assert submitted.last("t3")


def test_of_an_unknown_turn_nobody_can_say_so() -> None:
    submitted = Submitted()
    assert not submitted.last("t1")
    submitted.add("t1", "ann")
    submitted.discard("t1")
    submitted.discard("t1")
    assert not submitted.last("t1")


def test_one_submitted_twice_counts_once() -> None:
    submitted = Submitted()
    submitted.add("t1", "ann")
    submitted.add("t1", "ann")
    assert submitted.last("t1")
    submitted.discard("t1")
    submitted.add("t2", "ann")
    assert submitted.last("t2")


def test_nothing_is_known_after_clearing() -> None:
    submitted = Submitted()
    submitted.add("t1", "ann")
    submitted.clear()
    assert "t1" not in submitted
    submitted.add("t2", "ann")
    assert submitted.last("t2")
