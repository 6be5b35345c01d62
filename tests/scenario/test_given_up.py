"""A turn whose process dies with it again and again is given up, and its person is told: on the real engine."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.engine.dbos import DbosEngine
from adapters.engine.lease import Terms
from adapters.stores.memory_standing import MemoryConsents
from bot.assembly.application import Application, application
from bot.assembly.stores import Stores, in_memory
from bot.chat import Inbound, Said
from bot.clock import ManualClock, SystemClock
from bot.conversation.engine import Steps
from bot.identity import DIRECT, Person
from bot.private import Private
from bot.profile.consent import Standing
from bot.risk.flags import Flag
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry
from tests.scenario.conversations import CRISIS, HEARTBREAK
from tests.support.down import WeakTerminal
from tests.support.policies import rulebook

ANN = Person("terminal", "w1", "ann")
OFTEN = Terms(every=0.05, lasts=5.0, margin=0.5)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_database"))
    return f"sqlite:///{tmp_path}/turns.sqlite"


async def test_the_limit_is_kept_and_steps_of_the_turn_do_not_stand_in_the_way(url: str) -> None:
    """Begun three times where two crashes are allowed; the next turn of the conversation comes after it."""
    did: list[str] = []
    begun = asyncio.Event()

    async def dies(turn_id: str, steps: Steps) -> None:
        async def step() -> str:
            did.append(f"step of {turn_id}")
            return ""

        await steps.run("0:Say", step)
        did.append(turn_id)
        if turn_id == "deadly":
            begun.set()
            await asyncio.Event().wait()

    async def give_up(turn_id: str, steps: Steps) -> None:
        async def tell() -> str:
            did.append(f"told of {turn_id}")
            return "told"

        assert await steps.run("failed", tell) == "told"

    engine = DbosEngine(url, SystemClock(), crashes=2, terms=OFTEN, pauses=())
    for life in range(3):
        await engine.start(dies, give_up)
        if life == 0:
            for turn_id in ("deadly", "after it"):
                assert await engine.submit(turn_id, "c1")
        await begun.wait()
        begun.clear()
        await engine.stop(0)
    await engine.start(dies, give_up)
    await engine.finished("after it")
    assert Counter(did) == Counter(
        {"step of deadly": 1, "deadly": 3, "told of deadly": 1, "step of after it": 1, "after it": 1}
    )
    assert not await engine.submit("deadly", "c1")
    await engine.stop(5)


class DeadlyConsents(MemoryConsents):
    """Asking ends the process, before anything is decided: as far as a turn can tell, it never goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()

    async def read(self, person: Person) -> Standing:
        self.reached.set()
        await asyncio.Event().wait()
        return Standing()


class Deployment:
    """What outlives its processes: stores, the people's terminal, what was told."""

    def __init__(self, kept: Stores, refusals: int) -> None:
        self.kept = kept
        self.shown: list[dict[str, Any]] = []
        self.events: list[str] = []
        self.flags: list[Flag] = []
        self.ended = asyncio.Event()
        self._platform = WeakTerminal(lambda line: self.shown.append(json.loads(line)), refusals)

    @asynccontextmanager
    async def process(self) -> AsyncIterator[Application]:
        def sink(event: str, fields: dict[str, Any]) -> None:
            self.events.append(event)
            if event == Event.TURN_ENDED and fields["outcome"] in ("failed", "ended"):
                self.ended.set()

        core = application(
            Settings(),
            [self._platform],
            clock=ManualClock(),
            telemetry=Telemetry(sink),
            rulebook=rulebook(model_reads=False),
            on_flag=self.flags.append,
            kept=self.kept,
        )
        async with core as app:
            yield app


@pytest.mark.parametrize(
    ("said", "refusals", "kinds", "flagged"),
    [(HEARTBREAK, 0, ["notice"], 0), (CRISIS, 0, ["crisis"], 1), (CRISIS, 1, ["crisis"], 1)],
    ids=["a question", "a crisis, shown", "a crisis that could not be shown"],
)
async def test_the_person_is_told_once_and_danger_is_flagged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, refusals: int, kinds: list[str], flagged: int
) -> None:
    monkeypatch.setattr(sys.modules[application.__module__], "STOP_SECONDS", 0.0)
    engine = DbosEngine(f"sqlite:///{tmp_path}/turns.sqlite", SystemClock(), crashes=0, terms=OFTEN)
    async with in_memory(ManualClock()) as kept:
        consents = DeadlyConsents()
        world = Deployment(replace(kept, engine=engine, consents=consents), refusals)
        async with world.process() as app:
            inbound = Inbound("e1", ANN, DIRECT, Said(Private(said)), 0.0, "en-US")
            receipt = await app.intake.accept(inbound)
            await consents.reached.wait()
        assert await kept.ledger.waiting() == 1
        async with world.process():
            await world.ended.wait()
        assert await kept.ledger.waiting() == 0
        assert await kept.ledger.turn(receipt.turn_id) is None
    assert [line["kind"] for line in world.shown] == kinds
    assert kinds != ["notice"] or "went wrong on my side" in world.shown[0]["text"]
    assert len(world.flags) == flagged
    assert world.events.count("turn_given_up") == 1
