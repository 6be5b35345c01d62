"""One running application: stores, models, rules, the runner behind the engine, and the front door."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from bot.assembly import models, stores
from bot.assembly.rulebook import Rulebook
from bot.chat import Platform
from bot.clock import Clock
from bot.conversation.intake import FrontDoor
from bot.conversation.rules import Rules
from bot.conversation.runner import Ports, Runner
from bot.conversation.speaking import OFFLINE, Speaker
from bot.errors import StoreError
from bot.identity import Person
from bot.llm import Provider
from bot.profile.erasure import Holding, Receipt, erase
from bot.profile.sweeper import sweep
from bot.risk.flags import Flag, FlagDesk
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry

STOP_SECONDS = 10.0
"""How long running turns may go on when the application stops."""


@dataclass(frozen=True, slots=True)
class Application:
    """What faces and commands need of a running application."""

    intake: FrontDoor
    forget: Callable[[Person], Awaitable[Receipt]]
    stores: stores.Stores
    rules: Callable[[], Rules]
    provider: Provider


@asynccontextmanager
async def application(
    settings: Settings,
    platforms: Sequence[Platform],
    *,
    clock: Clock,
    telemetry: Telemetry,
    provider: Provider | None = None,
    rulebook: Rulebook | None = None,
    on_flag: Callable[[Flag], None] | None = None,
    also_erased: Sequence[Holding] = (),
    kept: stores.Stores | None = None,
) -> AsyncIterator[Application]:
    """Start everything but the faces; on leaving, running turns end within STOP_SECONDS and stores are closed.

    ``provider`` and ``rulebook`` replace those the settings name; ``on_flag`` also sees every flag raised;
    ``also_erased`` is what faces keep about people; ``kept`` are stores that are open already."""
    model = provider if provider is not None else models.provider(settings, clock, telemetry)
    rules = (rulebook or Rulebook.of(settings, model_reads=model.name != OFFLINE)).current
    policy = rules().policy
    by_name = {platform.name: platform for platform in platforms}
    async with contextlib.nullcontext(kept) if kept is not None else stores.opened(settings, clock) as opened:
        door = FrontDoor(
            rules=rules,
            ledger=opened.ledger,
            engine=opened.engine,
            platforms=by_name,
            clock=clock,
            telemetry=telemetry,
        )
        forget = partial(erase, holdings=(*also_erased, *opened.holdings))
        flags: FlagDesk = opened.flags if on_flag is None else _Watched(opened.flags, on_flag)
        runner = Runner(
            Ports(
                rules=rules,
                ledger=opened.ledger,
                profiles=opened.profiles,
                consents=opened.consents,
                flags=flags,
                audit=opened.audit,
                provider=model,
                speaker=Speaker(by_name),
                clock=clock,
                telemetry=telemetry,
                forget=forget,
                crisis_shown=door.crisis_shown,
            )
        )
        await opened.engine.start(runner.run)
        sweeping = asyncio.create_task(sweep(opened.swept, clock, partial(_not_swept, telemetry)), name="sweeper")
        try:
            await door.resume()
            telemetry.emit(Event.STARTED, policy=policy.id, model=model.name)
            yield Application(door, forget, opened, rules, model)
        finally:
            sweeping.cancel()
            await asyncio.wait([sweeping])
            await opened.engine.stop(STOP_SECONDS)
            await model.close()
            telemetry.emit(Event.STOPPED)


def _not_swept(telemetry: Telemetry, store: str, problem: StoreError) -> None:
    telemetry.emit(Event.NOT_SWEPT, store=store, problem=str(problem))


@dataclass(frozen=True, slots=True)
class _Watched:
    """A desk whose flags are also shown to somebody."""

    desk: FlagDesk
    watch: Callable[[Flag], None]

    async def take(self, flag: Flag) -> None:
        await self.desk.take(flag)
        self.watch(flag)
