"""Planned queries: opened for commands, and learned from at start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from bot.assembly.keys import deployment_keys
from bot.assembly.rulebook import Rulebook
from bot.assembly.stores import urls
from bot.clock import Seconds
from bot.errors import StoreError
from bot.llm.paid import PaidCalls
from bot.policy.schema import Policy
from bot.raise_core.paths.index import EvidenceStore
from bot.raise_core.paths.opening import Index
from bot.raise_core.paths.sets import MOST_ATTRIBUTES, Lattice
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry

EVERY: Final[Seconds] = 30.0
"""How often a running bot looks for what was planned meanwhile."""


@asynccontextmanager
async def planned_queries(settings: Settings) -> AsyncIterator[EvidenceStore]:
    """The planned queries of the state folder (or the database of the settings), and nothing else of it. Raises
    SettingsError without either, StoreUnavailable."""
    async with planning_stores(settings) as (store, _):
        yield store


@asynccontextmanager
async def planning_stores(settings: Settings) -> AsyncIterator[tuple[EvidenceStore, PaidCalls]]:
    """The planned queries, and the calls that jobs paid for. Raises as above."""
    from adapters.stores.sql.database import SqlDatabase
    from adapters.stores.sql.evidence import SqlEvidence
    from adapters.stores.sql.paid import SqlPaidCalls

    kept, _ = urls(settings)
    if not settings.database_url:
        deployment_keys(settings)  # a database is never made without its key: the bot would refuse it
    database = SqlDatabase(kept)
    await database.open()
    try:
        yield SqlEvidence(database), SqlPaidCalls(database)
    finally:
        await database.close()


def lattice_of(policy: Policy) -> Lattice:
    """The attributes that evidence can be about. A policy with more than a lattice holds keeps its table for the last
    of them."""
    return Lattice(tuple(policy.defaults.attributes)[:MOST_ATTRIBUTES])


class Learning:
    """Has the rules use what is planned, now and as more is planned. Where that cannot be read the tables decide
    alone, or what was read before: people are served. What is wrong is told once."""

    def __init__(self, rulebook: Rulebook, store: EvidenceStore, telemetry: Telemetry) -> None:
        self._rulebook, self._store, self._telemetry = rulebook, store, telemetry
        self._lattice = lattice_of(rulebook.policy())
        self._index = Index(store, rulebook.embedder, self._lattice)
        self._problem = ""

    async def now(self) -> None:
        """Read what was planned since the last time; cheap where nothing was."""
        lattice = lattice_of(self._rulebook.policy())
        if lattice.attributes != self._lattice.attributes:
            self._lattice, self._index = lattice, Index(self._store, self._rulebook.embedder, lattice)
        try:
            opened = await self._index.refresh()
        except StoreError as problem:
            self._tell(str(problem), None)
            return
        self._tell(opened.problem, sum(opened.others.values()))
        if opened.retrieval is not self._rulebook.evidence:
            self._rulebook.learn(opened.retrieval)
            count = 0 if opened.retrieval is None else len(opened.retrieval)
            self._telemetry.emit(Event.EVIDENCE_LOADED, model=opened.embedder, count=count)

    async def keep_up(self, every: Seconds = EVERY) -> None:
        """Go on until cancelled."""
        while True:
            await asyncio.sleep(every)
            await self.now()

    def _tell(self, problem: str, count: int | None) -> None:
        if problem and problem != self._problem:
            told = {} if count is None else {"count": count}
            self._telemetry.emit(Event.EVIDENCE_UNUSED, problem=problem, **told)
        self._problem = problem
