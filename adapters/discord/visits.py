"""Interactions that can still be answered, by the turn they began. Their tokens never leave this process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

import discord
from cachetools import TLRUCache

from adapters.discord import ids
from bot.clock import Clock, Seconds

_LIFE: Final[Seconds] = 870.0
"""Discord takes answers for 15 minutes; the last half minute is not worth the risk."""
_KEEP: Final = 20_000
_DOUBTS: Final = 2


Part = tuple[str, int]
"""An Outbound's id, and which of its messages."""


@dataclass(slots=True)
class Visit:
    """``waits``: Discord shows that we are thinking until the original answer is written. ``direct``: it happened in
    the person's direct messages, so the answer stays. ``opened`` is set once Discord has heard from us; ``failed`` says
    that this way is closed; ``posted`` is what was answered so far."""

    interaction: discord.Interaction[Any]
    direct: bool
    waits: bool
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    failed: bool = False
    posted: dict[Part, int] = field(default_factory=dict)
    original: Part | None = None
    doubts: int = 0

    def takes_original(self, part: Part) -> bool:
        """Whether this part is the original answer: the first one written is, however often it has to be tried."""
        if self.waits and self.original in (None, part):
            self.original = part
            return True
        return False

    def may_doubt(self) -> bool:
        """Whether a try of unknown outcome is worth trying again, rather than going another way: twice, as long as it
        is the original answer, which is the same however often it is written."""
        self.doubts += 1
        return self.original is not None and self.doubts <= _DOUBTS

    @property
    def used(self) -> bool:
        return self.original is not None


class Visits:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: TLRUCache[int, Visit] = TLRUCache(
            _KEEP, lambda _id, visit, _now: ids.moment(visit.interaction.id) + _LIFE, timer=clock.now
        )

    def begin(self, visit: Visit) -> bool:
        """False for an interaction that was met before: a replayed event."""
        if visit.interaction.id in self._kept:
            return False
        self._kept[visit.interaction.id] = visit
        return True

    def live(self, turn: str) -> Visit | None:
        anchor = ids.anchor_of(turn)
        visit = self._kept.get(anchor.id) if anchor is not None and not anchor.message else None
        return visit if visit is not None and not visit.failed else None
