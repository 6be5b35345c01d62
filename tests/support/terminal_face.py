"""The terminal's JSON lines as a face: the whole application in this process, in memory, on a clock that is moved."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import reduce
from itertools import count
from typing import cast

from adapters.terminal.json_terminal import JsonTerminal
from adapters.terminal.lines import LineParser
from bot.assembly.application import Application, application
from bot.assembly.rulebook import Rulebook
from bot.assembly.stores import Stores, in_memory
from bot.chat import Inbound
from bot.clock import ManualClock
from bot.llm import Provider
from bot.settings import Settings
from bot.telemetry.events import Plain, Sink, Telemetry
from tests.support.face import Seen
from tests.support.policies import rulebook


class TerminalFace:
    """One workspace, ``w1``; ``lines`` are all the lines printed so far, for everybody."""

    def __init__(self, app: Application, terminal: JsonTerminal, clock: ManualClock, lines: list[Seen]) -> None:
        numbers = count(1)
        self.app = app
        self.clock = clock
        self.lines = lines
        self._parser = LineParser(clock, lambda: f"made-{next(numbers)}", terminal.asked_in)

    async def say(self, user: str, text: str, place: str = "dm", *, event: str | None = None) -> None:
        await self._send(user, {"text": text, "place": place}, event)

    async def choose(self, user: str, choice: str) -> None:
        await self._send(user, {"choose": choice}, None)

    async def command(self, user: str, words: str) -> None:
        await self._send(user, {"text": words}, None)

    async def seen(self, user: str) -> list[Seen]:
        return [line for line in self.lines if cast("dict[str, str]", line).get("to") == user]

    async def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)

    async def _send(self, user: str, fields: dict[str, str], event: str | None) -> None:
        self.clock.advance(1)
        line = {"user": user, "workspace": "w1", "locale": "en-US", **fields, **({"id": event} if event else {})}
        inbound = self._parser.parse(json.dumps(line).encode())
        assert isinstance(inbound, Inbound), inbound
        receipt = await self.app.intake.accept(inbound)
        await self.app.intake.finished(receipt.turn_id)


@asynccontextmanager
async def terminal_face(
    *,
    provider: Provider | None = None,
    settings: Settings | None = None,
    rules: Rulebook | None = None,
    events: list[str] | None = None,
    around: Callable[[Stores], Stores] | None = None,
    told: Sequence[Sink] = (),
) -> AsyncIterator[TerminalFace]:
    """``around`` puts something between the application and its stores, which are in memory then; ``told`` are
    told every event."""
    lines: list[Seen] = []
    clock = ManualClock()
    terminal = JsonTerminal(lambda line: lines.append(json.loads(line)))

    def sink(event: str, fields: dict[str, Plain]) -> None:
        if events is not None:
            events.append(event)

    telemetry = reduce(Telemetry.also, told, Telemetry(sink))
    async with AsyncExitStack() as stack:
        kept = None if around is None else around(await stack.enter_async_context(in_memory(clock)))
        core = application(
            settings or Settings(),
            [terminal],
            clock=clock,
            telemetry=telemetry,
            provider=provider,
            rulebook=rules or (rulebook(model_reads=provider is not None) if settings is None else None),
            on_flag=lambda flag: terminal.flag(flag.conversation.person, flag.severity, flag.category),
            kept=kept,
        )
        yield TerminalFace(await stack.enter_async_context(core), terminal, clock, lines)
