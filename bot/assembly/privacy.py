"""Data requests that come by other ways than the conversation: show, export, forget, receipts; and rotating keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Final

from bot.assembly.forgetting import forgetting
from bot.assembly.limiting import counting, limiter
from bot.assembly.stores import Stores, in_sql, urls
from bot.clock import Clock, Seconds, SystemClock
from bot.conversation.audit import Use
from bot.conversation.limits import Limiter
from bot.conversation.states import State, home
from bot.errors import SettingsError, StoreUnavailable
from bot.identity import Person
from bot.profile.consent import Standing
from bot.profile.erasure import Forgetting, Holding, Past
from bot.profile.record import Record
from bot.settings import Settings

WAIT: Final[Seconds] = 30.0
"""How long to wait for a running bot to forget somebody: it holds the turns and what is in memory."""
GRACE: Final[Seconds] = 3.0
"""How long a bot that may run elsewhere on the same PostgreSQL is given to begin."""
_LOOK: Final[Seconds] = 0.1
ROTATED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything about one person that outlives the process. ``records`` are there only if profiles are in Redis,
    because otherwise they are in the memory of the running bot; ``rows`` counts by table."""

    person: Person
    standing: Standing
    records: tuple[Record, ...]
    uses: Mapping[str, Use]
    rows: Mapping[str, int]
    conversation: State
    in_memory: bool


@dataclass(frozen=True, slots=True)
class Requests:
    """Opened by :func:`requests`."""

    stores: Stores
    clock: Clock
    limiter: Limiter
    shared: bool
    in_memory: bool

    async def dossier(self, person: Person) -> Dossier:
        """Raises StoreUnavailable, and Unreadable where what is stored does not open."""
        stores, now = self.stores, self.clock.now()
        conversation = await stores.ledger.state(home(person), now)
        return Dossier(
            person=person,
            standing=await stores.consents.read(person),
            records=await stores.profiles.read(person, now),
            uses=await stores.audit.uses(person),
            rows=await stores.counts(person) if stores.counts is not None else {},
            conversation=conversation or State(),
            in_memory=self.in_memory,
        )

    async def forget(self, person: Person, locale: str = "und") -> Past:
        """Forget the person: by the bot that runs on this database, or here if none does."""
        known = len(await self.stores.erasures.receipts(person))
        await self.stores.erasures.begin(person, self.clock.now(), locale)
        if self.shared and await self._done_elsewhere(person, GRACE):
            return (await self._receipts(person, known))[-1]
        forget = forgetting(self.stores, self.clock, _Nothing(), (Holding("counts", self.limiter),))
        if not await self._done_here(forget, person) and not await self._done_elsewhere(person, WAIT):
            raise StoreUnavailable(
                f"the bot that runs on this state did not forget {person} within {WAIT:g} s: it is noted, and will be "
                "done as soon as that bot, or its next start, can; look again with: raise-bot privacy receipt"
            )
        return (await self._receipts(person, known))[-1]

    async def receipts(self, person: Person) -> tuple[tuple[Past, ...], bool]:
        """What was forgotten when, and whether an erasure is still under way."""
        under_way = any(each.person == person for each in await self.stores.erasures.pending())
        return await self.stores.erasures.receipts(person), under_way

    async def _done_here(self, forget: Forgetting, person: Person) -> bool:
        """False when a bot is running on the same files: its turns, which come first, cannot be reached from here."""
        with forget.alone(person):
            try:
                _, receipt = await forget.erase(person)
            except StoreUnavailable:
                return False
            await forget.finish(person, receipt)
        return True

    async def _done_elsewhere(self, person: Person, within: Seconds) -> bool:
        for _ in range(round(within / _LOOK)):
            if all(each.person != person for each in await self.stores.erasures.pending()):
                return True
            await asyncio.sleep(_LOOK)
        return False

    async def _receipts(self, person: Person, known: int) -> tuple[Past, ...]:
        receipts = await self.stores.erasures.receipts(person)
        if len(receipts) <= known:
            raise StoreUnavailable(
                "the erasure is done, but its receipt cannot be found: the bot that did it has another RAISE_KEY than "
                "this command; give both the same key"
            )
        return receipts


class _Nothing:
    """The door of a process that serves nobody."""

    async def erase(self, person: Person) -> int:
        return 0


@asynccontextmanager
async def requests(settings: Settings, clock: Clock) -> AsyncIterator[Requests]:
    """The stores of a deployment, without running the bot. Raises SettingsError without a state folder or database."""
    if settings.state is not None and not settings.database_url and not settings.state.is_dir():
        raise SettingsError((f"--state: expected the folder of a bot, and {settings.state} is none",))
    async with in_sql(settings, clock) as stores, counting(settings, clock) as counts:
        limits = limiter(settings, counts, stores.ledger, clock)
        yield Requests(stores, clock, limits, bool(settings.database_url), not settings.redis_url)


async def check_keys(settings: Settings) -> None:
    """Raises SettingsError unless the deployment's keys are whole and open everybody's."""
    async with requests(settings, SystemClock()):
        pass


async def rotate(settings: Settings) -> int:
    """Wrap everything anew that an older deployment key wrapped; returns how many. Interrupted, call it again. Raises
    StoreUnavailable while a bot that has read the old key file is running."""
    from adapters.engine.rows import held_by_nobody

    async with requests(settings, SystemClock()) as opened:
        if opened.stores.rotate is None:
            return 0
        count = 0
        with nullcontext() if settings.key else held_by_nobody(urls(settings)[1]):
            while (done := await opened.stores.rotate(ROTATED_AT_ONCE)) > 0:
                count += done
        return count
