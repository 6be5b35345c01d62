"""Keeps the cards in the channels of one platform as the cases are, whoever changed them and however often.

The trail says which cases changed; each change makes the case's posting due, and a due posting is drawn anew from the
case as it then is: ten changes in a second are one edit, and a card that would look the same is left alone. A posting
is leased, so processes share the work. Nothing at the desk ever waits for a card.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Protocol, assert_never

from bot.clock import Clock, Seconds
from bot.errors import PlatformError
from bot.policy.schema import Policy
from bot.review.cases import Case
from bot.review.chat.cards import Card, card_of, moved_card, renewed_card
from bot.review.chat.channel import Channel, channel_of
from bot.review.chat.store import Posting, Postings
from bot.review.store import Cases, Filter, Trail

BATCH: Final = 500
AT_ONCE: Final = 4
"""Postings taken at once: few, so that an edit does not wait behind a crowd of new cards."""
BACKLOG: Final = 50
"""Of the cases that waited before cards were first asked for, how many get one; the gravest."""
PATIENCE: Final[Seconds] = 25.0
"""For one card; a platform that asks to wait longer is asked again later."""
LEASE: Final[Seconds] = 120.0
"""Longer than all that were taken at once may last; after that another process draws them."""
_PASSING: Final[tuple[Seconds, ...]] = (1.0, 3.0, 10.0, 30.0, 60.0)
REFUSED_AGAIN: Final[Seconds] = 300.0
"""A channel that refuses us is tried again this late: somebody may have invited the bot meanwhile."""


class Trouble(StrEnum):
    """passing: try again soon · refused: the channel is gone, closed to us or lacks a permission · lost: somebody took
    the card away."""

    PASSING = "passing"
    REFUSED = "refused"
    LOST = "lost"


class NotShown(PlatformError):  # noqa: N818 - the name says what happened
    """A card could not be posted or edited. The message says why, for an operator."""

    def __init__(self, trouble: Trouble, problem: str) -> None:
        super().__init__(problem)
        self.trouble = trouble


class Surface(Protocol):
    """A platform's channels. Every method raises NotShown, and nothing else for what the platform says."""

    async def find(self, channel: Channel, case_id: str, since: Seconds) -> str:
        """The card of this case that an earlier attempt posted since that moment; empty when there is none."""
        ...

    async def post(self, channel: Channel, card: Card) -> str:
        """The platform's id of the message."""
        ...

    async def edit(self, channel: Channel, message: str, card: Card) -> None: ...


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Until then the channel is not asked, so that a crowd of cases does not knock at a closed door one by one."""

    problem: str
    until: Seconds


@dataclass(slots=True)
class Board:
    """``report`` hears once of each channel that refuses cards, with the reason, and when it takes them again (an empty
    one)."""

    platform: str
    surface: Surface
    postings: Postings
    cases: Cases
    trail: Trail
    policy: Callable[[], Policy]
    clock: Clock
    report: Callable[[Channel, str], None]
    _refusing: dict[Channel, _Refusal] = field(default_factory=dict, init=False)
    _rung: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def ring(self) -> None:
        """Something changed just now: ``wait`` returns."""
        self._rung.set()

    async def wait(self, longest: Seconds) -> None:
        """Until somebody rings, or ``longest`` seconds have passed."""
        try:
            async with asyncio.timeout(longest):
                await self._rung.wait()
        except TimeoutError:
            return
        finally:
            self._rung.clear()

    async def look(self) -> int:
        """Follow the trail, then draw what is due; returns how many were looked at. Raises StoreUnavailable."""
        await self._follow()
        count = 0
        while True:
            now = self.clock.now()
            taken = await self.postings.take(self.platform, now, now + LEASE, AT_ONCE)
            if not taken:
                return count
            count += len(taken)
            # Channels beside each other, the cards of one in order.
            by_channel = itertools.groupby(sorted(taken, key=lambda each: str(each.channel)), key=lambda p: p.channel)
            async with asyncio.TaskGroup() as group:
                for _, postings in by_channel:
                    group.create_task(self._draw_all(list(postings)))
            await self._follow()

    # -- following ---------------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        while True:
            before = await self.postings.read_to(self.platform)
            if before is None:
                await self._begin()
                continue
            entries = await self.trail.since(before, BATCH)
            if not entries:
                return
            changed = dict.fromkeys(entry.case_id for entry in entries)
            cases = [case for case_id in changed if (case := await self.cases.find(case_id)) is not None]
            await self._want(cases, entries[-1].number)

    async def _begin(self) -> None:
        """The first time: not everything that ever happened, but what waits now."""
        head = await self.trail.head()
        await self._want(await self.cases.listed(Filter(), None, BACKLOG), head.number)

    async def _want(self, cases: list[Case] | tuple[Case, ...], read_to: int) -> None:
        policy = self.policy().cases
        wanted: dict[str, Channel | None] = {}
        for case in cases:
            channel = channel_of(policy, case) if case.pending else None
            wanted[case.id] = channel if channel is not None and channel.platform == self.platform else None
        await self.postings.want(self.platform, wanted, read_to, self.clock.now())

    # -- drawing -----------------------------------------------------------------------------------------------------

    async def _draw_all(self, postings: list[Posting]) -> None:
        for posting in postings:
            await self._draw(posting)

    async def _draw(self, posting: Posting) -> None:
        case = await self.cases.find(posting.case_id)
        if case is None:
            await self.postings.drop(posting)
            return
        policy = self.policy().cases
        title = policy.queues[case.queue].title if case.queue in policy.queues else case.queue
        stays = case.gone is not None or channel_of(policy, case) == posting.channel
        renewed = stays and _open_again(case, posting)
        card = renewed_card(case) if renewed else card_of(case, title) if stays else moved_card(case, title)
        refusal = self._refusing.get(posting.channel)
        if refusal is not None and self.clock.now() < refusal.until:
            await self._failed(posting, NotShown(Trouble.REFUSED, refusal.problem))
            return
        try:
            async with asyncio.timeout(PATIENCE):
                message = await self._shown(posting, card, wanted=stays and case.pending)
        except NotShown as problem:
            await self._failed(posting, problem)
            return
        except TimeoutError:
            await self._failed(posting, NotShown(Trouble.PASSING, "it took too long"))
            return
        self._took(posting.channel)
        if renewed:
            now = self.clock.now()
            await self.postings.settle(replace(posting, message="", shown="", failures=0, problem=""), now, now)
            return
        if not message or not stays or case.gone is not None:
            await self.postings.drop(posting)
            return
        done = replace(posting, message=message, shown=card.digest, failures=0, problem="")
        await self.postings.settle(done, None, self.clock.now())

    async def _shown(self, posting: Posting, card: Card, *, wanted: bool) -> str:
        """The id of the message that shows the card; empty when there is none and none is wanted any more."""
        message = posting.message
        if not message and posting.begun_at is not None:
            message = await self.surface.find(posting.channel, posting.case_id, posting.begun_at)
        if message and (posting.shown != card.digest or not posting.message):
            await self.surface.edit(posting.channel, message, card)
        if message or not wanted:
            return message
        return await self.surface.post(posting.channel, card)

    async def _failed(self, posting: Posting, problem: NotShown) -> None:
        now = self.clock.now()
        match problem.trouble:
            case Trouble.LOST:
                # Posted anew, as long as somebody still has to decide; otherwise it was taken away for good.
                anew = replace(posting, message="", shown="", begun_at=None, failures=0)
                await self.postings.settle(anew, now + _PASSING[0], now)
                return
            case Trouble.PASSING:
                pause = _PASSING[min(posting.failures, len(_PASSING) - 1)]
            case Trouble.REFUSED:
                pause = self._refused(posting.channel, str(problem), now)
            case _:
                assert_never(problem.trouble)
        failed = replace(posting, failures=posting.failures + 1, problem=str(problem)[:300])
        await self.postings.settle(failed, now + pause, now)

    def _refused(self, channel: Channel, problem: str, now: Seconds) -> Seconds:
        """How long to leave the channel alone."""
        known = self._refusing.get(channel)
        if known is not None and now < known.until:
            return known.until - now
        self._refusing[channel] = _Refusal(problem, now + REFUSED_AGAIN)
        if known is None or known.problem != problem:
            self.report(channel, problem)
        return REFUSED_AGAIN

    def _took(self, channel: Channel) -> None:
        if self._refusing.pop(channel, None) is not None:
            self.report(channel, "")


def _open_again(case: Case, posting: Posting) -> bool:
    """Whether the case was opened anew (a new flag, a follow-up) after its card had been posted."""
    return bool(posting.message) and case.pending and posting.begun_at is not None and case.since > posting.begun_at
