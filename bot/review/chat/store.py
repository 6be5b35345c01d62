"""The ports to where cards stand in channels, and to whose account somebody in chat works under. Neither holds anything
of the people who are talked about: a posting names a case, and loses its sense when the case has lost its person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.clock import Seconds
from bot.identity import Person
from bot.review.chat.channel import Channel
from bot.review.moderators import Moderator


@dataclass(frozen=True, slots=True)
class Posting:
    """One case in one channel. ``message`` is the platform's id of the card, empty while there is none; ``shown`` the
    digest of the card as it stands there; ``wanted`` counts how often the case changed; ``begun_at`` is when the card
    was first tried to be posted (as it was before this lease: None for a first try); ``problem`` says why the last try
    failed, ``failures`` how many did in a row."""

    case_id: str
    channel: Channel
    wanted: int = 1
    message: str = ""
    shown: str = ""
    begun_at: Seconds | None = None
    failures: int = 0
    problem: str = ""


class Postings(Protocol):
    """All methods raise StoreUnavailable."""

    async def read_to(self, platform: str) -> int | None:
        """Up to which line of the trail the platform's cards have followed; None before the first time."""
        ...

    async def want(self, platform: str, cases: Mapping[str, Channel | None], read_to: int, now: Seconds) -> None:
        """These cases changed: each card of theirs on this platform is to be looked at, and one in the channel given is
        to be made where there is none. Kept together with how far the trail was read."""
        ...

    async def take(self, platform: str, now: Seconds, until: Seconds, limit: int) -> tuple[Posting, ...]:
        """Lease postings that are to be looked at, those with a card first, the longest waiting first; nobody else gets
        them before ``until``."""
        ...

    async def settle(self, posting: Posting, again_at: Seconds | None, now: Seconds) -> None:
        """Keep what was done, and end the lease. Looked at again at ``again_at``; at once when the case changed since
        the posting was taken."""
        ...

    async def drop(self, posting: Posting) -> None:
        """The card is done with."""
        ...

    async def troubles(self) -> tuple[Posting, ...]:
        """Those whose last try failed, one for each channel."""
        ...

    async def leave(self, platform: str, workspace: str) -> int:
        """Forget all postings in this workspace; returns how many."""
        ...


class Links(Protocol):
    """Who in chat works under which account of the desk. ``who`` is somebody on a platform, ``slack:T1:U1``."""

    async def moderator(self, who: Person) -> Moderator | None:
        """The account as it is at this moment; None when nobody linked it, or it was removed."""
        ...


class LinkBook(Links, Protocol):
    """What the one who runs the desk needs besides."""

    async def link(self, who: Person, name: str) -> bool:
        """``who`` works as this account from now on, and as no other; False when there is no such account."""
        ...

    async def unlink(self, who: Person) -> bool:
        """False when there was no link."""
        ...

    async def linked(self) -> tuple[tuple[Person, str], ...]:
        """Every link, by account."""
        ...

    async def leave(self, platform: str, workspace: str) -> int:
        """Forget all links in this workspace; returns how many."""
        ...
