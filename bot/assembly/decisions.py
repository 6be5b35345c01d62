"""Recorded decisions, opened for commands: in features only, never text."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from bot.assembly.keys import DATABASE
from bot.assembly.stores import AUDIT_SECONDS, urls
from bot.conversation.audit import Entry
from bot.errors import SettingsError
from bot.settings import Settings


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
    from adapters.stores.sql.database import SqlDatabase

    if not settings.database_url and (settings.state is None or not (settings.state / DATABASE).exists()):
        raise SettingsError(("--state: expected the folder in which the bot keeps its decisions, or RAISE_STATE",))
    database = SqlDatabase(urls(settings)[0])
    await database.open()
    try:
        yield SqlAudit(database, AUDIT_SECONDS)
    finally:
        await database.close()
