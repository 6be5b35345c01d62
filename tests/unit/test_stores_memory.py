"""What MemoryProfiles adds to the contract: exact slices, bounds, and memory given back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.stores.memory import MemoryProfiles
from bot.identity import Person
from bot.profile.store import Changes
from tests.support.people import ANN, BEN, NOW, record


async def test_purging_frees_at_most_the_limit_nearest_expiry_first() -> None:
    store = MemoryProfiles()
    records = tuple(record(f"attribute_{number}", expires_at=NOW + 10 - number) for number in range(6))
    await store.write(ANN, Changes(put=records[:4]), NOW)
    await store.write(BEN, Changes(put=records[4:]), NOW)
    assert await store.purge(NOW + 10, 3) == 3
    assert {one.expires_at for one in await store.read(ANN, NOW)} == {NOW + 10, NOW + 9, NOW + 8}
    assert await store.purge(NOW + 10, 100) == 3
    assert await store.purge(NOW + 10, 100) == 0
    assert len(store) == 0


async def test_a_full_store_drops_the_record_nearest_to_its_expiry() -> None:
    store = MemoryProfiles(records=3)
    await store.write(ANN, Changes(put=(record("age", expires_at=NOW + 5), record("gender", expires_at=NOW + 50))), NOW)
    await store.write(BEN, Changes(put=(record("age", person=BEN, expires_at=NOW + 9),)), NOW)
    newcomer = Person("web", "w1", "u1")
    await store.write(newcomer, Changes(put=(record("age", person=newcomer, expires_at=NOW + 7),)), NOW)
    assert [one.attribute for one in await store.read(ANN, NOW)] == ["gender"]
    await store.write(newcomer, Changes(put=(record("gender", person=newcomer, expires_at=NOW + 8),)), NOW)
    assert await store.read(BEN, NOW) == ()
    assert len(store) == 3


async def test_one_person_cannot_fill_the_store() -> None:
    store = MemoryProfiles(records=100, records_per_person=2)
    for number in range(5):
        await store.write(ANN, Changes(put=(record(f"attribute_{number}", expires_at=NOW + 10 + number),)), NOW)
    assert [one.attribute for one in await store.read(ANN, NOW)] == ["attribute_3", "attribute_4"]
    assert len(store) == 2


steps = st.lists(
    st.tuples(
        st.sampled_from(["put", "purge", "erase"]),
        st.integers(0, 3),  # person
        st.integers(0, 2),  # attribute
        st.integers(0, 30),  # lifetime or slice
    ),
    max_size=60,
)


@given(steps)
async def test_whatever_happens_reads_show_exactly_what_was_put_and_lives(
    history: list[tuple[str, int, int, int]],
) -> None:
    store = MemoryProfiles()
    model: dict[int, dict[str, float]] = {}
    for moment, (step, who, which, amount) in enumerate(history):
        now = NOW + moment
        person, attribute = Person("web", "w1", f"u{who}"), f"attribute_{which}"
        known = model.setdefault(who, {})
        if step == "put":
            await store.write(person, Changes(put=(record(attribute, person=person, expires_at=now + amount),)), now)
            known[attribute] = now + amount
        elif step == "purge":
            assert await store.purge(now, amount) <= amount
        else:
            await store.erase(person)
            known.clear()
        for other, attributes in model.items():
            seen = {one.attribute: one.expires_at for one in await store.read(Person("web", "w1", f"u{other}"), now)}
            assert seen == {name: at for name, at in attributes.items() if at > now}
    await store.purge(NOW + 1000, 1000)
    assert len(store) == 0
