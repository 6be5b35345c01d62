"""The terminal for people: answers as they are written, choices by number, help in an emergency set apart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Final, assert_never

from rich.console import Console
from rich.control import Control
from rich.padding import Padding
from rich.panel import Panel
from rich.segment import ControlType
from rich.text import Text

from adapters.terminal.lines import PLATFORM
from adapters.terminal.typesetting import Flow, printable, typeset
from bot.chat import (
    Answer,
    AnswerStream,
    Choice,
    ChoiceKind,
    Crisis,
    Delivered,
    Delivery,
    Notice,
    Outbound,
    Question,
    Resource,
)
from bot.identity import Person, Space

_NARROW: Final = 40
_BY_NUMBER: Final = (ChoiceKind.VALUE, ChoiceKind.ACTION)
_WORDS: Final = {"skip": ChoiceKind.SKIP, "why": ChoiceKind.WHY, "stop": ChoiceKind.STOP}


class RichTerminal:
    """Implements :class:`bot.chat.Platform` for one person. ``NO_COLOR`` is the console's to respect."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._choices: tuple[Choice, ...] = ()
        self._shown: set[str] = set()
        self._thinking = False

    @property
    def name(self) -> str:
        return PLATFORM

    def choice(self, typed: str) -> str | None:
        """The id of the choice on screen that was meant by a number, ``skip``, ``why`` or ``stop``; None for none."""
        word = typed.strip().casefold().rstrip(".")
        numbered = [choice for choice in self._choices if choice.kind in _BY_NUMBER]
        if word.isdecimal() and len(word) <= 3 and 1 <= int(word) <= len(numbered):
            return numbered[int(word) - 1].id
        wanted = _WORDS.get(word)
        return next((choice.id for choice in self._choices if choice.kind is wanted), None)

    async def deliver(self, message: Outbound) -> Delivery:
        """Print the message; one that was printed before under its id is not printed again."""
        if message.id not in self._shown:
            self._shown.add(message.id)
            self._clear_thinking()
            self._show(message.body)
        return Delivered(message.id)

    def stream(self, head: Outbound) -> AbstractAsyncContextManager[AnswerStream]:
        return self._stream(head)

    async def thinking(self, person: Person, space: Space, active: bool) -> None:
        if not active:
            self._clear_thinking()
        elif self._console.is_terminal and not self._thinking:
            self._thinking = True
            self._console.print(Text("raise-bot is thinking…", "dim"), end="")

    def line(self, text: str, style: str = "dim") -> None:
        """A line of the program itself, not of the conversation."""
        self._clear_thinking()
        self._console.print(Text(text, style))

    @asynccontextmanager
    async def _stream(self, head: Outbound) -> AsyncIterator[AnswerStream]:
        answer = _Streamed(self, self._console, head)
        try:
            yield answer
        finally:
            answer.leave()

    def begin(self) -> None:
        """An answer starts: the choices of before are over."""
        self._clear_thinking()
        self._choices = ()
        self._console.print()

    def complete(self, message_id: str, answer: Answer) -> None:
        """An answer has been shown to its end."""
        self._shown.add(message_id)
        self._footer(answer)

    def _footer(self, answer: Answer) -> None:
        used = ", ".join(answer.labels or answer.used) or "nothing about you"
        self._console.print(Text(f"Used: {printable(used)}", "dim"))
        self._console.print()

    def _show(self, body: Question | Answer | Crisis | Notice) -> None:
        match body:
            case Question():
                self._console.print()
                self._console.print(typeset(body.text), style="bold" if "\n" not in body.text else "")
                self._offer(body.choices, "your own words")
            case Answer():
                self.begin()
                self._console.print(typeset(body.text.reveal()))
                self._footer(body)
            case Crisis():
                self._choices = ()
                self._crisis(body)
            case Notice():
                self._notice(body)
            case _:
                assert_never(body)

    def _offer(self, choices: tuple[Choice, ...], *also: str) -> None:
        self._choices = choices
        numbered = [choice for choice in choices if choice.kind in _BY_NUMBER]
        for number, choice in enumerate(numbered, 1):
            self._console.print(Text.assemble((f"{number:>3} ", "cyan"), printable(choice.label)))
        kinds = {choice.kind for choice in choices}
        ways = [*(["a number"] if numbered else []), *also, *(word for word, kind in _WORDS.items() if kind in kinds)]
        listed = " or ".join(part for part in (", ".join(ways[:-1]), ways[-1]) if part)
        self._console.print(Text(f"Type {listed}.", "dim"))
        self._console.print()

    def _crisis(self, crisis: Crisis) -> None:
        body = typeset(crisis.text)
        for resource in crisis.resources:
            body.append("\n\n").append(_help(resource))
        wide = self._console.width >= _NARROW
        self._console.print()
        self._console.print(Panel(body, border_style="blue", padding=(1, 2)) if wide else body)
        self._console.print()

    def _notice(self, notice: Notice) -> None:
        self._console.print()
        if notice.title:
            self._console.print(Text(printable(notice.title), "bold"))
        self._console.print(typeset(notice.text.reveal()))
        if (file := notice.attachment) is not None:
            content = printable(file.content.reveal().decode("utf-8", "replace"))
            self._console.print(Text(f"\n{printable(file.name)}:", "dim"))
            self._console.print(Padding(Text(content), (0, 0, 0, 2)))
        if notice.choices:
            self._offer(notice.choices)
        else:
            self._console.print()

    def _clear_thinking(self) -> None:
        if self._thinking:
            self._thinking = False
            self._console.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))


class _Streamed:
    def __init__(self, terminal: RichTerminal, console: Console, head: Outbound) -> None:
        self._terminal = terminal
        self._console = console
        self._head = head
        self._flow = Flow(console.width)
        self._text = ""
        self._finished = False

    async def append(self, text: str) -> None:
        if not self._text and text:
            self._terminal.begin()
        self._text += text
        self._console.print(self._flow.feed(text), end="", soft_wrap=True)

    async def finish(self, answer: Answer) -> Delivery:
        self._finished = True
        whole, shown = answer.text.reveal().strip(), self._text.strip()
        if not shown:
            return await self._terminal.deliver(replace(self._head, body=answer))
        if whole.startswith(shown):
            self._console.print(self._flow.feed(whole[len(shown) :]), self._flow.end(), sep="", soft_wrap=True)
        else:
            self._console.print(self._flow.end(), soft_wrap=True)
            self._terminal.line("\nI had to begin again. This is the whole answer:\n")
            self._console.print(typeset(whole))
        self._terminal.complete(self._head.id, answer)
        return Delivered(self._head.id)

    def leave(self) -> None:
        """Say so when the answer broke off."""
        if not self._finished and self._text:
            self._console.print(self._flow.end(), soft_wrap=True)
            self._terminal.line("This answer stopped before it was complete.\n", "yellow")


def _help(resource: Resource) -> Text:
    ways = [
        f"call {resource.call}" if resource.call else "",
        f"text {resource.text}" if resource.text else "",
        resource.web or "",
    ]
    where = ", ".join(printable(part) for part in (resource.country, resource.hours) if part)
    reach = " · ".join(printable(way) for way in ways if way)
    return Text.assemble((printable(resource.name), "bold"), f" ({where})\n" if where else "\n", (reach, "bold cyan"))
