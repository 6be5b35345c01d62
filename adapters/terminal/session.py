"""The loop behind ``raise-bot chat --json``: one line is served to its end before the next one is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import assert_never

from adapters.terminal.json_terminal import JsonTerminal
from adapters.terminal.lines import Advance, LineParser, Problem
from adapters.terminal.streams import ByteLines
from bot.chat import Inbound, Intake
from bot.clock import ManualClock, Seconds
from bot.errors import RaiseBotError


async def nothing_more(seconds: Seconds) -> None:
    """For a clock that nobody else has to be told about."""


class JsonSession:
    """``clock`` is None where time cannot be moved; ``advanced`` is awaited after it was, with the seconds, so that
    what falls due (expiry, deadlines) has happened before the line is done."""

    def __init__(
        self,
        lines: ByteLines,
        parser: LineParser,
        terminal: JsonTerminal,
        intake: Intake,
        clock: ManualClock | None = None,
        advanced: Callable[[Seconds], Awaitable[None]] = nothing_more,
    ) -> None:
        self._lines = lines
        self._parser = parser
        self._terminal = terminal
        self._intake = intake
        self._clock = clock
        self._advanced = advanced

    async def run(self) -> None:
        """Serve lines until the input ends. One that cannot be served gives an error line, and the next is served."""
        while (raw := await self._lines.next()) is not None:
            if self._lines.too_long(raw):
                self._terminal.error("the line is too long: at most 4 MB are read")
                self._terminal.done(None)
                continue
            await self._serve(raw)

    async def _serve(self, raw: bytes) -> None:
        line = self._parser.parse(raw)
        try:
            await self._perform(line)
        except RaiseBotError as error:
            self._terminal.error(str(error))
        except Exception as error:  # noqa: BLE001 - one line must not end the session; its text is not ours to show
            self._terminal.error(f"this line could not be served ({type(error).__name__}); the next one will be")
        self._terminal.done(line.id)

    async def _perform(self, line: Inbound | Advance | Problem) -> None:
        match line:
            case Inbound():
                receipt = await self._intake.accept(line)
                await self._intake.finished(receipt.turn_id)
            case Advance(seconds=seconds) if self._clock is not None:
                self._clock.advance(seconds)
                await self._advanced(seconds)
            case Advance():
                self._terminal.error('key "advance_seconds": the clock runs by itself; start with --clock manual')
            case Problem(text=text):
                self._terminal.error(text)
            case _:
                assert_never(line)
