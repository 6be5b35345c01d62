"""Where things are kept: all in memory, or profiles in memory and the rest in SQL under the state folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.clock import Clock
from bot.conversation.audit import Audit
from bot.conversation.engine import Engine
from bot.conversation.ledger import Ledger
from bot.profile.consent import ConsentStore
from bot.profile.erasure import Holding
from bot.profile.store import ProfileStore
from bot.risk.flags import FlagDesk
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Stores:
    """Every store of one deployment. ``holdings`` is the declared order in which a person is erased."""

    engine: Engine
    ledger: Ledger
    profiles: ProfileStore
    consents: ConsentStore
    flags: FlagDesk
    audit: Audit
    holdings: tuple[Holding, ...]


@asynccontextmanager
async def in_memory(clock: Clock) -> AsyncIterator[Stores]:
    """Nothing outlives the process."""
    from adapters.engine.inline import InlineEngine
    from adapters.stores.memory import MemoryProfiles
    from adapters.stores.memory_ledger import MemoryLedger, MemoryVault
    from adapters.stores.memory_standing import MemoryAudit, MemoryConsents, MemoryFlags

    vault = MemoryVault()
    profiles, ledger = MemoryProfiles(), MemoryLedger(vault, clock)
    consents, flags, audit = MemoryConsents(), MemoryFlags(), MemoryAudit()
    holdings = (
        Holding("profile", profiles),
        Holding("conversation", ledger),
        Holding("flags", flags),
        Holding("audit", audit),
        Holding("consent", consents),
    )
    yield Stores(InlineEngine(), ledger, profiles, consents, flags, audit, holdings)


@asynccontextmanager
async def opened(settings: Settings, clock: Clock) -> AsyncIterator[Stores]:
    """The stores the settings ask for."""
    async with in_memory(clock) as stores:
        yield stores
