"""The limits of the settings: how many messages, how many waiting turns, how much money."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final

from bot.clock import Clock
from bot.conversation.effects import Journal
from bot.conversation.engine import Steps, TurnWork
from bot.conversation.ledger import Ledger
from bot.conversation.limits import DAY, Counts, Limiter, Limits, OwnCounts, Together
from bot.conversation.states import State
from bot.llm import Provider
from bot.llm.purse import Pursed
from bot.settings import Settings

_workspace: Final[ContextVar[str]] = ContextVar("workspace", default="")
"""Whose turn is running, as ``platform:workspace``."""


@asynccontextmanager
async def counting(settings: Settings, clock: Clock) -> AsyncIterator[Counts]:
    """In Redis where the settings have one, else in this process."""
    if not settings.redis_url:
        yield OwnCounts()
        return
    from adapters.stores.redis_counts import RedisCounts

    shared = RedisCounts(settings.redis_url)
    try:
        yield Together(shared, clock)
    finally:
        await shared.close()


def limiter(settings: Settings, counts: Counts, ledger: Ledger[State, Journal], clock: Clock) -> Limiter:
    """For messages and turns."""
    limits = Limits(settings.person_per_minute, settings.workspace_per_minute, settings.waiting)
    return Limiter(limits, counts, ledger.waiting, clock)


def pursed(settings: Settings, counts: Counts, provider: Provider, clock: Clock) -> Provider:
    """The provider within every workspace's budget of the day; itself where there is none."""
    if not settings.workspace_usd_per_day:
        return provider

    async def spent(whose: str, usd: float) -> float:
        return await counts.add(f"usd:{whose}", usd, DAY, clock.now())

    return Pursed(provider, settings.workspace_usd_per_day, spent, _workspace.get)


def attributed(work: TurnWork) -> TurnWork:
    """The same work, its calls of models put down to the workspace in the turn's id."""

    async def run(turn_id: str, steps: Steps) -> None:
        _workspace.set(":".join(turn_id.split(":")[:2]))
        await work(turn_id, steps)

    return run
