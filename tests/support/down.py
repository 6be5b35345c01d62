"""Stores, engines and platforms that are down, as ports: they fail as the real ones do, or never answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NoReturn

from adapters.stores.memory import MemoryProfiles
from adapters.terminal.json_terminal import JsonTerminal
from bot.chat import Delivery, Inbound, Outbound, Undelivered
from bot.clock import Seconds
from bot.conversation.effects import Journal
from bot.conversation.engine import TurnWork
from bot.conversation.ledger import TurnRow
from bot.conversation.states import State
from bot.errors import StoreUnavailable
from bot.identity import ConversationKey, Person
from bot.profile.consent import Standing
from bot.profile.record import Record
from bot.profile.store import Changes


def _down() -> NoReturn:
    raise StoreUnavailable("the store is down for this test")


class DownLedger:
    """``hangs``: never answers; otherwise refuses at once."""

    def __init__(self, *, hangs: bool = False) -> None:
        self._hangs = hangs

    async def _fail(self) -> NoReturn:
        if self._hangs:
            await asyncio.Event().wait()
        _down()

    async def claim(self, turn_id: str, conversation: ConversationKey, inbound: Inbound, now: Seconds) -> bool:
        await self._fail()

    async def turn(self, turn_id: str) -> TurnRow[Journal] | None:
        await self._fail()

    async def crisis_shown(self, turn_id: str) -> None:
        await self._fail()

    async def unanswered(self, turn_id: str) -> bool:
        await self._fail()

    async def state(self, conversation: ConversationKey, now: Seconds) -> State | None:
        await self._fail()

    async def save(
        self, turn_id: str, conversation: ConversationKey, state: State, journal: Journal, expires_at: Seconds
    ) -> None:
        await self._fail()

    async def close(self, turn_id: str) -> None:
        await self._fail()

    async def open_turns(self, *, of: Person | None = None) -> tuple[tuple[str, ConversationKey], ...]:
        await self._fail()

    async def waiting(self) -> int:
        await self._fail()

    async def erase(self, person: Person) -> int:
        await self._fail()

    async def purge(self, now: Seconds, limit: int) -> int:
        await self._fail()


class DownEngine:
    """Takes no turns."""

    async def start(self, work: TurnWork, give_up: TurnWork | None = None) -> None:
        _down()

    async def submit(self, turn_id: str, conversation: str) -> bool:
        _down()

    async def finished(self, turn_id: str) -> None:
        """Nothing was ever taken."""

    async def cancel(self, turn_id: str) -> bool:
        _down()

    async def forget(self, turn_ids: tuple[str, ...]) -> int:
        _down()

    async def stop(self, deadline: float) -> None:
        """Nothing runs."""


class DownProfiles:
    async def read(self, person: Person, now: Seconds) -> tuple[Record, ...]:
        _down()

    async def write(self, person: Person, changes: Changes, now: Seconds) -> None:
        _down()

    async def erase(self, person: Person) -> int:
        _down()

    async def purge(self, now: Seconds, limit: int) -> int:
        _down()


class AwayProfiles(MemoryProfiles):
    """Profiles that cannot be reached while they are ``away``."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False

    async def read(self, person: Person, now: Seconds) -> tuple[Record, ...]:
        if self.away:
            _down()
        return await super().read(person, now)

    async def write(self, person: Person, changes: Changes, now: Seconds) -> None:
        if self.away:
            _down()
        await super().write(person, changes, now)


class DownConsents:
    async def read(self, person: Person) -> Standing:
        _down()

    async def write(self, person: Person, standing: Standing) -> None:
        _down()

    async def erase(self, person: Person) -> int:
        _down()


class WeakTerminal(JsonTerminal):
    """A terminal that refuses the first ``refusals`` messages."""

    def __init__(self, write: Callable[[str], None], refusals: int = 0, *, permanent: bool = False) -> None:
        super().__init__(write)
        self.refusals = refusals
        self.permanent = permanent

    async def deliver(self, message: Outbound) -> Delivery:
        if self.refusals:
            self.refusals -= 1
            return Undelivered("refused for this test", self.permanent)
        return await super().deliver(message)
