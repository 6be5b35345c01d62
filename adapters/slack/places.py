"""Where a message goes: from a person, a space and a turn to a channel, a thread and a token."""

from __future__ import annotations

from dataclasses import replace

from adapters.slack import ids
from adapters.slack.calls import Calls
from adapters.slack.recent import Recent
from adapters.slack.web import Place, Refused
from adapters.slack.workspaces import Workspaces
from bot.chat import Outbound
from bot.chat.installations import Installation, home_of
from bot.identity import Person, Space
from bot.recent import RECENT


class Places:
    """Remembers direct channels and the thread each person writes in; both can be found again without the memory."""

    def __init__(self, calls: Calls, workspaces: Workspaces) -> None:
        self._calls = calls
        self._workspaces = workspaces
        self._direct: Recent[tuple[str, str], str] = Recent(RECENT)
        self._threads: Recent[Person, Place] = Recent(RECENT)
        self._in_channels: Recent[tuple[Person, str], str] = Recent(RECENT)

    def saw(self, person: Person, channel: str, root: str) -> None:
        """A person wrote in this thread."""
        if root and not ids.is_direct(channel):
            self._in_channels.put((person, channel), root)
        if ids.is_direct(channel) and root:
            workspace = home_of(person.workspace)
            self._threads.put(person, Place(workspace, "", channel, root))
            self._direct.put((workspace, person.user), channel)

    def thread_in(self, person: Person, channel: str) -> str:
        """The thread of a channel in which the person wrote last; empty where this process does not know."""
        return self._in_channels.get((person, channel)) or ""

    async def installation(self, person: Person) -> Installation:
        """Raises Refused where the app is not installed, StoreUnavailable."""
        found = await self._workspaces.find(person.workspace)
        if found is None:
            raise Refused("the message", f"the app is not installed in workspace {home_of(person.workspace)}")
        return found

    async def of(self, message: Outbound, installation: Installation) -> Place:
        """Where the message itself is posted: in the thread its turn was begun in, where that is a direct message."""
        token = installation.token.reveal()
        if not message.space.private:
            return Place(installation.workspace, token, *ids.channel_and_root(message.space))
        anchor = ids.anchor_of(message.turn)
        if anchor is not None and anchor.direct:
            return Place(installation.workspace, token, anchor.channel, anchor.root)
        return Place(installation.workspace, token, await self._direct_channel(message.to, installation))

    def spot(self, message: Outbound, installation: Installation) -> Place | None:
        """Where in public the person is waiting for something that is told in private; None if they are not.

        A note for one person is not shown in a thread nobody has answered in, so there it goes into the channel."""
        anchor = ids.anchor_of(message.turn)
        if message.space.private:
            channel, root = (anchor.channel, anchor.root) if anchor is not None and not anchor.direct else ("", "")
        else:
            channel, root = ids.channel_and_root(message.space)
        fresh = anchor is not None and anchor.opens_thread and anchor.ts == root
        if not channel:
            return None
        return Place(installation.workspace, installation.token.reveal(), channel, "" if fresh else root)

    async def at_work(self, person: Person, space: Space) -> Place | None:
        """The thread in which the sign of being at work is shown; None where no thread is known."""
        token = (await self.installation(person)).token.reveal()
        if space.private:
            last = self._threads.get(person)
            return replace(last, token=token) if last else None
        channel, root = ids.channel_and_root(space)
        return Place(home_of(person.workspace), token, channel, root) if root else None

    async def _direct_channel(self, person: Person, installation: Installation) -> str:
        key = (installation.workspace, person.user)
        known = self._direct.get(key)
        if known is not None:
            return known
        token = installation.token.reveal()
        return self._direct.put(key, await self._calls.direct_channel(installation.workspace, token, person.user))
