"""Where people are: their direct channel, the server their direct messages are about, the channel they were seen in.

All of it is a shortcut that can be found again, or done without, after a restart.
"""

from __future__ import annotations

from typing import Final

import discord
from cachetools import LRUCache, TTLCache

from adapters.discord import ids
from adapters.discord.calls import Brake, patience
from bot.chat import Outbound
from bot.clock import Clock, Seconds
from bot.identity import Person, Space
from bot.recent import RECENT

_SHOWN: Final = 6
_CLOSED_FOR: Final[Seconds] = 600.0


class Places:
    """Used from one event loop."""

    def __init__(self, brake: Brake, clock: Clock) -> None:
        self._brake = brake
        self._direct: LRUCache[str, int] = LRUCache(RECENT)
        self._about: LRUCache[int, tuple[tuple[int, str], ...]] = LRUCache(RECENT)
        self._seen: LRUCache[Person, int] = LRUCache(RECENT)
        self._closed: TTLCache[str, None] = TTLCache(RECENT, _CLOSED_FOR, timer=clock.now)

    # -- direct messages -------------------------------------------------------------------------------------------

    async def direct(self, rest: discord.Client, user: str) -> int:
        """The channel of the person's direct messages. Raises Refused."""
        known = self._direct.get(user)
        if known is not None:
            return known
        with self._brake.calling("opening direct messages"):
            async with patience():
                channel = await rest.create_dm(discord.Object(int(user)))
        self._direct[user] = channel.id
        return channel.id

    def known_direct(self, user: str) -> int | None:
        return self._direct.get(user)

    def wrote_direct(self, user: str, channel: int) -> None:
        self._direct[user] = channel
        self._closed.pop(user, None)

    def closed(self, user: str) -> bool:
        """Whether Discord refused direct messages to this person a moment ago."""
        return user in self._closed

    def refused(self, user: str) -> None:
        self._closed[user] = None

    def about(self, channel: int, before: int) -> str | None:
        """Which workspace direct messages were about when the message (or press) ``before`` was made: that of the last
        buttons shown there until then. None where this process does not know."""
        known = self._about.get(channel, ())
        return next((workspace for shown, workspace in reversed(known) if shown < before), None)

    def showed(self, channel: int, message: int, workspace: str) -> None:
        """The message with buttons of this workspace was shown in direct messages."""
        known = (*self._about.get(channel, ()), (message, workspace))
        self._about[channel] = tuple(sorted(set(known)))[-_SHOWN:]

    def unsure(self) -> None:
        """Messages of ours may have been missed: what direct messages are about has to be looked up again."""
        self._about.clear()

    # -- servers ---------------------------------------------------------------------------------------------------

    def saw(self, person: Person, channel: int) -> None:
        self._seen[person] = channel

    def in_public(self, message: Outbound) -> int | None:
        """A channel in which a button for the person can be shown."""
        for space in (message.space, message.origin):
            if space is not None and not space.private:
                return channel_of(space)
        return self._seen.get(message.to)

    def forget(self, user: str) -> int:
        """Everything remembered about the person; returns how many entries."""
        direct = self._direct.pop(user, None)
        about = self._about.pop(direct, None) if direct is not None else None
        gone = [direct, about]
        seen = [person for person in self._seen if person.user == user]
        for person in seen:
            del self._seen[person]
        return len(seen) + sum(each is not None for each in gone)


def channel_of(space: Space) -> int:
    return int(space.id)


def guild_of(person: Person) -> int | None:
    return ids.workspace_number(person.workspace) or None
