"""Memory: what each live conversation and each profile takes, at a thousand, ten thousand and a hundred thousand."""

from __future__ import annotations

import asyncio
import gc
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import redis.asyncio

from adapters.stores.memory import MemoryProfiles
from adapters.stores.memory_ledger import MemoryVault
from adapters.stores.redis import RedisProfiles
from bot.assembly.measuring import CONVERSATION
from bot.clock import Seconds, SystemClock
from bot.errors import StoreUnavailable
from bot.identity import Person
from bot.profile.store import Changes, ProfileStore
from bot.settings import Settings
from tests.support.bench.figures import Curve, Figure, Found, Scale
from tests.support.bench.inside import AGAIN, Town, serving
from tests.support.people import DAY, record
from tests.support.processes import resident
from tests.support.servers import redis_server

TOGETHER = 16
"""Fewer than the connections to Redis, of which nobody waits longer than half a second for one."""
BATCH = 1_000
RECORDS = 3
IN_REDIS = 10_000
"""Redis keeps every profile alike, so more of them would show nothing."""
Points = list[tuple[float, float]]


async def measure(scale: Scale) -> Found:
    """Conversations: each person has written one hard question and was asked something, all in memory. Profiles: three
    records each, in memory and in Redis (sealed)."""
    counts = [100, 200] if scale.quick else [1_000, 3_000, 10_000, 30_000, 100_000]
    few = [count for count in counts if count <= IN_REDIS]
    kept = MemoryProfiles()  # to the end: conversations would be put where it had been, and seem to take nothing
    profiles = await _profiles(kept, counts, _own)
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as url:
        vault = MemoryVault()
        store, client = RedisProfiles(url, vault), redis.asyncio.from_url(url)

        async def theirs() -> float:
            return float((await client.info("memory"))["used_memory"]) / 2**20

        in_redis = await _profiles(store, few, theirs)
        await store.close()
        await client.aclose()
    conversations = await _conversations(counts)
    assert len(kept) == counts[-1] * RECORDS
    lines = {"conversations": conversations, "profiles": profiles, "profiles in Redis": in_redis}
    names = {"conversations": "conversation", "profiles": "profile", "profiles in Redis": "profile in Redis"}
    figures = [
        Figure(f"a {names[name]}, of {count:,.0f}", 1024 * megabytes / count, "KB")
        for name, points in lines.items()
        for count, megabytes in points
        if count in {100, 1_000, 10_000, 100_000}
    ]
    here = {name: points for name, points in lines.items() if points is not in_redis}
    return Found(tuple(figures), (Curve("growth", "Memory as more people talk", "people", "MB", here),))


async def _conversations(counts: Sequence[int]) -> Points:
    town, points, done = Town(), Points(), 0
    async with serving(Settings(), town) as app:
        before = resident()
        for count in counts:
            while done < count:
                people = min(BATCH, count - done)
                await town.talk_together(app, people, TOGETHER, CONVERSATION[:1], f"{done}-")
                town.forget()
                done += people
            points.append((count, max(0.0, resident() - before)))
    return points


async def _profiles(store: ProfileStore, counts: Sequence[int], megabytes: Callable[[], Awaitable[float]]) -> Points:
    points, done, now = Points(), 0, SystemClock().now()
    gc.collect()
    before = await megabytes()
    for count in counts:
        left = iter(range(done, count))

        async def some(left: Iterator[int] = left) -> None:
            for number in left:
                person = Person("bench", "w", f"p{number}")
                await _written(store, person, now)

        async with asyncio.TaskGroup() as group:
            for _ in range(TOGETHER):
                group.create_task(some())
        done = count
        points.append((count, max(0.0, await megabytes() - before)))
    return points


async def _written(store: ProfileStore, person: Person, now: Seconds) -> None:
    """Once the store takes it: where others have the cores, Redis is late now and then."""
    while True:
        try:
            return await store.write(person, _told(person, now), now)
        except StoreUnavailable:
            await asyncio.sleep(AGAIN)


async def _own() -> float:
    return resident()


def _told(person: Person, now: Seconds) -> Changes:
    """Three things that somebody told."""
    said = (("age", "I'm 34"), ("emotional_state", "lonely since the winter"), ("profession", "a nurse on nights"))
    return Changes(
        tuple(record(name, words, person=person, observed_at=now, expires_at=now + DAY) for name, words in said)
    )
