"""The people in the workspace: what they do, as Slack would tell the app about it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence

from tests.support.slack import payloads
from tests.support.slack.doors import Post as Postman
from tests.support.slack.model import BOT_USER, Json, Modal, Post, Whisper, Workspace
from tests.support.slack.server import Server


class Town:
    """Workspace, server and postman together. ``chaos`` delivers every event one to four times and out of order."""

    def __init__(self, server: Server, postman: Postman, chaos: random.Random | None = None) -> None:
        self.server = server
        self.postman = postman
        self.chaos = chaos

    @property
    def workspace(self) -> Workspace:
        return self.server.workspace

    async def tell(self, *inner: Json) -> None:
        """Deliver events (several forms of one thing count as several events)."""
        events = [payloads.event(self.workspace, each) for each in inner]
        if self.chaos is None:
            for each in events:
                await self.postman.event(each)
            return
        copies = [each for each in events for _ in range(self.chaos.randint(1, 4))]
        self.chaos.shuffle(copies)
        delays = [self.chaos.random() * 0.02 for _ in copies]
        await asyncio.gather(*(self._later(each, delay) for each, delay in zip(copies, delays, strict=True)))

    async def _later(self, payload: Json, delay: float) -> None:
        await asyncio.sleep(delay)
        await self.postman.event(payload)


class User:
    """One person. ``direct`` stands for their direct messages with the bot."""

    def __init__(self, town: Town, user: str, team: str | None = None, locale: str = "en-US") -> None:
        self.town = town
        self.id = user
        self.clicked: Json = {}
        self.commanded: Json = {}
        self.submitted: Json = {}
        self.workspace.add_member(user, team, locale)
        self.workspace.direct(user)

    @property
    def workspace(self) -> Workspace:
        return self.town.workspace

    @property
    def direct(self) -> str:
        return f"D{self.id}"

    async def says(self, text: str, channel: str = "", root: str = "", *, files: bool = False) -> Post:
        """Write a message; a mention of the bot is ``<@UBOT>``."""
        post = Post(self.workspace.ts(), channel or self.direct, self.id, text, root)
        if files:
            post.files = [{"id": "F1", "name": "photo.png"}]
        self.workspace.put(post)
        forms = [payloads.message(self.workspace, post)]
        if f"<@{BOT_USER}>" in text and channel:
            forms.append(payloads.message(self.workspace, post, "app_mention"))
        await self.town.tell(*forms)
        return post

    async def edits(self, post: Post, text: str) -> None:
        before, post.text = post.text, text
        await self.town.tell(payloads.edited(self.workspace, post, before))

    async def clicks(self, action: str) -> Json:
        """Press the newest button whose ``action_id`` is ``action``, or else begins with it."""
        element, where = self.button(action)
        reply_to = self.town.server.response_url(self.id, where.channel, where.ts) if where is not None else ""
        payload = payloads.click(self.workspace, self.id, element, where, reply_to)
        self.clicked = payload
        return await self.town.postman.interaction(payload)

    def button(self, action: str) -> tuple[Json, Post | Whisper | None]:
        named = [(each.get("action_id", ""), each, where) for each, where in self.buttons()]
        for name, element, where in sorted(named, key=lambda each: each[0] != action):
            if name.startswith(action):
                return element, where
        raise LookupError(f"{self.id} sees no button {action!r}")

    def buttons(self) -> Iterator[tuple[Json, Post | Whisper | None]]:
        """Every button the person sees, newest message first, App Home last."""
        seen: list[Post | Whisper] = [
            *self.posts(),
            *(each for each in self.workspace.whispers if each.user == self.id),
        ]
        for where in sorted(seen, key=lambda each: each.ts, reverse=True):
            yield from ((element, where) for block in where.blocks for element in block.get("elements", []))
        home = self.workspace.homes.get(self.id, {"blocks": []})
        yield from ((element, None) for block in home["blocks"] for element in block.get("elements", []))

    def posts(self) -> list[Post]:
        """Every message in the channels the person is in, oldest first."""
        theirs = [channel.id for channel in self.workspace.channels.values() if self.id in channel.members]
        return sorted((post for each in theirs for post in self.workspace.posts.get(each, [])), key=lambda p: p.ts)

    @property
    def modal(self) -> Modal:
        """The modal that is open."""
        return next(modal for modal in reversed(self.workspace.modals.values()) if modal.user == self.id and modal.open)

    async def submits(self, choice: str = "", words: str = "", note: str = "", ticked: Sequence[str] = ()) -> Json:
        """Send the open modal; it stays open when the app finds errors in it."""
        modal = self.modal
        sent = self.submitted = payloads.submission(self.workspace, modal, choice, words, note, ticked)
        answer = await self.town.postman.interaction(sent)
        modal.errors = answer.get("errors", {})
        modal.open = bool(modal.errors)
        return answer

    async def slash(self, words: str, channel: str = "") -> Json:
        payload = self.commanded = payloads.slash(
            self.workspace, self.id, words, channel or self.direct, self._reply_to(channel or self.direct)
        )
        return await self.town.postman.interaction(payload, "slash_commands")

    def _reply_to(self, channel: str) -> str:
        return self.town.server.response_url(self.id, channel, self.workspace.ts())

    async def opens(self, tab: str = "home") -> None:
        """Look at App Home, or at the direct messages (``messages``)."""
        opened = {"type": "app_home_opened", "user": self.id, "tab": tab, "channel": self.direct}
        await self.town.tell({**opened, "event_ts": self.workspace.ts()})

    async def stops(self, post: Post) -> None:
        """Press Slack's own stop button in the thread of ``post``."""
        stop = {"type": "agent_session_stopped", "user": self.id, "channel": post.channel, "streaming_message_ts": []}
        await self.town.tell({**stop, "thread_ts": post.root or post.ts, "event_ts": self.workspace.ts()})
