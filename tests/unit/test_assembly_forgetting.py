"""What several processes do about an erasure: the one that was asked ends it, and another one when that is dead."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.stores.memory_erasures import MemoryErasures
from adapters.stores.sql.erasures import SqlErasures
from bot.assembly.forgetting import LEFT_ALONE, Completion
from bot.clock import ManualClock
from bot.conversation.speaking import Speaker
from bot.errors import StoreUnavailable
from bot.identity import Person
from bot.profile.erasure import Erasures, Forgetting, Holding
from bot.telemetry.events import Telemetry
from tests.support.databases import in_sqlite, opened
from tests.support.people import ANN, BEN, NOW
from tests.support.policies import shipped


@pytest.mark.parametrize("crowded", [False, True])
async def test_a_fresh_erasure_is_left_to_the_living_process_that_was_asked(crowded: bool) -> None:
    async def others_live() -> bool:
        return crowded

    clock, ended = ManualClock(NOW), list[str]()
    telemetry = Telemetry(lambda event, fields: ended.append(event))
    forget = Forgetting(lambda spared: (), MemoryErasures(), clock)
    completion = Completion(forget, shipped(), Speaker({}), telemetry, others_live)
    await forget.log.begin(ANN, clock.now(), "en-US")
    await forget.note([BEN])
    await completion.catch_up()
    assert ended.count("forgotten") == (1 if crowded else 2)
    clock.advance(LEFT_ALONE)
    await completion.catch_up()
    assert ended.count("forgotten") == 2
    assert await forget.interrupted() == ()


async def test_no_two_erasures_have_the_same_moment_even_while_the_clock_stands_still() -> None:
    """Their receipts are told apart by it."""
    forget = Forgetting(lambda spared: (), MemoryErasures(), ManualClock())
    moments = set[str]()
    for person in (ANN, BEN, ANN):
        pending, receipt = await forget.erase(person)
        await forget.finish(person, receipt)
        moments.add(f"{pending.asked_at:.6f}")
    assert len(moments) == 3


async def test_until_its_person_was_told_nobody_else_here_takes_an_erasure_up() -> None:
    """What they write after the receipt would go with a second one."""
    ended = list[str]()
    forget = Forgetting(lambda spared: (), MemoryErasures(), ManualClock(NOW))
    completion = Completion(forget, shipped(), Speaker({}), Telemetry(lambda event, fields: ended.append(event)))
    with forget.alone(ANN):
        await forget.erase(ANN, "en-US")
        await completion.catch_up()
        assert ended == []
    await completion.catch_up()
    assert ended.count("forgotten") == 1


@pytest.fixture(params=["memory", "sql"])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Erasures]:
    if request.param == "memory":
        yield MemoryErasures()
    else:
        async with opened(in_sqlite(tmp_path / "raise.db")) as database:
            yield SqlErasures(database, (bytes(32),))


@dataclass
class Cupboard:
    """A store of one person."""

    items: int
    away: bool = False

    async def erase(self, person: Person) -> int:
        if self.away:
            raise StoreUnavailable("away for this test")
        gone, self.items = self.items, 0
        return gone


async def test_what_they_say_once_they_were_told_stays_though_the_process_died_of_telling_them(log: Erasures) -> None:
    profile = Cupboard(3)
    forget = Forgetting(lambda spared: (Holding("profile", profile), Holding("keys", Cupboard(0))), log, ManualClock())
    completion = Completion(forget, shipped(), Speaker({}), Telemetry(lambda event, fields: None))
    _, receipt = await forget.erase(ANN, "en-US")
    profile.items = 2
    await completion.catch_up()
    assert profile.items == 2
    assert await forget.interrupted() == ()
    assert [past.receipt for past in await log.receipts(ANN)] == [receipt]


async def test_whoever_asks_again_before_that_is_forgotten_again(log: Erasures) -> None:
    profile = Cupboard(3)
    forget = Forgetting(lambda spared: (Holding("profile", profile),), log, ManualClock())
    completion = Completion(forget, shipped(), Speaker({}), Telemetry(lambda event, fields: None))
    await forget.erase(ANN, "en-US")
    profile.items, profile.away = 2, True
    with pytest.raises(StoreUnavailable):
        await forget.erase(ANN, "en-US")
    profile.away = False
    await completion.catch_up()
    assert profile.items == 0
    assert await forget.interrupted() == ()
