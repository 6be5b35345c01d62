"""Reading lines of JSON at the terminal."""

from __future__ import annotations

import json

import pytest

from adapters.terminal import Advance, LineParser, Problem
from adapters.terminal.lines import CHANNEL
from bot.chat import (
    Chose,
    Command,
    Content,
    Inbound,
    Said,
    Verb,
)
from bot.clock import ManualClock
from bot.identity import DIRECT, Person, Space
from bot.private import Private

ANN = Person("terminal", "w1", "u1")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1000.0)


@pytest.fixture
def parser(clock: ManualClock) -> LineParser:
    return LineParser(clock, lambda: "made", lambda person: None)


def read(parser: LineParser, **line: object) -> Inbound | Advance | Problem:
    return parser.parse(json.dumps(line).encode())


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
