"""Live updates: a page that is open is told that something has changed, never what; it then asks for what it may see.

Events: ``changed`` (the number of the trail's last line as id), ``signed-out`` when the session has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from bot.errors import NotAllowed, StoreUnavailable
from bot.review.cases import Action
from bot.review.desk import Desk
from bot.review.moderators import Moderator

POLL_S: Final = 1.0
"""How soon a page hears of what another process did; what was done here is said at once."""
HEARTBEAT_S: Final = 15.0
_UNSEEN: Final = frozenset({Action.SEEN})
"""Looking changes nothing that a page shows; if it did, two open pages would make each other look for ever."""

Write = Callable[[bytes], Awaitable[None]]
Known = Callable[[], Awaitable[Moderator | None]]


@dataclass(slots=True)
class Bell:
    """Wakes every open page of this process."""

    open: bool = True
    _rung: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        """Whoever waits now goes on; who waits from now on waits for the next time."""
        self._rung.set()
        self._rung = asyncio.Event()

    def close(self) -> None:
        self.open = False
        self.ring()

    async def wait(self, longest: float) -> None:
        rung = self._rung
        try:
            async with asyncio.timeout(longest):
                await rung.wait()
        except TimeoutError:
            return


async def follow(desk: Desk, bell: Bell, known: Known, case_id: str, after: int, write: Write) -> None:
    """Tell one page until its session ends or the server stops; ``write`` raises when the page has gone.

    ``case_id``: only changes of that case; empty for all. ``known``: who has the page open, None once logged out."""
    silence = 0.0
    while bell.open:
        who = await known()
        if who is None:
            await write(b"event: signed-out\ndata: {}\n\n")
            return
        try:
            entries = await desk.changes(who, after)
        except NotAllowed:
            return  # the account sees figures only by now
        except StoreUnavailable:
            entries = ()  # the page keeps what it shows; it hears of the rest when the store is back
        after = entries[-1].number if entries else after
        relevant = any(entry.event.action not in _UNSEEN and case_id in ("", entry.case_id) for entry in entries)
        if relevant:
            await write(f"id: {after}\nevent: changed\ndata: {{}}\n\n".encode())
        elif silence >= HEARTBEAT_S:
            await write(b": still here\n\n")
        silence = 0.0 if relevant or silence >= HEARTBEAT_S else silence + POLL_S
        await bell.wait(POLL_S)
