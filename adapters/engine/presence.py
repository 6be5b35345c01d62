"""This process among those on the same database: known as alive while it serves, and taking over from the dead."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Final

from adapters.engine import replicas
from adapters.engine.dbos_session import Session
from adapters.engine.lease import Lease, Terms

log: Final = logging.getLogger("raise_bot.engine")


class Presence:
    """``running`` gives the ids of the turns that run here; ``policy`` the id of the one that serves; ``lost`` is
    called once when the others took this process for dead; ``rescued`` is done after this one took over from another.
    """

    def __init__(
        self,
        session: Session,
        terms: Terms,
        running: Collection[str],
        policy: Callable[[], str],
        lost: Callable[[], None],
        rescued: Callable[[], Awaitable[object]],
    ) -> None:
        self._session, self._terms, self._running, self._policy = session, terms, running, policy
        self._rescued, self._owed = rescued, False
        self._astray: tuple[str, ...] = ()
        self._task: asyncio.Task[None] | None = None
        self.lease = Lease(terms, self._renew, self._rescue, lost)

    def begin(self) -> None:
        self._task = asyncio.create_task(self.lease.keep())

    async def end(self) -> None:
        """Say nothing more. (The row goes with the session.)"""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _renew(self) -> bool:
        session = self._session
        if not session.shared:
            return True
        return await session.ask(partial(replicas.beat, session.database, session.me.name, self._policy()))

    async def _rescue(self) -> None:
        session = self._session
        if session.shared:
            dead, turns = await session.ask(partial(replicas.take_over, session.database, self._terms.lasts))
            if dead or turns:
                log.warning("took over %d turns of processes that died: %s", turns, ", ".join(dead) or "unknown ones")
                session.bell.ring()
                self._owed = True
            if self._owed:
                await self._rescued()
                self._owed = False
        await self._gather_in()
        await self._give_up()

    async def _give_up(self) -> None:
        session = self._session
        turns, lost = await session.ask(partial(replicas.give_up, session.database))
        if turns:
            log.error("%d turns crashed too often and are given up: %s", len(turns), ", ".join(turns))
            session.bell.ring()
        if lost:
            log.error("%d turns could not even be given up, and nobody is told of them", lost)

    async def _gather_in(self) -> None:
        """What this process took from the queue and then could not begin, or end, because the database went away in
        between. A turn on its way from queue to work looks the same for a moment, so it takes two looks."""
        session, name = self._session, self._session.me.name
        astray = await session.ask(partial(replicas.strays, session.database, name, self._at_work()))
        at_work = self._at_work()
        again = tuple(each for each in astray if each in self._astray and each not in at_work)
        self._astray = tuple(each for each in astray if each not in again)
        if again:
            log.warning("%d turns were left lying by an interruption of the database and are queued again", len(again))
            await session.ask(partial(replicas.requeue, session.database, name, again))
            session.bell.ring()

    def _at_work(self) -> frozenset[str]:
        """Turns that run here, or are about to."""
        return frozenset((*self._running, *self._session.beginning.copy()))
