"""Recorded decisions and the policies that served, opened for commands: never text of people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.assembly.keys import DATABASE
from bot.assembly.stores import urls
from bot.assembly.stores_sql import AUDIT_SECONDS
from bot.conversation.audit import Entry
from bot.errors import SettingsError
from bot.policy.snapshots import Snapshots
from bot.review.operating import Costs, Tallies
from bot.settings import Settings

if TYPE_CHECKING:  # SQLAlchemy is imported only when something is opened
    from adapters.stores.sql.database import SqlDatabase


class Decisions(Protocol):
    """The audit, as commands read it."""

    async def of_turn(self, turn_id: str) -> tuple[Entry, ...]:
        """Every decision of one turn, in order; none where it is unknown, too old or forgotten."""
        ...

    async def since(self, number: int, limit: int) -> tuple[tuple[int, Entry], ...]:
        """At most ``limit`` decisions after the one of this number, oldest first, each with its own."""
        ...


@asynccontextmanager
async def recorded_decisions(settings: Settings) -> AsyncIterator[Decisions]:
    """What is on record under these settings. Raises SettingsError where nothing is kept, StoreUnavailable."""
    from adapters.stores.sql.audit import SqlAudit

    async with _database(settings) as database:
        yield SqlAudit(database, AUDIT_SECONDS)


@asynccontextmanager
async def kept_snapshots(settings: Settings) -> AsyncIterator[Snapshots]:
    """The policies that served under these settings. Raises SettingsError where nothing is kept, StoreUnavailable."""
    from adapters.stores.sql.snapshots import SqlSnapshots

    async with _database(settings) as database:
        yield SqlSnapshots(database)


@dataclass(frozen=True, slots=True)
class Kept:
    """What operators' pages read."""

    snapshots: Snapshots
    tallies: Tallies
    costs: Costs


@asynccontextmanager
async def kept(settings: Settings) -> AsyncIterator[Kept]:
    """All of it under these settings. Raises SettingsError where nothing is kept, StoreUnavailable."""
    from adapters.stores.sql.audit import SqlAudit
    from adapters.stores.sql.costs import SqlCosts
    from adapters.stores.sql.snapshots import SqlSnapshots

    async with _database(settings) as database:
        yield Kept(SqlSnapshots(database), SqlAudit(database, AUDIT_SECONDS), SqlCosts(database))


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[SqlDatabase]:
    from adapters.stores.sql.database import SqlDatabase

    if not settings.database_url and (settings.state is None or not (settings.state / DATABASE).exists()):
        raise SettingsError(("--state: expected the folder in which the bot keeps its database, or RAISE_STATE",))
    database = SqlDatabase(urls(settings)[0])
    await database.open()
    try:
        yield database
    finally:
        await database.close()
