"""The terminal as JSON lines: reading them, the shapes of the answers, and the loop."""

from __future__ import annotations

import io
import itertools
import json
from typing import Any

import pytest

from adapters.terminal import Advance, ByteLines, JsonSession, JsonTerminal, LineParser, Problem
from adapters.terminal.lines import CHANNEL
from bot.chat import (
    Answer,
    Chose,
    Command,
    Content,
    Crisis,
    Inbound,
    Notice,
    Outbound,
    Resource,
    Said,
    Undelivered,
    Verb,
)
from bot.clock import ManualClock
from bot.identity import DIRECT, Person, Space
from bot.private import Private
from bot.severity import Category, Severity
from tests.support.scripted_intake import ANSWER, ScriptedIntake, question

ANN = Person("terminal", "w1", "u1")
Printed = list[dict[str, Any]]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1000.0)


@pytest.fixture
def parser(clock: ManualClock) -> LineParser:
    return LineParser(clock, lambda: "made", lambda person: None)


def read(parser: LineParser, **line: object) -> Inbound | Advance | Problem:
    return parser.parse(json.dumps(line).encode())


# -- reading ---------------------------------------------------------------------------------------------------------


def test_a_whole_line_is_read(parser: LineParser) -> None:
    line = read(parser, user="u1", text="hi", place="channel", workspace="w7", locale="en-US", id="e1")
    said = Said(Private("hi"))
    assert line == Inbound("e1", Person("terminal", "w7", "u1"), CHANNEL, said, 1000.0, "en-US")


def test_what_is_left_out_has_its_default(parser: LineParser) -> None:
    assert read(parser, user="u1", text="hi") == Inbound("made", ANN, DIRECT, Said(Private("hi")), 1000.0, "und")


def test_the_workspace_is_the_one_the_user_was_seen_in(parser: LineParser) -> None:
    read(parser, user="u1", text="hi", workspace="w7")
    line = read(parser, user="u1", choose="age:skip")
    assert isinstance(line, Inbound)
    assert str(line.person) == "terminal:w7:u1"
    other = read(parser, user="u2", text="hi")
    assert isinstance(other, Inbound)
    assert str(other.person) == "terminal:w1:u2"


@pytest.mark.parametrize(
    ("line", "content"),
    [
        ({"choose": "age:skip"}, Chose("age:skip")),
        ({"choose": "age:other", "text": "41"}, Chose("age:other", Private("41"))),
        ({"command": "privacy"}, Command(Verb.PRIVACY)),
        ({"command": "privacy", "argument": "export"}, Command(Verb.EXPORT)),
        ({"command": "forget", "argument": "age"}, Command(Verb.FORGET, Private("age"))),
        ({"command": "forget_me"}, Command(Verb.FORGET_ME)),
        ({"text": "/forget me"}, Command(Verb.FORGET_ME)),
        ({"text": "/shrug"}, Said(Private("/shrug"))),
        ({"text": ""}, Said(Private(""))),
    ],
)
def test_each_kind_of_content_is_read(parser: LineParser, line: dict[str, str], content: Content) -> None:
    event = read(parser, user="u1", **line)
    assert isinstance(event, Inbound)
    assert event.content == content


def test_a_choice_without_a_place_goes_where_the_question_came_from(clock: ManualClock) -> None:
    parser = LineParser(clock, lambda: "made", lambda person: CHANNEL)
    spaces: dict[str, Space] = {}
    for name, line in {
        "choice": {"choose": "age:skip"},
        "placed": {"choose": "age:skip", "place": "dm"},
        "text": {"text": "41"},
    }.items():
        event = read(parser, user="u1", **line)
        assert isinstance(event, Inbound)
        spaces[name] = event.space
    assert spaces == {"choice": CHANNEL, "placed": DIRECT, "text": DIRECT}


def test_the_clock_is_moved(parser: LineParser) -> None:
    assert read(parser, advance_seconds=3600) == Advance(3600.0)
    assert read(parser, advance_seconds=0, id="a") == Advance(0.0, "a")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"text": "hi"}, 'missing key "user"'),
        ({"user": "u1"}, 'expected one of the keys "text", "choose", "command" or "advance_seconds"'),
        ({"user": "u1", "txet": "hi"}, 'unknown key "txet": did you mean "text"?'),
        ({"user": "u1", "text": ["hi"]}, 'key "text": expected text, got a list'),
        ({"user": "u1", "text": "hi", "place": "moon"}, 'key "place": expected "dm" or "channel"'),
        ({"user": "u:1", "text": "hi"}, "without ':'"),
        ({"user": "", "text": "hi"}, "expected a user of 1 to 200 characters"),
        ({"user": "u1", "text": "hi", "command": "help"}, "do not go together"),
        ({"user": "u1", "text": "hi", "argument": "x"}, 'goes with "command" only'),
        ({"user": "u1", "command": "explode"}, "expected one of help, why, privacy"),
        ({"user": "u1", "command": " "}, "expected one of help"),
        ({"advance_seconds": -1}, "expected 0 or more"),
        ({"advance_seconds": "1"}, 'key "advance_seconds": expected a number'),
        ({"advance_seconds": 1, "user": "u1"}, 'unknown key "user"'),
    ],
)
def test_a_bad_line_is_a_problem_in_words(parser: LineParser, line: dict[str, object], problem: str) -> None:
    read_line = parser.parse(json.dumps({**line, "id": "e7"}).encode())
    assert isinstance(read_line, Problem)
    assert problem in read_line.text
    assert read_line.id == "e7"


@pytest.mark.parametrize("raw", [b"", b"\xff", b"{", b"[]", b'{"id": 5}', b"\x00"])
def test_what_is_no_line_at_all_is_a_problem(parser: LineParser, raw: bytes) -> None:
    assert isinstance(parser.parse(raw), Problem)


# -- shapes ----------------------------------------------------------------------------------------------------------


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


# -- the loop --------------------------------------------------------------------------------------------------------


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
