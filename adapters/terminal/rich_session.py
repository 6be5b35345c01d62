"""The loop behind ``raise-bot chat``: one person, one direct conversation, until they leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from adapters.terminal.rich_terminal import RichTerminal
from adapters.terminal.streams import ByteLines
from bot.chat import Chose, Content, Inbound, Intake, Said, Stopped
from bot.chat.commands import parse_command
from bot.clock import Clock
from bot.errors import StoreUnavailable
from bot.identity import DIRECT, Person
from bot.private import Private

_LEAVE: Final = frozenset({"/quit", "/exit", "/bye"})
_WELCOME: Final = (
    "This is raise-bot, an AI: it can be wrong. In an emergency, call your local emergency number.\n"
    "Ask anything. /help shows what it can do, /privacy what it knows. Ctrl-C stops an answer, Ctrl-D leaves.\n"
)
PROMPT: Final = "> "


class RichSession:
    """``interrupted`` is set when the person presses Ctrl-C: it stops a running answer, and leaves when none runs.
    ``prompt`` shows the sign that the person may write."""

    def __init__(
        self,
        lines: ByteLines,
        terminal: RichTerminal,
        intake: Intake,
        clock: Clock,
        person: Person,
        *,
        new_id: Callable[[], str],
        prompt: Callable[[str], None],
        interrupted: asyncio.Event,
        locale: str = "und",
    ) -> None:
        self._lines = lines
        self._terminal = terminal
        self._intake = intake
        self._clock = clock
        self._person = person
        self._new_id = new_id
        self._prompt = prompt
        self._interrupted = interrupted
        self._locale = locale

    async def run(self) -> None:
        """Talk until the input ends, ``/quit``, or Ctrl-C while nothing runs."""
        self._terminal.line(_WELCOME)
        while (typed := await self._typed()) is not None and typed.strip() not in _LEAVE:
            if typed.strip():
                await self._turn(self._content(typed))
        self._terminal.line("\nTake care.")

    async def _typed(self) -> str | None:
        self._interrupted.clear()
        self._prompt(PROMPT)
        reading = asyncio.ensure_future(self._lines.next())
        leaving = asyncio.ensure_future(self._interrupted.wait())
        try:
            await asyncio.wait((reading, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not reading.done():
                reading.cancel()
        raw = reading.result() if reading.done() and not reading.cancelled() else None
        return None if raw is None else raw.decode("utf-8", "replace").replace("\0", "\ufffd")

    def _content(self, typed: str) -> Content:
        choice = self._terminal.choice(typed)
        if choice is not None:
            return Chose(choice)
        return parse_command(typed) or Said(Private(typed))

    async def _turn(self, content: Content) -> None:
        try:
            await self._served(content)
        except StoreUnavailable:
            self._terminal.line("That could not be kept. Please send it again in a moment.", "yellow")

    async def _served(self, content: Content) -> None:
        receipt = await self._intake.accept(self._event(content))
        ending = asyncio.ensure_future(self._intake.finished(receipt.turn_id))
        stopping = asyncio.ensure_future(self._interrupted.wait())
        try:
            await asyncio.wait((ending, stopping), return_when=asyncio.FIRST_COMPLETED)
            if not ending.done():
                await self._intake.accept(self._event(Stopped(receipt.turn_id)))
            await ending
        finally:
            stopping.cancel()

    def _event(self, content: Content) -> Inbound:
        return Inbound(self._new_id(), self._person, DIRECT, content, self._clock.now(), self._locale)
