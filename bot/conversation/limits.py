"""How much one person, one workspace and everybody together may ask for: what is over it gets a line, and no turn.

A crisis never comes here: it is answered before anything is counted. Nor do the few requests that must always work: to
stop, to be forgotten, to speak with a person.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from bot.chat import Chose, Command, Inbound, Said, Verb
from bot.clock import Clock, Seconds
from bot.errors import StoreError
from bot.frozen import dataclass
from bot.identity import Person

MINUTE: Final[Seconds] = 60.0
DAY: Final[Seconds] = 86_400.0
ALWAYS: Final = frozenset({Verb.FORGET, Verb.FORGET_ME, Verb.HUMAN, Verb.PAUSE})
_PATIENCE: Final[Seconds] = 0.2
"""How long counting together may take before this process counts for itself."""
_AWAY: Final[Seconds] = 10.0
"""How long it then does so."""
_LOOK: Final[Seconds] = 1.0
"""How often the waiting turns are counted."""
_KEPT: Final = 100_000


class Counts(Protocol):
    """Sums by key and window of time."""

    async def add(self, key: str, amount: float, window: Seconds, now: Seconds) -> float:
        """Add to the sum of the window (seconds, counted from 1970) that ``now`` is in; returns the sum. 0 reads it.
        Raises StoreUnavailable."""
        ...

    async def forget(self, keys: tuple[str, ...], window: Seconds, now: Seconds) -> int:
        """Delete the sums of those keys, as far back as they are kept; returns how many there were. Raises
        StoreUnavailable."""
        ...


class OwnCounts:
    """Counts of this process alone, in the window of now; the oldest of more than 100,000 are forgotten."""

    def __init__(self) -> None:
        self._sums: dict[Seconds, tuple[float, dict[str, float]]] = {}

    async def add(self, key: str, amount: float, window: Seconds, now: Seconds) -> float:
        number = now // window
        latest, sums = self._sums.get(window, (-1.0, {}))
        if number != latest:
            sums = {}
            self._sums[window] = (number, sums)
        total = sums.get(key, 0.0) + amount
        if amount:
            sums[key] = total
            if len(sums) > _KEPT:
                del sums[next(iter(sums))]
        return total

    async def forget(self, keys: tuple[str, ...], window: Seconds, now: Seconds) -> int:
        _, sums = self._sums.get(window, (now, {}))
        return sum(sums.pop(key, None) is not None for key in keys)


class Together:
    """The counts of all processes, or this one's own while those cannot be had."""

    def __init__(self, shared: Counts, clock: Clock) -> None:
        self._shared, self._own, self._clock = shared, OwnCounts(), clock
        self._away_until: Seconds = 0.0

    async def add(self, key: str, amount: float, window: Seconds, now: Seconds) -> float:
        own = await self._own.add(key, amount, window, now)
        if self._clock.now() < self._away_until:
            return own
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._shared.add(key, amount, window, now)
        except (StoreError, TimeoutError):
            self._away_until = self._clock.now() + _AWAY
            return own

    async def forget(self, keys: tuple[str, ...], window: Seconds, now: Seconds) -> int:
        own = await self._own.forget(keys, window, now)
        return max(own, await self._shared.forget(keys, window, now))


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages a minute of one person and of one workspace; ``waiting`` turns of everybody. 0: no limit."""

    person: int = 0
    workspace: int = 0
    waiting: int = 0


class Limiter:
    """``waiting`` counts the turns that are not ended, in the whole deployment. Raises nothing: what cannot be counted
    is let in. People are counted under a hash, which is gone within two minutes."""

    def __init__(self, limits: Limits, counts: Counts, waiting: Callable[[], Awaitable[int]], clock: Clock) -> None:
        self._limits, self._counts, self._waiting, self._clock = limits, counts, waiting, clock
        self._full, self._looked_at = False, 0.0

    async def refused(self, inbound: Inbound) -> str | None:
        """The id of the phrase that says why this event gets no turn; empty where it was said already in this minute;
        None where it gets one. Called once per event."""
        match inbound.content:
            case Command(verb) if verb in ALWAYS:
                return None
            case Said() | Chose() | Command():
                pass
            case _:
                return None
        reason = await self._reason(inbound)
        if reason is None:
            return None
        told = await self._count(f"told:{_hashed(inbound.person)}", 1)
        return reason if told <= 1 else ""

    async def erase(self, person: Person) -> int:
        """Forget how much this person wrote lately. Raises StoreUnavailable."""
        hashed = _hashed(person)
        return await self._counts.forget((f"person:{hashed}", f"told:{hashed}"), MINUTE, self._clock.now())

    async def _reason(self, inbound: Inbound) -> str | None:
        person, limits = inbound.person, self._limits
        if limits.person and await self._count(f"person:{_hashed(person)}", 1) > limits.person:
            return "notice.slower"
        workspace = f"workspace:{person.platform}:{person.workspace}"
        if limits.workspace and await self._count(workspace, 1) > limits.workspace:
            return "notice.overloaded"
        return "notice.overloaded" if limits.waiting and await self._too_many() else None

    async def _count(self, key: str, amount: float) -> float:
        return await self._counts.add(key, amount, MINUTE, self._clock.now())

    async def _too_many(self) -> bool:
        now = self._clock.now()
        if now - self._looked_at >= _LOOK:
            self._looked_at = now
            try:
                async with asyncio.timeout(_PATIENCE):
                    self._full = await self._waiting() > self._limits.waiting
            except (StoreError, TimeoutError):
                self._full = False  # the ledger itself says when it cannot take anything
        return self._full


def _hashed(person: Person) -> str:
    return hashlib.blake2b(str(person).encode(), digest_size=16).hexdigest()
