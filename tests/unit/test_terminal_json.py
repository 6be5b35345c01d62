"""A conversation at the terminal in lines of JSON, whatever the lines are."""

from __future__ import annotations

import io
import itertools
import json
from typing import Any

import pytest

from adapters.terminal import ByteLines, JsonSession, JsonTerminal, LineParser
from adapters.terminal.lines import CHANNEL
from bot.clock import ManualClock
from tests.support.scripted_intake import ANSWER, ScriptedIntake

Printed = list[dict[str, Any]]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1000.0)


class Chat:
    """A session over scripted lines."""

    def __init__(self, clock: ManualClock | None) -> None:
        self.lines: list[str] = []
        self.terminal = JsonTerminal(self.lines.append)
        self.intake = ScriptedIntake(self.terminal)
        self.clock = clock
        self.advanced: list[float] = []

    async def run(self, *raw: bytes | dict[str, object]) -> Printed:
        source = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in raw)
        numbers = itertools.count(1)
        parser = LineParser(self.clock or ManualClock(), lambda: f"n{next(numbers)}", self.terminal.asked_in)
        lines = ByteLines(io.BytesIO(source), limit=2_000_000)

        async def advanced(seconds: float) -> None:
            self.advanced.append(seconds)

        await JsonSession(lines, parser, self.terminal, self.intake, self.clock, advanced).run()
        await self.intake.close()
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def chat(clock: ManualClock) -> Chat:
    return Chat(clock)


def kinds(printed: Printed) -> list[str]:
    return [line["kind"] for line in printed]


async def test_a_conversation_in_lines(chat: Chat) -> None:
    printed = await chat.run(
        {"user": "u1", "text": "Should I quit?", "id": "e1"},
        {"user": "u1", "choose": "emotional_state:anxious"},
        {"user": "u1", "text": "/privacy export", "id": "e3"},
    )
    assert kinds(printed) == ["question", "done", "answer", "done", "notice", "done"]
    assert printed[2]["text"] == ANSWER
    assert [line["id"] for line in printed if line["kind"] == "done"] == ["e1", "n1", "e3"]
    assert json.loads(printed[4]["attachment"]["content"]) == {"known": []}


async def test_a_choice_goes_back_to_the_channel(chat: Chat) -> None:
    printed = await chat.run(
        {"user": "u1", "text": "Should I quit?", "place": "channel"}, {"user": "u1", "choose": "emotional_state:skip"}
    )
    assert (printed[0]["place"], printed[0]["private"]) == ("dm", True)
    assert [event.space for event in chat.intake.seen] == [CHANNEL, CHANNEL]


async def test_an_id_served_before_gives_only_done(chat: Chat) -> None:
    line: dict[str, object] = {"user": "u1", "text": "plain", "id": "e1"}
    assert kinds(await chat.run(line, line)) == ["answer", "done", "done"]


async def test_a_crisis_line(chat: Chat) -> None:
    printed = await chat.run({"user": "u1", "text": "I took an overdose"})
    assert kinds(printed) == ["crisis", "done"]
    assert printed[0]["resources"][0]["call"] == "988"


@pytest.mark.parametrize(
    "bad",
    [b"", b"\xff\xfe\x00", b"not json", b'{"user": "u1"}', b"[" * 100_000, b"x" * 3_000_000],
    ids=["empty", "binary", "words", "nothing", "deep", "long"],
)
async def test_a_bad_line_is_an_error_and_the_next_is_served(chat: Chat, bad: bytes) -> None:
    printed = await chat.run(bad, {"user": "u1", "text": "plain", "id": "e2"})
    assert kinds(printed) == ["error", "done", "answer", "done"]
    assert [printed[1]["id"], printed[3]["id"]] == [None, "e2"]


async def test_a_megabyte_of_text_and_a_byte_order_mark_are_served(chat: Chat) -> None:
    line = {"user": "u1", "text": "plain " + "x" * 1_000_000}
    assert kinds(await chat.run(b"\xef\xbb\xbf" + json.dumps(line).encode() + b"\r")) == ["answer", "done"]


async def test_what_cannot_be_kept_is_an_error(chat: Chat) -> None:
    printed = await chat.run({"user": "u1", "text": "unavailable", "id": "e1"}, {"user": "u1", "text": "plain"})
    assert kinds(printed) == ["error", "done", "answer", "done"]


async def test_a_fault_in_one_line_does_not_end_the_session_or_show_its_text(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(turn_id: str) -> None:
        raise KeyError("secret words")

    with monkeypatch.context() as patch:
        patch.setattr(ScriptedIntake, "finished", staticmethod(fails))
        printed = await chat.run({"user": "u1", "text": "/help", "id": "e1"}, {"advance_seconds": 1})
    assert kinds([line for line in printed if line["kind"] != "notice"]) == ["error", "done", "done"]
    assert "secret" not in str(printed)


async def test_the_clock_moves_and_others_are_told(chat: Chat, clock: ManualClock) -> None:
    printed = await chat.run({"advance_seconds": 60, "id": "a"})
    assert printed == [{"kind": "done", "id": "a"}]
    assert clock.now() == 1060.0
    assert chat.advanced == [60.0]


async def test_a_clock_that_runs_by_itself_cannot_be_moved() -> None:
    printed = await Chat(None).run({"advance_seconds": 60})
    assert kinds(printed) == ["error", "done"]
    assert "--clock manual" in printed[0]["problem"]


async def test_a_stream_that_fails_to_read_raises() -> None:
    closed = io.BytesIO(b"x")
    closed.close()
    with pytest.raises(ValueError, match="closed"):
        await ByteLines(closed).next()


@pytest.mark.parametrize(
    ("limit", "source", "expected"),
    [
        (4, b"1234\n12345\n123456789\n12\n", [b"1234", None, None, b"12"]),
        (4, b"123456789", [None]),
        (4, b"12\r\n\n34", [b"12", b"", b"34"]),
    ],
)
async def test_long_lines_are_read_to_their_end(limit: int, source: bytes, expected: list[bytes | None]) -> None:
    lines = ByteLines(io.BytesIO(source), limit)
    got: list[bytes | None] = []
    while (line := await lines.next()) is not None:
        got.append(None if lines.too_long(line) else line)
    assert got == expected
