"""What every EvidenceStore does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.errors import InputError
from bot.raise_core.paths.evidence import Evidence, JudgedSet
from bot.raise_core.paths.index import EvidenceStore, PlannedQuery
from bot.raise_core.paths.lessons import lesson

NOTHING: frozenset[str] = frozenset()


def planned(name: str, embedder: str = "hashing-3", score: float = 4.0) -> PlannedQuery:
    judged = (
        JudgedSet(NOTHING, 3.0, 2),
        JudgedSet(frozenset({"age"}), score, 3),
        JudgedSet(frozenset({"age", "emotional_state"}), 4.5, 1),
    )
    evidence = Evidence(f"How do I {name}?", "health", judged, ("age",), {"age": "34"}, {"age": 0.5})
    vector = np.zeros(8, dtype=np.float32)
    vector[len(name) % 8] = 1.0
    return PlannedQuery(name, evidence, embedder, vector, "run-1", 12.5)


class EvidenceStoreContract:
    async def test_what_is_put_is_got(self, store: EvidenceStore) -> None:
        assert await store.get(["sleep"]) == {}
        assert await store.counts() == {}
        await store.put([planned("sleep"), planned("eat")])
        got = await store.get(["sleep", "unknown"])
        assert got == {"sleep": planned("sleep")}
        assert got["sleep"].vector.dtype == np.float32
        assert got["sleep"].vector.tolist() == planned("sleep").vector.tolist()

    async def test_put_replaces_and_keeps_the_order(self, store: EvidenceStore) -> None:
        await store.put([planned("sleep"), planned("eat")])
        await store.put([planned("sleep", score=2.0)])
        assert (await store.get(["sleep"]))["sleep"] == planned("sleep", score=2.0)
        block = await store.block("hashing-3", 0, 1)
        assert block is not None
        assert block.vectors.tolist() == [planned("sleep").vector.tolist()]

    async def test_nothing_is_put_when_one_cannot_be(self, store: EvidenceStore) -> None:
        wide = frozenset(f"attribute_{number}" for number in range(20))
        evidence = replace(planned("wide").evidence, judged=(JudgedSet(wide, 3.0, 1),))
        with pytest.raises(InputError):
            await store.put([planned("sleep"), replace(planned("wide"), evidence=evidence)])
        assert await store.counts() == {}

    async def test_pages_follow_the_ids(self, store: EvidenceStore) -> None:
        await store.put([planned("c"), planned("a"), planned("b", "other-1")])
        assert [each.id for each in await store.page("", 2)] == ["a", "b"]
        assert [each.id for each in await store.page("b", 2)] == ["c"]
        assert [each.id for each in await store.page("", 5, not_by="hashing-3")] == ["b"]
        assert await store.page("c", 2) == ()

    async def test_vectors_come_in_blocks_by_embedder(self, store: EvidenceStore) -> None:
        await store.put([planned("a"), planned("bb", "other-1"), planned("ccc"), planned("dddd")])
        assert await store.counts() == {"hashing-3": 3, "other-1": 1}
        first = await store.block("hashing-3", 0, 2)
        assert first is not None
        assert first.ids == ("a", "ccc")
        assert first.domains == ("health", "health")
        assert first.vectors.tolist() == [planned("a").vector.tolist(), planned("ccc").vector.tolist()]
        second = await store.block("hashing-3", first.last, 2)
        assert second is not None
        assert second.vectors.tolist() == [planned("dddd").vector.tolist()]
        assert await store.block("hashing-3", second.last, 2) is None

    async def test_blocks_hold_what_was_learned(self, store: EvidenceStore) -> None:
        untold = replace(planned("b").evidence, judged=(JudgedSet(NOTHING, 3.0, 1),))
        await store.put([planned("a"), replace(planned("b"), evidence=untold)])
        block = await store.block("hashing-3", 0, 5)
        assert block is not None
        told, nothing = block.lessons
        expected = lesson(planned("a").evidence)
        assert told.attributes == expected.attributes == ("age", "emotional_state")
        assert told.said.tolist() == expected.said.tolist()
        assert told.noise.tolist() == expected.noise.tolist()
        assert nothing.attributes == ()

    async def test_what_is_put_again_has_a_later_stamp(self, store: EvidenceStore) -> None:
        assert await store.stamp() == 0
        await store.put([planned("b"), planned("a")])
        begun = await store.stamp()
        assert [each for _, each in await store.put_since(0, 5)] == ["b", "a"]
        assert await store.put_since(begun, 5) == ()
        await store.put([planned("c", "other-1"), planned("b", score=2.0)])
        (first, one), (second, other) = await store.put_since(begun, 5)
        assert (one, other) == ("c", "b")
        assert begun < first < second == await store.stamp()
        assert await store.put_since(begun, 1) == ((first, "c"),)
        assert [each for _, each in await store.put_since(0, 5)] == ["a", "c", "b"]

    async def test_embedding_anew_moves_a_query_to_the_other_name(self, store: EvidenceStore) -> None:
        await store.put([planned("a")])
        await store.put([replace(planned("a"), embedder="other-1", vector=np.ones(3, dtype=np.float32))])
        assert await store.counts() == {"other-1": 1}
        assert await store.block("hashing-3", 0, 5) is None
