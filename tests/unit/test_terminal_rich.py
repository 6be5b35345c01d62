"""The terminal for people."""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import threading

import pytest
from rich.console import Console

from adapters.terminal import ByteLines
from adapters.terminal.rich_session import RichSession
from adapters.terminal.rich_terminal import RichTerminal
from adapters.terminal.typesetting import Flow, printable, typeset
from bot.chat import Answer, Choice, ChoiceKind, Chose, Command, Crisis, Notice, Outbound, Resource, Said, Verb
from bot.clock import ManualClock
from bot.identity import DIRECT, Person
from bot.private import Private
from tests.support.scripted_intake import ANSWER, ScriptedIntake, question

ANN = Person("terminal", "w1", "ann")


def console(width: int = 60, *, terminal: bool = False) -> tuple[Console, io.StringIO]:
    screen = io.StringIO()
    return Console(file=screen, width=width, force_terminal=terminal, legacy_windows=False), screen


def flowed(width: int, *pieces: str) -> str:
    flow = Flow(width)
    return "".join(flow.feed(piece).plain for piece in pieces) + flow.end().plain


# -- text ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        (("one two three",), ["one two", "three"]),
        (("one t", "wo th", "ree"), ["one two", "three"]),
        (("one\n\ntwo",), ["one", "", "two"]),
        (("incomprehensibilities yes",), ["incomprehensibilities", "yes"]),
        (("日本語の文 字",), ["日本語の文", "字"]),
        (("**one** two",), ["one two"]),
        (("- a\n- b",), ["- a", "- b"]),
        ((" ", "x"), [" x"]),
        (("", ""), [""]),
    ],
)
def test_text_is_wrapped_as_it_comes(pieces: tuple[str, ...], lines: list[str]) -> None:
    assert flowed(10, *pieces).split("\n") == lines


def test_bold_is_bold() -> None:
    text = typeset("be **very kind** today")
    assert text.plain == "be very kind today"
    assert {text.plain[span.start : span.end] for span in text.spans if span.style == "bold"} == {"very", "kind"}


def test_nothing_that_is_written_steers_the_screen() -> None:
    assert printable("a\x1b[2Jb\x07c\x9bd\re\r\nf\tg") == "a[2Jbcde\nf\tg"


# -- messages --------------------------------------------------------------------------------------------------------


async def test_a_question_numbers_its_choices() -> None:
    where, screen = console()
    terminal = RichTerminal(where)
    await terminal.deliver(Outbound("m", ANN, DIRECT, question(), "t"))
    assert "  1 Anxious" in screen.getvalue()
    assert "Type a number, your own words, skip, why or stop." in screen.getvalue()
    meant = ("1", " 6 ", "0", "7", "skip", "Why", "stop.", "anxious", "", "²")
    assert [terminal.choice(typed) for typed in meant] == [
        "emotional_state:anxious",
        "emotional_state:something",
        None,
        None,
        "emotional_state:skip",
        "emotional_state:why",
        "emotional_state:stop",
        None,
        None,
        None,
    ]


async def test_an_answer_ends_the_choices_and_says_what_it_used() -> None:
    where, screen = console()
    terminal = RichTerminal(where)
    await terminal.deliver(Outbound("m1", ANN, DIRECT, question(), "t"))
    await terminal.deliver(Outbound("m2", ANN, DIRECT, Answer(Private("Rest."), ("age",), ("Age",), None, "m"), "t"))
    assert "Used: Age\n" in screen.getvalue()
    assert terminal.choice("1") is None


@pytest.mark.parametrize("width", [20, 39, 40, 100])
async def test_help_can_be_read_on_any_width(width: int) -> None:
    where, screen = console(width)
    help_now = Resource("Lifeline", "United States", "988", "741741", "https://988lifeline.org", "24 hours")
    crisis = Crisis("You matter. Call 988 now.", (help_now,), "self_harm")
    await RichTerminal(where).deliver(Outbound("m", ANN, DIRECT, crisis, "t"))
    lines = screen.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert any("call 988" in line for line in lines)
    assert "https://988lifeline.org" in "".join(line.strip("│ \t") for line in lines)


async def test_a_notice_has_buttons_and_files() -> None:
    where, screen = console()
    terminal = RichTerminal(where)
    choices = (Choice("do:export", "Save a copy", ChoiceKind.ACTION),)
    await terminal.deliver(Outbound("m", ANN, DIRECT, Notice(Private("Known: age"), choices, title="Privacy"), "t"))
    assert terminal.choice("1") == "do:export"
    assert "Privacy" in screen.getvalue()


async def test_a_notice_without_buttons_leaves_the_question_open() -> None:
    terminal = RichTerminal(console()[0])
    await terminal.deliver(Outbound("m1", ANN, DIRECT, question(), "t"))
    await terminal.deliver(Outbound("m2", ANN, DIRECT, Notice(Private("Because.")), "t"))
    assert terminal.choice("1") == "emotional_state:anxious"


async def test_an_answer_begun_again_is_shown_whole() -> None:
    where, screen = console()
    head = Outbound("m", ANN, DIRECT, Answer(Private(""), (), (), None, "m"), "t")
    async with RichTerminal(where).stream(head) as stream:
        await stream.append("Half a tho")
        await stream.finish(Answer(Private("Something else."), (), (), None, "offline"))
    assert "This is the whole answer:\n\nSomething else.\n" in screen.getvalue()
    assert "Used: nothing about you" in screen.getvalue()


async def test_an_answer_that_breaks_off_says_so() -> None:
    where, screen = console()
    head = Outbound("m", ANN, DIRECT, Answer(Private(""), (), (), None, "m"), "t")
    async with RichTerminal(where).stream(head) as stream:
        await stream.append("Half a tho")
    assert "Half a tho\nThis answer stopped before it was complete." in screen.getvalue()


async def test_thinking_vanishes_again() -> None:
    where, screen = console(terminal=True)
    terminal = RichTerminal(where)
    await terminal.thinking(ANN, DIRECT, True)
    await terminal.thinking(ANN, DIRECT, True)
    assert screen.getvalue().count("thinking") == 1
    await terminal.thinking(ANN, DIRECT, False)
    assert screen.getvalue().endswith("\r\x1b[2K")


async def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("", "1"):
        monkeypatch.setenv("NO_COLOR", name)
        where, screen = console(terminal=True)
        await RichTerminal(where).deliver(Outbound("m", ANN, DIRECT, question(), "t"))
        seen[name] = screen.getvalue()
    assert "\x1b[36m" in seen[""]
    assert "\x1b[36m" not in seen["1"]


# -- the session -----------------------------------------------------------------------------------------------------


class Talk:
    def __init__(self, typed: bytes | io.RawIOBase, **script: object) -> None:
        where, self.screen = console()
        terminal = RichTerminal(where)
        self.intake = ScriptedIntake(terminal, **script)  # type: ignore[arg-type]
        self.interrupted = asyncio.Event()
        self.prompted = asyncio.Event()
        numbers = itertools.count(1)
        source = io.BytesIO(typed) if isinstance(typed, bytes) else io.BufferedReader(typed)
        self.session = RichSession(
            ByteLines(source),
            terminal,
            self.intake,
            ManualClock(),
            ANN,
            new_id=lambda: f"n{next(numbers)}",
            prompt=lambda sign: self.prompted.set(),
            interrupted=self.interrupted,
        )

    async def run(self) -> str:
        await self.session.run()
        await self.intake.close()
        return self.screen.getvalue()


async def test_a_conversation_by_hand() -> None:
    talk = Talk(
        "Should I quit?\n2\n\n/privacy\n1\nplain \xff and \u0644\n/quit\nnever read\n".encode("latin-1", "replace")
    )
    screen = await talk.run()
    assert [event.content for event in talk.intake.seen] == [
        Said(Private("Should I quit?")),
        Chose("emotional_state:lonely"),
        Command(Verb.PRIVACY),
        Chose("do:export"),
        Said(Private("plain � and ?")),
    ]
    assert "an AI" in screen
    assert "Used: Emotional state" in screen
    assert " ".join(ANSWER.replace("**", "").split()[:12]) in " ".join(screen.split())
    assert "raise-bot-export.json" in screen
    assert screen.endswith("Take care.\n")


async def test_what_cannot_be_kept_is_said_and_the_next_works() -> None:
    talk = Talk(b"unavailable\nplain\n")
    screen = await talk.run()
    assert "could not be kept" in screen
    assert "Water boils" in screen


async def test_ctrl_c_stops_an_answer() -> None:
    started, never = asyncio.Event(), asyncio.Event()

    async def pace() -> None:
        if started.is_set():
            await never.wait()
        started.set()

    talk = Talk(b"plain\n/help\n", pace=pace)
    running = asyncio.create_task(talk.run())
    await started.wait()
    talk.interrupted.set()
    screen = await running
    assert "This answer stopped before it was complete." in screen
    assert "You asked for help." in screen


async def test_ctrl_c_leaves_when_nothing_runs() -> None:
    reading, writing = os.pipe()
    with io.FileIO(reading) as source, io.FileIO(writing, "w") as typing:
        talk = Talk(source)
        running = asyncio.create_task(talk.run())
        await talk.prompted.wait()
        talk.interrupted.set()
        assert (await running).endswith("Take care.\n")
        typing.write(b"\n")
        for thread in threading.enumerate():
            if thread.name == "raise-bot-lines":
                thread.join()
