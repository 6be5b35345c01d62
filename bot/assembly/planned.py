"""Planned queries: opened for commands, and learned from at start."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.assembly.keys import DATABASE, deployment_keys
from bot.assembly.rulebook import Rulebook
from bot.assembly.stores import urls
from bot.errors import StoreError
from bot.llm.paid import PaidCalls
from bot.policy.schema import Policy
from bot.raise_core.paths.index import EvidenceStore
from bot.raise_core.paths.retrieval import open_index
from bot.raise_core.paths.sets import MOST_ATTRIBUTES, Lattice
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry
from bot.telemetry.logs import silent


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


async def learn(rulebook: Rulebook, store: EvidenceStore, telemetry: Telemetry) -> None:
    """Have the rules use what is planned. Where that cannot be read the tables decide alone: people are served."""
    try:
        opened = await open_index(store, rulebook.embedder, lattice_of(rulebook.policy()))
    except StoreError as problem:
        telemetry.emit(Event.EVIDENCE_UNUSED, problem=str(problem))
        return
    if opened.problem:
        telemetry.emit(Event.EVIDENCE_UNUSED, problem=opened.problem, count=sum(opened.others.values()))
    if opened.retrieval is not None:
        rulebook.learn(opened.retrieval)
        telemetry.emit(Event.EVIDENCE_LOADED, model=opened.embedder, count=len(opened.retrieval))


async def learned(settings: Settings, rulebook: Rulebook) -> Rulebook:
    """The rulebook after what is planned under these settings, for commands; as it was where nothing is kept yet."""
    if settings.database_url or (settings.state is not None and (settings.state / DATABASE).exists()):
        async with planned_queries(settings) as store:
            await learn(rulebook, store, silent())
    return rulebook
