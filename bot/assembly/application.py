"""One running application: stores, models, rules, the runner behind the engine, and the front door."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from bot.assembly import limiting, models, observing, stores
from bot.assembly.beside import Beside
from bot.assembly.forgetting import Completion, forget_now, forgetting
from bot.assembly.live import Live
from bot.assembly.planned import Learning
from bot.assembly.redaction import chosen
from bot.assembly.reviewing import Reviewing, serving
from bot.assembly.rulebook import Rulebook
from bot.assembly.spending import Spending
from bot.assembly.turnstile import OneByOne, Turnstile, one_by_one
from bot.chat import Platform
from bot.clock import Clock
from bot.conversation.crisis import CrisisFloor
from bot.conversation.engine import Steps
from bot.conversation.giving_up import give_up
from bot.conversation.intake import FrontDoor
from bot.conversation.ports import Ports
from bot.conversation.rules import Rules
from bot.conversation.runner import Runner
from bot.conversation.speaking import OFFLINE, Speaker
from bot.conversation.withdrawal import Withdrawals
from bot.errors import StoreError
from bot.identity import Person
from bot.llm import Provider
from bot.profile.erasure import Holding, Receipt
from bot.profile.sweeper import sweep
from bot.risk.flags import Flag, FlagDesk
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry

STOP_SECONDS = 10.0
"""How long running turns may go on when the application stops."""


@dataclass(frozen=True, slots=True)
class Application:
    """What faces and commands need of a running application. ``end_turns`` waits up to STOP_SECONDS for running turns,
    and takes no more: call it while the faces can still speak. ``quiet`` says whether no turn is under way here."""

    intake: FrontDoor
    forget: Callable[[Person], Awaitable[Receipt]]
    forget_soon: Callable[[Iterable[Person]], Awaitable[None]]
    stores: stores.Stores
    rules: Callable[[], Rules]
    provider: Provider
    reviewing: Reviewing
    end_turns: Callable[[], Awaitable[None]]
    quiet: Callable[[], bool]
    live: Live | None
    """Reads the policy again; None where a fixed one is served."""


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
    book = rulebook or Rulebook.reloading(settings, model_reads=model.name != OFFLINE)
    rules, policy = book.current, book.policy()
    by_domain = models.named(model, clock, telemetry)
    by_domain.prepare(models.specs(policy))
    live = Live.of(book, telemetry, clock, lambda new: by_domain.prepare(models.specs(new)))
    by_name: dict[str, Platform] = {each.name: observing.ToldPlatform(each, telemetry) for each in platforms}
    where = contextlib.nullcontext(kept) if kept is not None else stores.opened(settings, clock)
    async with where as opened, limiting.counting(settings, clock) as counts:
        rules()  # the longest part of a start: what is wrong with keys and stores is said before
        learning = None if opened.evidence is None else Learning(book, opened.evidence, telemetry)
        if learning is not None:
            await learning.now()
        spending = None if opened.costs is None else Spending(opened.costs, clock)
        told = telemetry if spending is None else telemetry.also(spending.take)
        limiter = limiting.limiter(settings, counts, opened.ledger, clock)
        floor = CrisisFloor(rules, by_name, clock, telemetry)
        door = FrontDoor(
            rules=rules,
            floor=floor,
            ledger=opened.ledger,
            engine=opened.engine,
            clock=clock,
            telemetry=telemetry,
            withdraw=Withdrawals(opened.consents, rules, clock).at_once,
            limiter=limiter,
        )
        forget = forgetting(opened, clock, door, (Holding("counts", limiter), *also_erased))
        speaker, settled, turnstile = Speaker(by_name), asyncio.Event(), Turnstile()
        completion = Completion(forget, policy, speaker, telemetry, partial(_crowded, opened))
        reviewing = serving(opened, lambda: rules().policy, clock, door, speaker, telemetry, chosen(settings))
        desk = reviewing.opening
        flags: FlagDesk = desk if on_flag is None else _Watched(desk, on_flag)
        ports = Ports(
            rules=rules,
            ledger=opened.ledger,
            profiles=opened.profiles,
            consents=opened.consents,
            flags=flags,
            audit=opened.audit,
            provider=observing.ToldProvider(
                limiting.pursed(settings, counts, OneByOne(by_domain, turnstile, by_domain.far), clock), told
            ),
            speaker=speaker,
            clock=clock,
            telemetry=telemetry,
            forget=forget,
            crisis_shown=floor.shown,
            in_danger=floor.in_danger,
            found=floor.found,
        )
        one_turn = one_by_one(Runner(ports).run, turnstile)

        async def run(turn_id: str, steps: Steps) -> None:
            await settled.wait()  # what somebody asked to be forgotten is gone before any turn goes on
            await one_turn(turn_id, steps)

        beside = None
        if opened.replicas is not None:
            beside = Beside(opened.replicas, lambda: rules().policy.id, telemetry)
            beside.introduce()
            opened.replicas.on_takeover(door.resume)  # what the dead one claimed, and did not queue any more
        given_up = observing.turns(partial(give_up, ports), telemetry)
        await opened.engine.start(observing.turns(limiting.attributed(run), telemetry), given_up)
        chores: list[Callable[[], Coroutine[None, None, None]]] = [
            partial(sweep, opened.swept, clock, partial(_not_swept, telemetry)),
            completion.keep_catching_up,
            partial(reviewing.keep_up, telemetry),
        ]
        if learning is not None:
            chores.append(learning.keep_up)
        if beside is not None:
            chores.append(beside.keep_looking)
        if spending is not None:
            chores.append(partial(spending.keep_up, telemetry))
        if live is not None:
            live.snapshots = opened.snapshots
            chores.append(live.watch)
        tasks: list[asyncio.Task[None]] = []
        try:
            await completion.catch_up()
            await door.recall()
            settled.set()
            tasks += [asyncio.create_task(chore()) for chore in chores]
            if live is not None:
                await live.note("start")
            await door.resume()
            await _say_what_is_away(opened, telemetry)
            await reviewing.catch_up()
            telemetry.emit(Event.STARTED, policy=policy.id, model=model.name)
            now, end_turns = partial(forget_now, forget), partial(opened.engine.stop, STOP_SECONDS)
            yield Application(door, now, forget.note, opened, rules, model, reviewing, end_turns, turnstile.quiet, live)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await opened.engine.stop(STOP_SECONDS)
            if spending is not None:
                await spending.keep_or_tell(telemetry)
            await by_domain.close()
            telemetry.emit(Event.STOPPED)


async def _crowded(opened: stores.Stores) -> bool:
    return opened.replicas is not None and bool(await opened.replicas.others())


async def _say_what_is_away(opened: stores.Stores, telemetry: Telemetry) -> None:
    """Without Redis people are answered, only without what they told before: it is said, and no reason not to start."""
    try:
        if opened.reached is not None:
            await opened.reached()
    except StoreError as problem:
        telemetry.emit(Event.PROFILES_DOWN, store="profile", problem=str(problem))


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
