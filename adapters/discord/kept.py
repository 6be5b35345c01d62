"""What the adapter keeps beside the core. It should last over restarts and be shared by all processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from adapters.discord.memory import (
    MemoryBookmarks,
    MemoryEnvelopes,
    MemoryLocales,
    MemoryRegistrations,
    MemoryWorkspaces,
)
from adapters.discord.threads import MemoryThreads
from bot.chat.bookmarks import Bookmarks
from bot.chat.envelopes import Envelopes
from bot.chat.locales import Locales
from bot.chat.threads import Threads
from bot.chat.workspaces import Registrations, Workspaces
from bot.clock import Clock, Seconds

_REMEMBERED: Final[Seconds] = 90 * 86_400.0


@dataclass(frozen=True, slots=True)
class Kept:
    """One store of each kind."""

    threads: Threads
    envelopes: Envelopes
    bookmarks: Bookmarks
    locales: Locales
    workspaces: Workspaces
    registrations: Registrations

    @classmethod
    def in_memory(cls, clock: Clock) -> Kept:
        """Neither lasting nor shared: for trying the bot out."""
        return cls(
            MemoryThreads(),
            MemoryEnvelopes(clock),
            MemoryBookmarks(),
            MemoryLocales(_REMEMBERED),
            MemoryWorkspaces(),
            MemoryRegistrations(),
        )
