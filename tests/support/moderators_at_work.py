"""One process of moderators at work, for the simulation: claims, decides, extends, forgets about its claims.

``python -m tests.support.moderators_at_work DATABASE NAME MODERATORS SEED BEGAN`` works until nothing is left or it is
killed, on a clock that runs a thousand times faster than the wall.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time

from adapters.stores.memory_ledger import MemoryVault
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.review import sql_review
from bot.clock import ManualClock
from bot.errors import ReviewError
from bot.review.judgements import Escalate, Judgement, NoRisk, Watch
from bot.review.moderators import EVERYWHERE, Moderator, Role
from bot.review.store import Filter
from bot.review.trail import Seal
from tests.support.people import DAY, NOW
from tests.support.reviewing import KEYS, Room, joined, room

FASTER = 1_000
JUDGEMENTS: tuple[Judgement, ...] = (NoRisk(), NoRisk(), Watch(30 * DAY), Escalate())


class FastClock(ManualClock):
    """Every process of the simulation reads the same time from the wall."""

    def __init__(self, began: float) -> None:
        super().__init__(NOW)
        self._began = began

    def now(self) -> float:
        return NOW + FASTER * max(0.0, time.time() - self._began)


def desk_of(database: SqlDatabase, began: float) -> Room:
    """A desk on the fast clock, in a process that serves nobody."""
    return room(joined(sql_review(database, MemoryVault(), Seal(KEYS))), platforms=frozenset(), clock=FastClock(began))


async def work(here: Room, who: Moderator, chance: random.Random) -> None:
    """Until nobody waits: take the next case; decide it, keep it for longer, give it back, or forget about it."""
    while (await here.desk.list(who, limit=1)).cases:
        case = await here.desk.claim_next(who)
        if case is None:
            await asyncio.sleep(0.02)
            continue
        try:
            match chance.randrange(10):
                case 0:
                    pass  # gone home: the claim runs out
                case 1:
                    await here.desk.release(who, case.id)
                case 2:
                    await here.desk.extend(who, case.id)
                    await here.desk.decide(who, case.id, NoRisk())
                case 3:
                    await asyncio.sleep(1.0)  # longer than a claim lasts: too late to decide
                    await here.desk.decide(who, case.id, NoRisk())
                case _:
                    await here.desk.decide(who, case.id, chance.choice(JUDGEMENTS))
        except ReviewError:
            continue


async def keep_time(here: Room) -> None:
    """The timers, until nobody waits."""
    while await here.store.listed(Filter(), None, 1):
        await here.timers.sweep()
        await asyncio.sleep(0.02)


async def at_work(url: str, name: str, moderators: int, seed: int, began: float) -> None:
    database = SqlDatabase(url)
    await database.open()
    here = desk_of(database, began)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(keep_time(here))
            for number in range(moderators):
                who = Moderator(f"{name}-{number}", Role.MODERATOR, EVERYWHERE)
                group.create_task(work(here, who, random.Random(f"{seed}-{who.name}")))
    finally:
        await database.close()


if __name__ == "__main__":
    address, process, count, number, start = sys.argv[1:]
    asyncio.run(at_work(address, process, int(count), int(number), float(start)))
