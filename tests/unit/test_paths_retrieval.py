"""Retrieval: what similar planned queries teach, and where the table decides alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from adapters.embeddings.hashing import HashingEmbedder
from adapters.stores.memory_evidence import MemoryEvidence
from bot.errors import ProviderUnavailable
from bot.llm.embedder import Vectors
from bot.profile.attributes import ATTRIBUTES
from bot.raise_core.paths import nearest
from bot.raise_core.paths.evidence import Evidence, JudgedSet
from bot.raise_core.paths.index import Block
from bot.raise_core.paths.lessons import lesson, marginal_gains
from bot.raise_core.paths.nearest import Nearest
from bot.raise_core.paths.opening import Index, Opened, retrieval_of
from bot.raise_core.paths.pooling import Pool
from bot.raise_core.paths.retrieval import Retrieval
from bot.raise_core.paths.sets import Lattice
from tests.support.planning import BREAKUP, EMBEDDER, evidence, planned

LATTICE = Lattice(ATTRIBUTES)
TABLE = {"age": 0.3, "gender": 0.3, "emotional_state": 0.5}
ENDINGS = ("and I cannot sleep", "and I feel empty", "yesterday", "for my best friend", "before our holiday")
LEFT = [f"My girlfriend left me after four years {ending}" for ending in ENDINGS]
SAVINGS = [
    f"How do I invest my savings for retirement {ending}" for ending in ("early", "late", "safely", "now", "well")
]


async def opened(*, floor: float = 0.25, identical: bool = True) -> Opened:
    store = MemoryEvidence()
    rows = [planned(query, "relationship", {"age": 1.2, "emotional_state": 0.1}) for query in LEFT]
    rows += [planned(query, "financial", {"age": 0.1, "emotional_state": 1.2}) for query in SAVINGS]
    await store.put(rows)
    return await Index(store, EMBEDDER, LATTICE, floor=floor, identical=identical).refresh()


async def test_what_similar_queries_teach_moves_the_gains() -> None:
    retrieval = (await opened()).retrieval
    assert retrieval is not None
    assert len(retrieval) == 10
    near = retrieval.about("my girlfriend left me and I cannot eat", "relationship")
    assert near is not None
    gains = near.gains({}, TABLE, 1)
    assert gains["age"] > 0.6 > gains["emotional_state"]


async def test_an_attribute_nobody_judged_keeps_the_gain_of_the_table() -> None:
    retrieval = (await opened()).retrieval
    assert retrieval is not None
    near = retrieval.about(BREAKUP, "relationship")
    assert near is not None
    assert near.gains({}, {"gender": 0.3, "unheard_of": 0.2}, 3) == pytest.approx({"gender": 0.3, "unheard_of": 0.2})


def test_a_few_plans_teach_all_that_was_estimated_from_them_at_once() -> None:
    rows = [evidence(query, "relationship", {"age": 1.2, "emotional_state": 0.1}) for query in LEFT]
    rows += [evidence(query, "financial", {"age": 0.1, "emotional_state": 1.2}) for query in SAVINGS]
    lattice, vectors = Lattice(("age", "emotional_state")), EMBEDDER.embed([each.query for each in rows])
    near = retrieval_of(rows, vectors, EMBEDDER, lattice).about(BREAKUP, "relationship")
    assert near is not None
    pool = Pool(lattice, rows, vectors)
    expected = pool.model.expected(pool.belief(EMBEDDER.embed([BREAKUP])[0], "relationship"))
    assert near.values({}) == pytest.approx(expected, abs=1e-4)


async def test_below_the_floor_the_table_decides() -> None:
    retrieval = (await opened()).retrieval
    assert retrieval is not None
    assert retrieval.about("zebra quilts photograph badly", "relationship") is None
    assert retrieval.about("", "relationship") is None


async def test_an_identical_query_can_be_left_out() -> None:
    store = MemoryEvidence()
    await store.put([planned(BREAKUP, "relationship", {"age": 1.2})])
    for identical in (True, False):
        retrieval = (await Index(store, EMBEDDER, LATTICE, identical=identical).refresh()).retrieval
        assert retrieval is not None
        assert (retrieval.about(BREAKUP, "relationship") is not None) is identical
        assert retrieval.about(f"{BREAKUP} any more", "relationship") is not None


async def test_a_domain_without_plans_leans_on_the_table_more() -> None:
    retrieval = (await opened()).retrieval
    assert retrieval is not None
    own, other = retrieval.about(BREAKUP, "relationship"), retrieval.about(BREAKUP, "career")
    assert own is not None
    assert other is not None
    assert own.trust["age"] > other.trust["age"] >= 0.0


async def test_vectors_of_another_model_are_told_and_not_used() -> None:
    store = MemoryEvidence()
    await store.put([planned(BREAKUP, "relationship", {"age": 1.2})])
    found = await Index(store, Renamed(), LATTICE).refresh()
    assert found.retrieval is None
    assert "1 by hashing-3" in found.problem
    assert "raise-bot paths reembed" in found.problem
    assert (await Index(MemoryEvidence(), EMBEDDER, LATTICE).refresh()).problem == ""


async def test_attributes_the_policy_no_longer_has_are_passed_over() -> None:
    store = MemoryEvidence()
    await store.put([planned(BREAKUP, "relationship", {"age": 1.2, "star_sign": 1.5})])
    retrieval = (await Index(store, EMBEDDER, LATTICE).refresh()).retrieval
    assert retrieval is not None
    near = retrieval.about(BREAKUP, "relationship")
    assert near is not None
    assert near.gains({}, {"star_sign": 0.2}, 1) == {"star_sign": 0.2}


async def test_a_refresh_reads_only_what_is_new() -> None:
    store = Counting()
    index = Index(store, EMBEDDER, LATTICE)
    assert (await index.refresh()).retrieval is None
    await store.put([planned(query, "relationship", {"age": 1.2}) for query in LEFT])
    first = (await index.refresh()).retrieval
    assert (await index.refresh()).retrieval is first
    assert store.asked == [0]
    await store.put([planned(query, "financial", {"emotional_state": 1.2}) for query in SAVINGS])
    second = (await index.refresh()).retrieval
    assert store.asked == [0, 5]
    assert first is not None
    assert second is not None
    assert (len(first), len(second)) == (5, 10)
    assert first.about(SAVINGS[0], "financial") is None
    assert second.about(SAVINGS[0], "financial") is not None


async def test_a_query_planned_again_counts_at_the_next_refresh() -> None:
    store = Counting()
    index = Index(store, EMBEDDER, LATTICE)
    await store.put([planned(query, "relationship", {"age": 1.2, "emotional_state": 0.1}) for query in LEFT * 8])
    first = (await index.refresh()).retrieval
    await store.put([planned(query, "relationship", {"age": 0.1, "emotional_state": 1.2}) for query in LEFT])
    second = (await index.refresh()).retrieval
    assert store.asked == [0], "nothing is read twice"
    assert (await index.refresh()).retrieval is second
    fresh = (await Index(store, EMBEDDER, LATTICE).refresh()).retrieval
    assert gain_of_feeling(first) < 0.3
    assert gain_of_feeling(second) > 0.6
    assert gain_of_feeling(second) == pytest.approx(gain_of_feeling(fresh))


async def test_one_planned_again_among_many_counts_before_means_are_estimated_anew() -> None:
    store = MemoryEvidence()
    index = Index(store, EMBEDDER, LATTICE)
    others = [planned(f"{SAVINGS[0]} {number}", "financial", {"age": 0.5}) for number in range(40)]
    await store.put([planned(BREAKUP, "relationship", {"emotional_state": 0.1}), *others])
    before = gain_of_feeling((await index.refresh()).retrieval)
    await store.put([planned(BREAKUP, "relationship", {"emotional_state": 1.2})])
    after = gain_of_feeling((await index.refresh()).retrieval)
    assert after > before + 0.1


def gain_of_feeling(retrieval: Retrieval | None) -> float:
    """What it is worth to ask somebody whose girlfriend left how they feel."""
    assert retrieval is not None
    near = retrieval.about(BREAKUP, "relationship")
    assert near is not None
    return near.gains({}, TABLE, 2)["emotional_state"]


async def test_growing_step_by_step_ends_where_reading_at_once_does() -> None:
    store = MemoryEvidence()
    index = Index(store, EMBEDDER, LATTICE)
    for query in (*LEFT, *SAVINGS):
        await store.put([planned(query, "relationship" if query in LEFT else "financial", {"age": 1.2})])
        grown = (await index.refresh()).retrieval
    whole = (await Index(store, EMBEDDER, LATTICE).refresh()).retrieval
    assert grown is not None
    assert whole is not None
    one, other = grown.about(BREAKUP, "relationship"), whole.about(BREAKUP, "relationship")
    assert one is not None
    assert other is not None
    assert one.gains({}, TABLE, 2) == pytest.approx(other.gains({}, TABLE, 2))


async def test_rows_that_change_their_embedder_are_read_anew() -> None:
    store = MemoryEvidence()
    first, second = planned(LEFT[0], "relationship", {"age": 1.2}), planned(LEFT[1], "relationship", {"age": 1.2})
    await store.put([replace(first, embedder="hashing-0"), second])
    index = Index(store, EMBEDDER, LATTICE)
    assert "1 by hashing-0" in (await index.refresh()).problem
    await store.put([first])
    found = await index.refresh()
    assert found.problem == ""
    assert found.retrieval is not None
    assert len(found.retrieval) == 2


async def test_a_remote_embedding_that_is_away_leaves_the_table() -> None:
    store, embedder = MemoryEvidence(), Away()
    await store.put([planned(BREAKUP, "relationship", {"age": 1.2})])
    retrieval = (await Index(store, embedder, LATTICE).refresh()).retrieval
    assert retrieval is not None
    assert retrieval.about(BREAKUP, "relationship") is None


def test_the_rough_look_finds_what_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    themes = rng.normal(size=(40, 128))
    rows = themes[rng.integers(0, 40, 5_000)] + 0.5 * rng.normal(size=(5_000, 128))
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    exact = Nearest(vectors)
    monkeypatch.setattr(nearest, "EXACT", 100)
    rough = Nearest(vectors)
    for row in range(0, 5_000, 500):
        true, cosines = exact.of(vectors[row], 20)
        found, measured = rough.of(vectors[row], 20)
        assert true[0] == found[0] == row
        assert (np.diff(measured) <= 0).all()
        assert len(set(true) & set(found)) >= 18
        assert cosines[0] == pytest.approx(measured[0]) == pytest.approx(1.0, abs=1e-5)


def test_a_lesson_is_what_the_judgements_say_without_the_prior() -> None:
    many = lesson(evidence("q", "health", {"age": 1.0, "gender": 0.05}, count=50))
    few = lesson(evidence("q", "health", {"age": 1.0, "gender": 0.05}, count=1))
    assert many.attributes == ("age", "gender")
    assert many.said[0] > many.said[1]
    assert (many.noise < few.noise).all()
    assert lesson(Evidence("q", "health", (JudgedSet(frozenset(), 3.0, 1),))).attributes == ()


def test_marginal_gains_follow_the_path() -> None:
    told = marginal_gains(evidence("q", "health", {"age": 1.0, "gender": 0.1}))
    assert list(told.alone) == ["age", "gender"]
    assert [name for name, _ in told.along] == ["age"]
    assert marginal_gains(Evidence("q", "health", (JudgedSet(frozenset(), 3.0, 1),), ("age",))).along == ()


class Counting(MemoryEvidence):
    """Remembers after which row blocks were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    async def block(self, embedder: str, after: int, limit: int) -> Block | None:
        self.asked.append(after)
        return await super().block(embedder, after, limit)


class Renamed(HashingEmbedder):
    """The same vectors under another name."""

    @property
    def name(self) -> str:
        return "hashing-99"


class Away(HashingEmbedder):
    """An embedding server that does not answer."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        raise ProviderUnavailable("the embedding server cannot be reached")
