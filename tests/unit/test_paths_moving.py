"""Planned queries in and out of files, and embedded anew."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.embeddings.hashing import HashingEmbedder
from adapters.stores.memory_evidence import MemoryEvidence
from bot.errors import InputError, ProviderUnavailable
from bot.llm.embedder import Vectors
from bot.raise_core.paths.evidence import JudgedSet
from bot.raise_core.paths.index import merged, plan_id
from bot.raise_core.paths.moving import Taken, everything, figures, reembed, take_in, to_line
from bot.raise_core.paths.picture import svg
from bot.raise_core.paths.rows import from_line
from tests.support.planning import BREAKUP, EMBEDDER, line, planned

KNOWN = {"age", "gender", "emotional_state"}
DOMAINS = {"relationship", "health"}


async def take(store: MemoryEvidence, *lines: str | bytes) -> Taken:
    file = [each if isinstance(each, bytes) else f"{each}\n".encode() for each in lines]
    return await take_in(store, file, EMBEDDER, attributes=KNOWN, domains=DOMAINS)


async def test_bad_rows_are_told_by_line_and_no_good_row_is_lost() -> None:
    store = MemoryEvidence()
    taken = await take(
        store, line(), "", "not json", b"\xff\xfe\n", line("How do I sleep better?", "health"), line()[:50]
    )
    assert (taken.added, taken.merged, taken.unchanged) == (2, 0, 0)
    assert [number for number, _ in taken.bad] == [3, 4, 6]
    assert {each.evidence.query async for each in everything(store)} == {BREAKUP, "How do I sleep better?"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("[]", "a JSON object"),
        ("[" * 100_000, "broken"),
        (line(query="  "), '"query"'),
        (line(domain="weather"), "health, relationship; got 'weather'"),
        (line(judged=[]), '"judged"'),
        (line(judged=[{"attributes": ["age"], "score": 7}]), '"score" from 1 to 5, got 7'),
        (line(judged=[{"attributes": ["age"], "score": float("nan")}]), '"score", got nan'),
        (line(judged=[{"attributes": ["age"], "score": 10**400}]), '"score"'),
        (line(judged=[{"attributes": ["age"], "score": "very good"}]), "\"score\", got 'very good'"),
        (line(judged=[{"attributes": ["age"], "score": 3, "count": 0}]), '"count"'),
        (line(judged=[{"attributes": ["star_sign"], "score": 3}]), "got 'star_sign'"),
        (line(judged=[{"attributes": ["age"], "score": 3}, {"attributes": ["age"], "score": 4}]), "every set once"),
        (line(judged=[{"attributes": ["age", "age"], "score": 3}]), "every attribute once"),
        (line(judged=[3]), "objects"),
        (line(path="age"), '"path"'),
        (line(profile=["age"]), '"profile"'),
        (line(profile={"age": 34}), "texts"),
        (line(ranking={"age": None}), '"ranking"'),
        (line(id=7), '"id"'),
        (line(manifest=7), '"manifest"'),
        (line(planned_at="today"), '"planned_at"'),
        (line(query="half \ud800"), "lone surrogates"),
        (line(query="nul \0"), "NUL"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(row: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        from_line(row, KNOWN, DOMAINS)
    assert said in str(caught.value)


async def test_duplicates_are_merged_and_importing_twice_changes_nothing() -> None:
    store = MemoryEvidence()
    more = [{"attributes": ["age"], "score": 4.4, "count": 5}, {"attributes": ["gender"], "score": 3.5}]
    taken = await take(store, line(), line(query=BREAKUP.upper(), judged=more), line())
    assert (taken.added, taken.merged, taken.unchanged) == (1, 1, 1)
    (kept,) = [each async for each in everything(store)]
    assert set(kept.evidence.judged) == {
        JudgedSet(frozenset(), 3.0, 2),
        JudgedSet(frozenset({"age"}), 4.4, 5),
        JudgedSet(frozenset({"gender"}), 3.5, 1),
    }
    again = await take(store, line(), line(judged=more), to_line(kept))
    assert (again.added, again.merged, again.unchanged) == (0, 0, 3)


async def test_what_is_exported_can_be_imported_elsewhere() -> None:
    store, other = MemoryEvidence(), MemoryEvidence()
    extras = {"path": ["age"], "profile": {"age": "34"}, "ranking": {"age": 0.5}, "manifest": "run", "planned_at": 3.5}
    await take(store, line(**extras), line("Schlafen \u2014 wie?", "health"))
    exported = [to_line(each) async for each in everything(store)]
    assert (await take(other, *exported)).bad == []
    assert [each async for each in everything(other)] == [each async for each in everything(store)]
    assert [each.evidence.domain async for each in everything(store, "health")] == ["health"]


def test_the_longer_record_of_a_set_counts_whichever_comes_first() -> None:
    short, long = planned(BREAKUP, "health", {"age": 1.0}, 2), planned(BREAKUP, "health", {"age": 0.5}, 4)
    later = replace(short, planned_at=5.0)
    assert merged(short, long) == merged(long, short) == long
    assert merged(short, later) == merged(later, short) == later


def test_ids_tell_queries_domains_and_profiles_apart() -> None:
    own = plan_id(BREAKUP, "health", {"age": "34"})
    assert own == plan_id(f" {BREAKUP.upper()} ", "health", {"age": "34"})
    assert len({own, plan_id(BREAKUP, "life", {"age": "34"}), plan_id(BREAKUP, "health", {"age": "35"})}) == 3


async def test_embedding_anew_goes_on_where_it_was_interrupted() -> None:
    store, new = MemoryEvidence(), Interrupted()
    await store.put([planned(f"How do I sleep in room {number}?", "health", {"age": 1.0}) for number in range(1_100)])
    told: list[int] = []
    with pytest.raises(ProviderUnavailable):
        await reembed(store, new, told.append)
    assert told == [500]
    assert await store.counts() == {"hashing-3": 600, "other-1": 500}
    new.left = 10
    assert await reembed(store, new, told.append) == 600
    assert await store.counts() == {"other-1": 1_100}
    assert new.embedded == 1_100


async def test_figures_are_by_domain() -> None:
    store = MemoryEvidence()
    await store.put([planned("a", "health", {"age": 1.0}), planned("b", "health", {"age": 1.0, "gender": 0.5})])
    counted = (await figures(store))["health"]
    assert (counted.queries, counted.sets, counted.judgements, counted.paths) == (2, 5, 30, 2)


def test_the_picture_is_valid_and_shows_levels_scores_and_path() -> None:
    told = planned("Is <b> & \x01 safe?", "health", {"age": 1.5, "gender": 0.1}).evidence
    root = ET.fromstring(svg(replace(told, path=("age", "gender"))))  # noqa: S314 - made a line above
    space = "{http://www.w3.org/2000/svg}"
    titles = [each.findtext(f"{space}title") for each in root.iter(f"{space}circle")]
    assert set(titles) == {
        "nothing known: 3.00 (6 judgements)",
        "age: 4.50 (6 judgements)",
        "gender: 3.10 (6 judgements)",
        "age, gender: not judged",
    }
    (path,) = root.iter(f"{space}polyline")
    assert len(path.attrib["points"].split()) == 3
    assert root.findtext(f"{space}title") == "Is <b> &   safe?"


class Interrupted(HashingEmbedder):
    """Another model that fails after a page."""

    left = 1
    embedded = 0

    @property
    def name(self) -> str:
        return "other-1"

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not self.left:
            raise ProviderUnavailable("the embedding server cannot be reached")
        self.left -= 1
        self.embedded += len(texts)
        return super().embed(texts)
