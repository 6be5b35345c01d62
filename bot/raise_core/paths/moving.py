"""Planned queries in and out: files of JSON lines, other embeddings, figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.errors import InputError
from bot.llm.embedder import Embedder
from bot.raise_core.paths.index import EvidenceStore, PlannedQuery, merged
from bot.raise_core.paths.rows import PlannedRow, from_line, to_json

_AT_ONCE: Final = 500


@dataclass(slots=True)
class Taken:
    """What became of a file: how many planned queries were ``added``, ``merged`` with one that was there (or earlier
    in the file) or changed nothing (``unchanged``); ``bad`` rows by line number, with what is wrong."""

    added: int = 0
    merged: int = 0
    unchanged: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one domain: planned queries, judged sets, judgements, and paths that are known."""

    queries: int
    sets: int
    judgements: int
    paths: int


async def take_in(
    store: EvidenceStore,
    lines: Iterable[bytes],
    embedder: Embedder,
    *,
    attributes: Collection[str],
    domains: Collection[str],
) -> Taken:
    """Keep every good line of a file; bad ones are told, and cost no other line. Empty lines are passed over. What is
    kept stays kept when this is interrupted, and is not doubled when it is repeated."""
    taken = Taken()
    waiting: list[PlannedRow] = []
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode().strip().removeprefix("\ufeff")
            if text:
                waiting.append(from_line(text, attributes, domains))
        except UnicodeDecodeError:
            taken.bad.append((number, "expected UTF-8"))
        except InputError as problem:
            taken.bad.append((number, str(problem)))
        if len(waiting) >= _AT_ONCE:
            await _keep(store, waiting, embedder, taken)
            waiting.clear()
    await _keep(store, waiting, embedder, taken)
    return taken


async def _keep(store: EvidenceStore, rows: Sequence[PlannedRow], embedder: Embedder, taken: Taken) -> None:
    if not rows:
        return
    kept = dict(await store.get(list({row.id for row in rows})))
    vectors = embedder.embed([row.evidence.query for row in rows])
    changed: dict[str, PlannedQuery] = {}
    for row, vector in zip(rows, vectors, strict=True):
        new = PlannedQuery(row.id, row.evidence, embedder.name, vector, row.manifest, row.planned_at)
        before = kept.get(row.id)
        if before is None:
            taken.added += 1
        else:
            new = replace(merged(before, new), embedder=embedder.name, vector=vector)
            if new == before:
                taken.unchanged += 1
                continue
            taken.merged += 1
        kept[row.id] = changed[row.id] = new
    await store.put(list(changed.values()))


async def everything(store: EvidenceStore, domain: str | None = None) -> AsyncIterator[PlannedQuery]:
    """Every planned query (of one domain), in the order of ids, a page in memory at a time."""
    after = ""
    while page := await store.page(after, _AT_ONCE):
        for planned in page:
            if domain is None or planned.evidence.domain == domain:
                yield planned
        after = page[-1].id


def to_line(planned: PlannedQuery) -> str:
    """One line of a file, without its end."""
    return json.dumps(to_json(planned), ensure_ascii=False)


async def reembed(store: EvidenceStore, embedder: Embedder, told: Callable[[int], None]) -> int:
    """Embed anew what another model embedded; returns how many. A page at a time is kept: what was interrupted goes on
    where it stopped. ``told`` is called with how many are done. Raises ProviderError."""
    done = 0
    while page := await store.page("", _AT_ONCE, not_by=embedder.name):
        vectors = embedder.embed([planned.evidence.query for planned in page])
        renewed = [
            replace(planned, embedder=embedder.name, vector=vector)
            for planned, vector in zip(page, vectors, strict=True)
        ]
        await store.put(renewed)
        done += len(renewed)
        told(done)
    return done


async def figures(store: EvidenceStore) -> Mapping[str, Figures]:
    """By domain."""
    queries: Counter[str] = Counter()
    sets: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    paths: Counter[str] = Counter()
    async for planned in everything(store):
        evidence = planned.evidence
        queries[evidence.domain] += 1
        sets[evidence.domain] += len(evidence.judged)
        judged[evidence.domain] += sum(each.count for each in evidence.judged)
        paths[evidence.domain] += bool(evidence.path)
    return {name: Figures(queries[name], sets[name], judged[name], paths[name]) for name in sorted(queries)}
