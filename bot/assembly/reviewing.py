"""The review desk, wired: for a process that talks to people (errands, timers, flags), and for one that only looks."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final

from bot.assembly import stores
from bot.assembly.redaction import chosen
from bot.assembly.stores import Stores
from bot.chat import Intake
from bot.clock import Clock, Seconds
from bot.conversation.speaking import Speaker
from bot.conversation.transcript import LedgerTranscript
from bot.errors import StoreError
from bot.policy.folder import find_folder
from bot.policy.loader import load as load_policy
from bot.policy.schema import Policy
from bot.review.accounts import Accounts
from bot.review.desk import Desk
from bot.review.errands import Errandry
from bot.review.moderators import EVERYWHERE, Moderator, Role
from bot.review.opening import Opening
from bot.review.store import ReviewStores
from bot.review.timers import Timers
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry
from bot.telemetry.redaction import Redactor, redacted

LOOK_EVERY: Final[Seconds] = 1.0
"""How often timers and errands are looked for; a deadline is honoured within about this time."""
LONGEST: Final[Seconds] = 30.0
"""The longest pause while the store is down."""


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The desk of one process. ``errandry`` is None where nobody talks to people."""

    desk: Desk
    opening: Opening
    timers: Timers
    errandry: Errandry | None
    accounts: Accounts | None

    async def account(self, name: str) -> Moderator | None:
        """The account of that name; None when there is none."""
        return None if self.accounts is None else await self.accounts.find(name)

    async def catch_up(self) -> None:
        """Everything that is due, once. Raises StoreUnavailable."""
        await self.timers.sweep()
        if self.errandry is not None:
            await self.errandry.run()

    async def keep_up(self, telemetry: Telemetry) -> None:
        """Look again and again until cancelled; a store that is down is asked less often."""
        pause = LOOK_EVERY
        while True:
            await asyncio.sleep(pause)
            try:
                await self.catch_up()
                pause = LOOK_EVERY
            except StoreError as problem:
                telemetry.emit(Event.NOT_REVIEWED, problem=str(problem))
                pause = min(2 * pause, LONGEST)
            except Exception as failure:  # noqa: BLE001 - one message that breaks must not stop every deadline
                telemetry.emit(Event.NOT_REVIEWED, problem=type(failure).__name__)
                pause = min(2 * pause, LONGEST)


def serving(
    opened: Stores,
    policy: Callable[[], Policy],
    clock: Clock,
    intake: Intake,
    speaker: Speaker,
    telemetry: Telemetry,
    redactor: Redactor,
) -> Reviewing:
    """The desk of a process that talks to people: what is decided is done at once, where the person's platform is."""
    errandry = Errandry(opened.review.errands, speaker.platforms, speaker.say, intake, policy, clock)

    async def run_errands() -> None:
        try:
            await errandry.run()
        except StoreError as problem:
            telemetry.emit(Event.NOT_REVIEWED, problem=str(problem))  # it is kept, and done at the next look
        except Exception as failure:  # noqa: BLE001 - the decision is made; its errand is tried again
            telemetry.emit(Event.NOT_REVIEWED, problem=type(failure).__name__)

    return _around(opened, policy, clock, redactor, run_errands, errandry)


@asynccontextmanager
async def looking(settings: Settings, clock: Clock) -> AsyncIterator[Reviewing]:
    """The desk of a process that only looks at cases and decides (``raise-bot review``): errands are left to the one
    that talks to people."""

    @cache
    def policy() -> Policy:
        return load_policy(find_folder(settings.policies))  # only when something is decided: it takes a while

    async def left_to_others() -> None:
        """The bot's own process looks every second."""

    async with stores.opened(settings, clock) as opened:
        reviewing = _around(opened, policy, clock, chosen(settings), left_to_others, None)
        await reviewing.catch_up()
        yield reviewing


def _around(
    opened: Stores,
    policy: Callable[[], Policy],
    clock: Clock,
    redactor: Redactor,
    run_errands: Callable[[], Awaitable[None]],
    errandry: Errandry | None,
) -> Reviewing:
    kept: ReviewStores = opened.review
    opening = Opening(kept.cases, policy, clock, lambda: secrets.token_hex(6))
    desk = Desk(
        cases=kept.cases,
        papers=kept.papers,
        trail=kept.trail,
        archive=kept.archive,
        transcript=LedgerTranscript(opened.ledger),
        opening=opening,
        roster=_Roster(opened.accounts),
        policy=policy,
        redact=lambda text: redacted(text, redactor.find(text)),
        clock=clock,
        run_errands=run_errands,
        postings=None if opened.channels is None else opened.channels.postings,
    )
    timers = Timers(kept.cases, kept.errands, policy, clock)
    return Reviewing(desk, opening, timers, errandry, opened.accounts)


@dataclass(frozen=True, slots=True)
class _Roster:
    """The accounts of the desk. Before the first one is made, people at the terminal go by any name."""

    accounts: Accounts | None

    async def find(self, name: str) -> Moderator | None:
        known = () if self.accounts is None else await self.accounts.everybody()
        if not known:
            return Moderator(name, Role.MODERATOR, EVERYWHERE)
        return next((each for each in known if each.name == name), None)
