"""An application in this process, with the parts that serve people, and people who write to it."""

from __future__ import annotations

import asyncio
import itertools
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.assembly.application import Application, application
from bot.assembly.rulebook import Rulebook
from bot.assembly.steady import settle_memory
from bot.assembly.stores import Stores
from bot.chat import Answer, AnswerStream, Content, Delivered, Delivery, Inbound, Outbound, Said
from bot.clock import SystemClock
from bot.errors import StoreUnavailable
from bot.identity import DIRECT, Person, Space
from bot.llm import Provider
from bot.private import Private
from bot.settings import Settings
from bot.telemetry.events import Event, Plain
from bot.telemetry.logs import silent
from tests.support.bench.model import waited
from tests.support.servers import postgres_server, redis_server

ERRAND: Final = Said(Private("set a timer for ten minutes please"))
"""Answered by the model at once: nothing personal is asked."""
AGAIN: Final = 0.2
"""Seconds until a message that nobody took is sent again."""
DEPLOYMENTS: Final = {
    "memory": "in memory",
    "sqlite": "DBOS on SQLite",
    "postgres": "DBOS on PostgreSQL, and Redis",
}


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where an application keeps things. ``database``: PostgreSQL's own process; None where there is none."""

    settings: Settings
    database: int | None = None


@contextmanager
def deployed(kind: str) -> Iterator[Deployment]:
    """A fresh place of one of ``DEPLOYMENTS``; its servers wait for the disk at each commit, as they should."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="raise-bench-")))
        match kind:
            case "sqlite":
                yield Deployment(Settings(state=folder / "state"))
            case "postgres":
                for name in ("database", "redis"):
                    (folder / name).mkdir()
                folder.chmod(0o755)
                database = stack.enter_context(postgres_server(folder / "database", None, "-c", "fsync=on"))
                redis = stack.enter_context(redis_server(folder / "redis"))
                process = int((folder / "database/data/postmaster.pid").read_text(encoding="ascii").split()[0])
                settings = Settings(database_url=database, redis_url=redis, key="a" * 43 + "=")
                yield Deployment(settings, process)
            case _:
                yield Deployment(Settings())


class Town:
    """The people, and the platform they are on: notes when each turn was first seen to do something, and how many
    messages had to be sent again."""

    name = "bench"

    def __init__(self) -> None:
        self.first: dict[str, float] = {}
        self.models: dict[str, float] = {}
        self.sent_again = 0
        self._ended: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._numbers = itertools.count()
        self._clock = SystemClock()

    async def deliver(self, message: Outbound) -> Delivery:
        self._seen(message.turn)
        return Delivered()

    @asynccontextmanager
    async def stream(self, head: Outbound) -> AsyncIterator[AnswerStream]:
        yield _Shown(self, head)

    async def thinking(self, person: Person, space: Space, active: bool) -> None:
        """Nobody is looking."""

    def told(self, event: str, fields: Mapping[str, Plain]) -> None:
        """By the application: the end of a turn is seen here, where asking for it would cost the database something."""
        if event == Event.TURN_ENDED and fields["outcome"] != "postponed":
            self._ended[str(fields["turn"])].set()

    async def end(self, turn: str) -> None:
        await self._ended[turn].wait()
        del self._ended[turn]

    def forget(self) -> None:
        """What was noted of turns that ended, so that it is not counted as the application's memory."""
        self.first.clear()
        self.models.clear()

    def _seen(self, turn: str) -> None:
        if turn not in self.first:
            self.first[turn] = time.perf_counter()
            self.models[turn] = waited.get()

    # -- people ------------------------------------------------------------------------------------------------------

    async def write(self, app: Application, user: str, content: Content) -> str:
        """One message, sent again while nobody takes it, as platforms do; its turn, which goes on."""
        number, person = next(self._numbers), Person(self.name, "w", user)
        inbound = Inbound(f"e{number}", person, DIRECT, content, self._clock.now(), "en")
        while True:
            try:
                return (await app.intake.accept(inbound)).turn_id
            except StoreUnavailable:
                self.sent_again += 1
                await asyncio.sleep(AGAIN)

    async def talk(self, app: Application, user: str, contents: tuple[Content, ...]) -> None:
        """One message after the other, each when the one before is answered."""
        for content in contents:
            await self.end(await self.write(app, user, content))

    async def talk_together(
        self, app: Application, people: int, together: int, contents: tuple[Content, ...], prefix: str = "p"
    ) -> float:
        """So many people, at most ``together`` at a time; how many seconds it took."""
        left, began = iter(range(people)), time.perf_counter()

        async def some() -> None:
            for number in left:
                await self.talk(app, f"{prefix}{number}", contents)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(together, people)):
                group.create_task(some())
        return time.perf_counter() - began

    async def come(self, app: Application, rate: float, seconds: float, content: Content) -> Arrivals:
        """People who come by chance, ``rate`` a second, whether or not those before have an answer."""
        chance, due, arrivals = random.Random(1), time.perf_counter(), Arrivals([], [], [])
        until = due + seconds

        async def one(number: int, due: float) -> None:
            turn = await self.write(app, f"c{number}", content)
            await self.end(turn)
            arrivals.whole.append(time.perf_counter() - due)
            arrivals.first.append(self.first[turn] - due)
            arrivals.added.append(self.first[turn] - due - self.models[turn])

        async with asyncio.TaskGroup() as group:
            for number in itertools.count():
                due += chance.expovariate(rate)
                if due > until:
                    break
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(one(number, due))
        return arrivals


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Seconds from when each person wrote: to the end, to the first thing seen, and that without the model's part."""

    whole: list[float]
    first: list[float]
    added: list[float]


@dataclass(frozen=True, slots=True)
class _Shown:
    town: Town
    head: Outbound

    async def append(self, text: str) -> None:
        self.town._seen(self.head.turn)

    async def finish(self, answer: Answer) -> Delivery:
        return await self.town.deliver(self.head)


@asynccontextmanager
async def serving(
    settings: Settings, town: Town, provider: Provider | None = None, kept: Stores | None = None
) -> AsyncIterator[Application]:
    """The application, warm; without a provider it answers from templates."""
    rulebook = Rulebook.of(Settings(), model_reads=provider is not None)
    async with application(
        settings,
        [town],
        clock=SystemClock(),
        telemetry=silent().also(town.told),
        provider=provider,
        rulebook=rulebook,
        kept=kept,
    ) as app:
        await town.talk_together(app, 20, 20, (ERRAND,), "warm")
        settle_memory()
        yield app
