"""One world: people, the bot, and everything between them that may go wrong; the same again for the same seed."""

from __future__ import annotations

import asyncio
import gc
import random
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from adapters.models.resilience import Resilient
from adapters.stores.memory import MemoryProfiles
from adapters.stores.sql.erasure_tables import erasures
from adapters.stores.sql.tables import decisions, turns
from adapters.stores.sql.vault import SqlVault
from bot.assembly.stores import Stores
from bot.assembly.stores_sql import over
from bot.chat import Inbound, Outbound
from bot.conversation.codec import encode
from bot.conversation.states import home
from bot.errors import StoreError, Unreadable
from bot.identity import Person
from bot.llm import Prompt, Provider
from tests.support.policies import rulebook
from tests.support.simulation.engine import SimulatedEngine, Tape
from tests.support.simulation.happened import Happened
from tests.support.simulation.life import Life, buried, owned
from tests.support.simulation.loop import SimulatedLoop, StuckError
from tests.support.simulation.model import SimulatedModel
from tests.support.simulation.people import PEOPLE, People
from tests.support.simulation.platform import Shown, SimulatedPlatform
from tests.support.simulation.postbox import Postbox
from tests.support.simulation.stores import Disk, SimulatedDatabase, SimulatedProfiles
from tests.support.simulation.troubles import Troubles
from tests.support.simulation.ways import Way
from tests.support.simulation.witness import TURN, Witness

START: Final = 1_767_225_600.0
PATIENCE: Final = 400.0
"""Seconds within which everything comes to rest once nothing goes wrong any more."""
_KEYS: Final = (b"simulated deployment key, 32 by.",)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a seed: what is broken, what happened moment by moment, and how long it took in its own time."""

    seed: int
    problems: tuple[str, ...]
    trace: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Sabotage:
    """Parts that do wrong, put in place of the right ones: what a witness is for."""

    stores: Callable[[Stores], Stores] = lambda stores: stores
    provider: Callable[[Provider], Provider] = lambda provider: provider
    platform: Callable[[SimulatedPlatform], Any] = lambda platform: platform


HONEST: Final = Sabotage()


class World:
    """One run of one seed."""

    def __init__(self, seed: int, disk: Disk, sabotage: Sabotage = HONEST) -> None:
        self.seed = seed
        self.disk = disk
        self._sabotage = sabotage
        self.loop = SimulatedLoop(owned)
        self.loop.set_exception_handler(self._unhandled)
        self._chance = random.Random(f"{seed}-world")
        network = random.Random(f"{seed}-network")
        self.jumped = 0.0
        self.trace: list[str] = []
        self.people = People(seed, random.Random(f"{seed}-people"))
        self.rulebook = rulebook(model_reads=self._chance.random() < 0.5)
        policy = self.rulebook.policy()
        self.witness = Witness(self.people, policy, self.loop.time, self._now, self._claimed)
        self.database = Way("the database", network)
        self.redis = Way("Redis", network)
        self.profiles = MemoryProfiles()
        self.tape: Tape = {}
        names = dict.fromkeys(person.platform for person in PEOPLE)
        self.platforms = [SimulatedPlatform(name, network, self._offered, self._showed) for name in names]
        self.model = SimulatedModel(network, self._asked, parrot=self._chance.random() < 0.5)
        self._resilient = self._chance.random() < 0.5
        self.postbox = Postbox(self, network)
        self.troubles = Troubles(self, random.Random(f"{seed}-troubles"))
        self.life: Life | None = None
        self._down = asyncio.Event()

    # -- what the process finds around it ----------------------------------------------------------------------------

    def wall(self) -> float:
        return START + self.loop.time() + self.jumped

    def open_stores(self, life: Life) -> Stores:
        database = SimulatedDatabase(self.disk, self.database)
        vault = SqlVault(database, _KEYS, life.clock)
        engine = SimulatedEngine(self.tape, self.database, self._turn_begins, self.witness.cancelled.add)
        profiles = SimulatedProfiles(self.profiles, self.redis, self.witness.wrote)
        return self._sabotage.stores(over(database, vault, _KEYS, life.clock, engine, profiles))

    def ways_to_people(self) -> list[Any]:
        return [self._sabotage.platform(each) for each in self.platforms]

    def provider(self, life: Life) -> Provider:
        model = self._sabotage.provider(self.model)
        return Resilient([model], life.clock, chance=self._chance.random) if self._resilient else model

    def ended(self, life: Life) -> None:
        self._down.set()

    def _turn_begins(self, turn_id: str) -> None:
        TURN.set(turn_id)
        self.witness.turn_begins(turn_id)
        self.note(f"turn {turn_id} runs")

    # -- what is seen ------------------------------------------------------------------------------------------------

    def note(self, line: str) -> None:
        self.trace.append(f"{self.loop.time():9.3f} {line}")

    def _now(self) -> float:
        return self.life.clock.now() if self.life is not None else self.wall()

    def _claimed(self) -> frozenset[str]:
        return frozenset(row.turn_id for row in self.disk.rows(turns))

    def being_forgotten(self, person: Person) -> bool:
        """Whether an erasure of them is under way: what arrives until everything is removed may go with the rest."""
        return any(row.person == str(person) and not row.erased for row in self.disk.rows(erasures))

    def _offered(self, message: Outbound) -> None:
        self.witness.offered(message)

    def _showed(self, shown: Shown) -> None:
        where = shown.audience.id or "private"
        self.note(f"{shown.message.to} sees in {where}: {type(shown.body).__name__} {shown.message.id}")
        shown.life = 0 if self.life is None else self.life.number
        self.witness.showed(shown)

    def _asked(self, prompt: Prompt) -> None:
        self.note(f"the model is asked: {prompt.purpose} in {TURN.get()}")
        self.witness.asked(prompt)

    def _unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.witness.complain(f"unhandled: {context.get('message')}: {context.get('exception')!r}")

    # -- the course of things ----------------------------------------------------------------------------------------

    def run(self) -> Outcome:
        self.disk.renew()
        gc.disable()  # it would end what is left of a dead process at any moment
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                self.loop.run_until_complete(self._course())
        except StuckError as problem:
            self.witness.complain(f"stuck: {problem}")
        finally:
            gc.enable()
            self.loop.close()
        return Outcome(self.seed, tuple(self.witness.problems), tuple(self.trace), self.loop.time())

    async def _course(self) -> None:
        living = asyncio.create_task(self._live())
        self.troubles.begin()
        for number in range(self.people.chance.randint(8, 18)):
            await asyncio.sleep(self.people.chance.expovariate(2.5))
            self._act(number)
        await self.troubles.end()
        self.postbox.reliable = True
        await self._come_to_rest()
        await self._look_into_stores()
        self.witness.folded |= {row.turn_id for row in self.disk.rows(decisions) if row.kind == "folded"}
        self.witness.conclude()
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
        await self.postbox.end()
        if self.life is not None:
            self.life.kill()
            await buried(self.life)

    async def _live(self) -> None:
        """One process after the other."""
        number = 0
        while True:
            number += 1
            self._down.clear()
            self.life = life = Life(self, number)
            self.note(f"life {number} begins")
            await self._down.wait()
            await buried(life)
            self.note(f"life {number} is over{'' if life.problem is None else f': {type(life.problem).__name__}'}")
            if life.problem is not None and not isinstance(life.problem, StoreError):
                self.witness.complain(f"life {number} ended: {life.problem!r}")
            await asyncio.sleep(self._chance.uniform(0.1, 2.0))

    def _act(self, number: int) -> None:
        person, space, content = self.people.act(number)
        happened = Happened(number, Inbound(f"e{number}", person, space, content, self.wall(), "en-US"))
        self.witness.does(happened)
        self.note(f"{person} in {space.id or 'private'}: {happened}")
        self.postbox.send(happened)

    async def _come_to_rest(self) -> None:
        until = self.loop.time() + PATIENCE
        while (left := self._unrest()) and not self.witness.problems and self.loop.time() < until:  # noqa: ASYNC110 - simulated seconds cost nothing
            await asyncio.sleep(0.5)
        if left:
            self.witness.complain(f"this never came to rest: {left}")

    def _unrest(self) -> list[str]:
        """Events not acknowledged, turns not ended, people not forgotten who asked for it."""
        waiting = [each.turn for each in self.witness.happened if each.accepted is None]
        waiting += [turn_id for turn_id, row in self.tape.items() if not row.ended]
        waiting += [row.turn_id for row in self.disk.rows(turns) if row.closed_at is None]
        return waiting or [f"the erasure of {row.person}" for row in self.disk.rows(erasures)]

    async def _look_into_stores(self) -> None:
        """Nothing of anybody else, nothing forgotten, nothing that could be read without its key."""
        life = self.life
        if life is None or life.app is None:
            return self.witness.complain("no process lives at the end")
        now = life.clock.now()
        for person in PEOPLE:
            state = None
            with suppress(Unreadable):  # its key is gone, and so is what it said
                state = await life.app.stores.ledger.state(home(person), now)
            if state is not None:
                self.witness.theirs(f"the state of {person}", person, encode(state).decode())
            for record in await self.profiles.read(person, now):
                self.witness.theirs(f"the profile of {person}", person, record.value.said.reveal())
        if f"zq{self.seed}x".encode() in self.disk.contents():
            self.witness.complain("what somebody told can be read in the database without any key")
        return None
