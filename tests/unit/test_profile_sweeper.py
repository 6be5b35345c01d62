"""The sweeper: slices, stores on their own, and what happens while one is down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from adapters.stores.memory import MemoryProfiles
from bot.clock import ManualClock
from bot.errors import StoreError, StoreUnavailable
from bot.identity import Person
from bot.profile.store import Changes
from bot.profile.sweeper import SLICE, Swept, empty, sweep
from tests.support.people import NOW, record


def unheard(name: str, error: StoreError) -> None:
    pytest.fail(f"{name} failed: {error}")


async def full(people: int) -> MemoryProfiles:
    store = MemoryProfiles()
    for number in range(people):
        person = Person("web", "w1", f"u{number}")
        records = (record("age", person=person), record("gender", person=person, expires_at=NOW + 1e6))
        await store.write(person, Changes(put=records), NOW)
    return store


async def test_everything_expired_goes_in_slices_with_room_for_others_between() -> None:
    store, clock = await full(3 * SLICE), ManualClock(NOW + 1e5)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    assert await empty(store, clock) == 3 * SLICE
    beside.cancel()
    assert turns >= 3
    assert len(store) == 3 * SLICE
    assert await empty(store, clock) == 0


class Down:
    """A store that is down for its first calls."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.back = asyncio.Event()

    async def purge(self, now: float, limit: int) -> int:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("down")
        self.back.set()
        return 0


async def swept(stores: list[Swept], observe: Callable[[str, StoreError], None], until: Awaitable[object]) -> None:
    task = asyncio.create_task(sweep(stores, ManualClock(NOW + 1e5), observe, every=0.001))
    await until
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_store_that_is_down_is_tried_again_and_does_not_hold_up_the_others() -> None:
    down, memory = Down(failures=3), await full(5)
    troubles: list[str] = []
    stores = [Swept("down", down), Swept("profiles", memory)]
    await swept(stores, lambda name, error: troubles.append(f"{name}: {error}"), down.back.wait())
    assert troubles == ["down: down"] * 3
    assert len(memory) == 5


async def test_it_sweeps_again_and_again() -> None:
    store = Down(failures=0)

    async def twice() -> None:
        await store.back.wait()
        store.back.clear()
        await store.back.wait()

    await swept([Swept("store", store)], unheard, twice())
