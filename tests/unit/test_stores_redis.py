"""What RedisProfiles adds to the contract: round trips, expiry by Redis itself, Redis down or under pressure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from adapters.stores.memory_ledger import MemoryVault
from adapters.stores.redis import RedisProfiles
from bot.errors import StoreUnavailable, Unreadable
from bot.identity import Person
from bot.profile.store import Changes
from tests.support.people import ANN, BEN, HOUR, NOW, record
from tests.support.servers import free_port, redis_server

pytestmark = pytest.mark.redis


@pytest.fixture
async def admin(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as admin:
        await admin.flushdb()
        yield admin


@pytest.fixture
async def store(redis_url: str, admin: Redis) -> AsyncIterator[RedisProfiles]:
    store = RedisProfiles(redis_url)
    yield store
    await store.close()


@asynccontextmanager
async def counted(url: str) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A proxy before Redis that keeps what clients send, one entry per packet of theirs."""
    host, _, port = url.removeprefix("redis://").partition("/")[0].partition(":")
    sent: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(host, int(port))

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, log: list[bytes] | None) -> None:
            while data := await source.read(65_536):
                if log is not None:
                    log.append(data)
                sink.write(data)
            sink.close()

        async with asyncio.TaskGroup() as group:
            group.create_task(pump(reader, up_writer, sent))
            group.create_task(pump(up_reader, writer, None))

    own = free_port()
    server = await asyncio.start_server(serve, "127.0.0.1", own)
    yield f"redis://127.0.0.1:{own}/0", sent
    server.close()


async def test_a_read_and_a_write_are_one_round_trip_each(redis_url: str, admin: Redis) -> None:
    async with counted(redis_url) as (url, sent):
        store = RedisProfiles(url)
        await store.write(ANN, Changes(put=(record(),)), NOW)  # connects, and loads the script
        sent.clear()
        await store.read(ANN, NOW)
        assert len(sent) == 1
        await store.write(ANN, Changes(put=(record("gender"), record("profession")), remove=("age",)), NOW)
        assert len(sent) == 2
        await store.write(ANN, Changes(), NOW)
        assert len(sent) == 2
        await store.erase(ANN)
        assert len(sent) == 3
        await store.close()


async def test_redis_counts_one_command_to_read_and_one_to_write(redis_url: str, admin: Redis) -> None:
    """What the server itself says it was asked; what a script calls within its one call stands beside it."""
    store = RedisProfiles(redis_url, MemoryVault())
    await store.write(ANN, Changes(put=(record(),)), NOW)
    assert await asked(admin, store.read(ANN, NOW)) == {"hvals": 1}
    turn = Changes(put=(record("gender"), record("profession")), remove=("age",))
    calls = await asked(admin, store.write(ANN, turn, NOW))
    assert calls.pop("evalsha") == 1
    assert calls.keys() <= {"hvals", "hgetall", "hdel", "hset", "hlen", "zadd", "pexpire"}
    await store.close()


async def asked(admin: Redis, doing: Awaitable[object]) -> dict[str, int]:
    """How often each command ran meanwhile."""
    await admin.config_resetstat()
    await doing
    stats = {name.removeprefix("cmdstat_"): each["calls"] for name, each in (await admin.info("commandstats")).items()}
    return {name: calls for name, calls in stats.items() if not name.startswith(("config", "info"))}


async def test_purging_frees_at_most_the_limit_and_then_everything(store: RedisProfiles, admin: Redis) -> None:
    records = tuple(record(f"attribute_{number}", expires_at=NOW + number) for number in range(1, 6))
    await store.write(ANN, Changes(put=(*records, record("lasting"))), NOW)
    await store.write(BEN, Changes(put=records), NOW)
    assert await store.purge(NOW, 100) == 0
    assert await store.purge(NOW + 10, 3) == 3
    assert await store.purge(NOW + 10, 100) == 7
    assert await store.purge(NOW + 10, 100) == 0
    assert [one.attribute for one in await store.read(ANN, NOW)] == ["lasting"]
    assert await store.purge(NOW + HOUR, 100) == 1
    assert await admin.keys() == []


async def test_redis_forgets_by_itself_when_nobody_sweeps(store: RedisProfiles, admin: Redis) -> None:
    await store.write(ANN, Changes(put=(record(expires_at=NOW + 60), record("gender", expires_at=NOW + 90))), NOW)
    assert 89_000 < await admin.pttl(f"raise:profile:{ANN}") <= 90_000
    await store.write(ANN, Changes(remove=("gender",)), NOW + 10)
    assert 49_000 < await admin.pttl(f"raise:profile:{ANN}") <= 50_000


async def test_one_person_has_a_bounded_profile(redis_url: str, admin: Redis) -> None:
    store = RedisProfiles(redis_url, records_per_person=2)
    for number in range(4):
        await store.write(ANN, Changes(put=(record(f"attribute_{number}", expires_at=NOW + 10 + number),)), NOW)
    assert [one.attribute for one in await store.read(ANN, NOW)] == ["attribute_2", "attribute_3"]
    await store.close()


async def test_a_profile_that_redis_evicted_is_simply_not_known(store: RedisProfiles, admin: Redis) -> None:
    await store.write(ANN, Changes(put=(record(),)), NOW)
    await admin.delete(f"raise:profile:{ANN}")
    assert await store.read(ANN, NOW) == ()
    assert await store.purge(NOW + HOUR, 10) == 0
    assert await admin.keys() == []


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl", "noeviction"])
async def test_under_pressure_everybody_gets_their_own_or_nothing(tmp_path: Path, policy: str) -> None:
    people = [Person("web", "w1", f"u{number}") for number in range(1_500)]
    with redis_server(tmp_path) as url:
        async with Redis.from_url(url) as admin:
            used = (await admin.info("memory"))["used_memory"]
            await admin.config_set("maxmemory", used + 600_000)
            await admin.config_set("maxmemory-policy", policy)
            store = RedisProfiles(url)
            refused = 0
            for person in people:
                own = record("profession", f"{person.user} {'x' * 500}", person=person)
                try:
                    await store.write(person, Changes(put=(own,)), NOW)
                except StoreUnavailable:
                    refused += 1
            found = [await store.read(person, NOW) for person in people]
            told = [(person, each) for person, known in zip(people, found, strict=True) for each in known]
            assert 0 < len(told) < len(people), "there was no pressure"
            assert all(each.value.said.reveal().startswith(f"{person.user} ") for person, each in told)
            evicted = (await admin.info("stats"))["evicted_keys"]
            assert (refused > 0) is (policy == "noeviction")
            assert (evicted > 0) is (policy != "noeviction")
            await store.purge(NOW + HOUR, 10_000)
            assert await store.erase(people[0]) in (0, 1)
            await store.close()


async def test_sealed_values_show_nothing_and_end_with_their_key(redis_url: str, admin: Redis) -> None:
    vault = MemoryVault()
    store = RedisProfiles(redis_url, vault)
    await store.write(ANN, Changes(put=(record("profession", "canary"),)), NOW)
    stored = await admin.hvals(f"raise:profile:{ANN}")
    assert b"canary" not in b"".join(stored)
    await vault.shred(ANN)
    with pytest.raises(Unreadable):
        await store.read(ANN, NOW)
    assert await store.erase(ANN) == 1
    await store.close()


async def test_what_another_release_wrote_is_unreadable_and_not_quoted(store: RedisProfiles, admin: Redis) -> None:
    await admin.hset(f"raise:profile:{ANN}", "age:x", f'{NOW + 5} [["canary"]]'.encode())
    with pytest.raises(Unreadable) as caught:
        await store.read(ANN, NOW)
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_redis_that_goes_away_is_said_and_its_return_is_noticed(tmp_path: Path) -> None:
    with redis_server(tmp_path) as url:
        store = RedisProfiles(url)
        await store.write(ANN, Changes(put=(record(),)), NOW)
    attempts = (
        store.read(ANN, NOW),
        store.write(ANN, Changes(remove=("age",)), NOW),
        store.erase(ANN),
        store.purge(NOW, 1),
    )
    for attempt in attempts:
        with pytest.raises(StoreUnavailable, match="RAISE_REDIS_URL"):
            await attempt
    port = int(url.rpartition(":")[2].partition("/")[0])
    with redis_server(tmp_path, port):
        assert await store.read(ANN, NOW) == ()
    await store.close()
