"""The shapes of what the terminal prints as lines of JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.terminal import JsonTerminal
from adapters.terminal.lines import CHANNEL
from bot.chat import (
    Answer,
    Crisis,
    Notice,
    Outbound,
    Resource,
    Undelivered,
)
from bot.identity import DIRECT, Person, Space
from bot.private import Private
from bot.severity import Category, Severity
from tests.support.scripted_intake import question

ANN = Person("terminal", "w1", "u1")


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def terminal(lines: list[str]) -> JsonTerminal:
    return JsonTerminal(lines.append)


async def printed(terminal: JsonTerminal, lines: list[str], message: Outbound) -> dict[str, Any]:
    await terminal.deliver(message)
    line: dict[str, Any] = json.loads(lines[-1])
    return line


@pytest.mark.parametrize(
    ("space", "private", "place"), [(DIRECT, False, "dm"), (CHANNEL, False, "channel"), (CHANNEL, True, "dm")]
)
async def test_a_question(terminal: JsonTerminal, lines: list[str], space: Space, private: bool, place: str) -> None:
    line = await printed(terminal, lines, Outbound("m", ANN, space, question(private=private), "t"))
    choices = line.pop("choices")
    assert line == {
        "kind": "question",
        "to": "u1",
        "place": place,
        "attribute": "emotional_state",
        "text": "How have you been feeling these days?",
        "private": private,
    }
    assert choices[0] == {"id": "emotional_state:anxious", "label": "Anxious"}
    assert {"id": "emotional_state:skip", "label": "Skip"} in choices
    assert terminal.asked_in(ANN) == space


async def test_an_answer_a_crisis_a_notice_and_a_flag(terminal: JsonTerminal, lines: list[str]) -> None:
    answer = Answer(Private("Rest."), ("age",), ("Age",), "health", "offline")
    assert await printed(terminal, lines, Outbound("m1", ANN, DIRECT, answer, "t")) == {
        "kind": "answer",
        "to": "u1",
        "place": "dm",
        "text": "Rest.",
        "used": ["age"],
        "domain": "health",
        "model": "offline",
    }
    crisis = Crisis("Call 988.", (Resource("Lifeline", "US", call="988"),), "self_harm")
    assert await printed(terminal, lines, Outbound("m2", ANN, CHANNEL, crisis, "t")) == {
        "kind": "crisis",
        "to": "u1",
        "text": "Call 988.",
        "resources": [
            {"name": "Lifeline", "country": "US", "call": "988", "text": None, "web": None, "hours": ""},
        ],
    }
    notice = Notice(Private("Done."))
    assert await printed(terminal, lines, Outbound("m3", ANN, DIRECT, notice, "t")) == {
        "kind": "notice",
        "to": "u1",
        "place": "dm",
        "text": "Done.",
    }
    terminal.flag(ANN, Severity.HIGH, Category.SELF_HARM)
    terminal.flag(ANN, Severity.CONCERN, None)
    assert [json.loads(line) for line in lines[-2:]] == [
        {"kind": "flag", "user": "u1", "severity": "high", "category": "self_harm"},
        {"kind": "flag", "user": "u1", "severity": "concern", "category": None},
    ]


async def test_a_line_is_one_line_whatever_is_in_it(terminal: JsonTerminal, lines: list[str]) -> None:
    text = "a\nb\u2028c\x1b[31m \U0001f600"
    line = await printed(terminal, lines, Outbound("m", ANN, DIRECT, Notice(Private(text)), "t"))
    assert line["text"] == text
    assert lines[0].isascii()
    assert lines[0].count("\n") == 1


async def test_an_answer_that_breaks_off_is_not_printed(terminal: JsonTerminal, lines: list[str]) -> None:
    head = Outbound("m", ANN, DIRECT, Answer(Private(""), (), (), None, "m"), "t")
    async with terminal.stream(head) as stream:
        await stream.append("Half")
    assert lines == []


async def test_an_output_that_is_closed_is_said() -> None:
    def broken(line: str) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    outcome = await JsonTerminal(broken).deliver(Outbound("m", ANN, DIRECT, Notice(Private("x")), "t"))
    assert outcome == Undelivered("the output cannot be written: Broken pipe", permanent=True)
