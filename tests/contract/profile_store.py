"""What every ProfileStore does. Subclass and give a ``store`` fixture."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.profile.attributes import Scope
from bot.profile.record import Source
from bot.profile.store import Changes, ProfileStore
from tests.support.people import ANN, ANN_ELSEWHERE, BEN, CHANNEL, HOUR, NOW, record


class ProfileStoreContract:
    async def test_nobody_is_known_at_first(self, store: ProfileStore) -> None:
        assert await store.read(ANN, NOW) == ()

    async def test_a_record_comes_back_as_it_was(self, store: ProfileStore) -> None:
        odd = record("profession", "naïve ‏שלום 🫶 \x00 \ud800 'quoted'\n", bucket=None, source=Source.MODEL)
        narrow = record("age", scope=Scope.CONVERSATION, space=CHANNEL, conversation="another key", observed_at=NOW + 1)
        await store.write(ANN, Changes(put=(odd, narrow)), NOW)
        assert await store.read(ANN, NOW) == (odd, narrow)

    async def test_a_moved_record_comes_back_as_one_and_leaves_its_place_alone(self, store: ProfileStore) -> None:
        told, moved = record(), replace(record(space=CHANNEL), moved=True)
        await store.write(ANN, Changes(put=(told, moved)), NOW)
        assert {one.moved: one for one in await store.read(ANN, NOW)} == {False: told, True: moved}
        await store.write(ANN, Changes(put=(replace(moved, expires_at=NOW + 1),)), NOW + 1)
        assert await store.read(ANN, NOW + 1) == (told,)

    async def test_records_are_read_oldest_first(self, store: ProfileStore) -> None:
        records = [record(name, observed_at=NOW - age) for name, age in (("age", 1), ("gender", 3), ("profession", 2))]
        for one in records:
            await store.write(ANN, Changes(put=(one,)), NOW)
        assert [one.attribute for one in await store.read(ANN, NOW)] == ["gender", "profession", "age"]

    async def test_a_later_value_replaces_the_earlier_one_of_its_place_only(self, store: ProfileStore) -> None:
        here, there = record(said="30"), record(said="31", space=CHANNEL)
        await store.write(ANN, Changes(put=(here, there)), NOW)
        later = replace(record(said="32"), observed_at=NOW + 1, expires_at=NOW + 2 * HOUR)
        await store.write(ANN, Changes(put=(later,)), NOW + 1)
        assert await store.read(ANN, NOW + 1) == (there, later)

    async def test_a_removed_attribute_is_gone_everywhere(self, store: ProfileStore) -> None:
        kept = record("gender")
        await store.write(ANN, Changes(put=(record(), record(space=CHANNEL), kept)), NOW)
        await store.write(ANN, Changes(remove=("age", "never known")), NOW)
        assert await store.read(ANN, NOW) == (kept,)

    async def test_removing_and_putting_at_once_keeps_what_is_put(self, store: ProfileStore) -> None:
        await store.write(ANN, Changes(put=(record(space=CHANNEL),)), NOW)
        corrected = record(said="41", source=Source.CORRECTION)
        await store.write(ANN, Changes(put=(corrected,), remove=("age",)), NOW)
        assert await store.read(ANN, NOW) == (corrected,)

    async def test_no_changes_change_nothing(self, store: ProfileStore) -> None:
        await store.write(ANN, Changes(put=(record(),)), NOW)
        await store.write(ANN, Changes(), NOW)
        assert await store.read(ANN, NOW) == (record(),)

    async def test_a_record_is_hidden_at_the_instant_it_expires(self, store: ProfileStore) -> None:
        short, long = record("age", expires_at=NOW + 10), record("gender", expires_at=NOW + 20)
        await store.write(ANN, Changes(put=(short, long)), NOW)
        assert await store.read(ANN, NOW + 9.999) == (short, long)
        assert await store.read(ANN, NOW + 10) == (long,)
        assert await store.read(ANN, NOW + 20) == ()

    async def test_reading_does_not_extend(self, store: ProfileStore) -> None:
        await store.write(ANN, Changes(put=(record(expires_at=NOW + 10),)), NOW)
        for moment in range(10):
            assert len(await store.read(ANN, NOW + moment)) == 1
        assert await store.read(ANN, NOW + 10) == ()

    async def test_writing_something_else_does_not_extend(self, store: ProfileStore) -> None:
        await store.write(ANN, Changes(put=(record(expires_at=NOW + 10),)), NOW)
        await store.write(ANN, Changes(put=(record("gender", expires_at=NOW + HOUR),)), NOW + 5)
        assert [one.attribute for one in await store.read(ANN, NOW + 10)] == ["gender"]

    async def test_what_is_expired_when_written_is_never_seen(self, store: ProfileStore) -> None:
        await store.write(ANN, Changes(put=(record(expires_at=NOW + 5),)), NOW)
        await store.write(ANN, Changes(put=(record(said="new", expires_at=NOW + 1),)), NOW + 1)
        assert await store.read(ANN, NOW + 1) == ()

    async def test_people_are_kept_apart(self, store: ProfileStore) -> None:
        await store.write(ANN, Changes(put=(record(said="ann"),)), NOW)
        await store.write(BEN, Changes(put=(record(said="ben", person=BEN),)), NOW)
        assert await store.read(ANN, NOW) == (record(said="ann"),)
        assert await store.read(BEN, NOW) == (record(said="ben", person=BEN),)
        assert await store.read(ANN_ELSEWHERE, NOW) == ()

    async def test_erasing_removes_one_person_and_counts(self, store: ProfileStore) -> None:
        await store.write(ANN, Changes(put=(record(), record("gender"))), NOW)
        await store.write(BEN, Changes(put=(record(person=BEN),)), NOW)
        assert await store.erase(ANN) == 2
        assert await store.erase(ANN) == 0
        assert await store.read(ANN, NOW) == ()
        assert len(await store.read(BEN, NOW)) == 1

    async def test_purging_takes_nothing_that_is_alive(self, store: ProfileStore) -> None:
        short, long = record("age", expires_at=NOW + 10), record("gender", expires_at=NOW + 20)
        await store.write(ANN, Changes(put=(short, long)), NOW)
        await store.write(BEN, Changes(put=(record(person=BEN, expires_at=NOW + 10),)), NOW)
        await store.purge(NOW + 9, 100)
        assert len(await store.read(ANN, NOW + 9)) == 2
        await store.purge(NOW + 10, 100)
        assert await store.read(ANN, NOW + 10) == (long,)

    async def test_writes_beside_each_other_are_all_kept(self, store: ProfileStore) -> None:
        names = [f"attribute_{number}" for number in range(20)]
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(store.write(ANN, Changes(put=(record(name),)), NOW))
        assert {one.attribute for one in await store.read(ANN, NOW)} == set(names)
