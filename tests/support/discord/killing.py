"""``raise-bot run`` against the test server, killed with SIGKILL at any moment and started again."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

from adapters.discord import words
from adapters.discord.ids import Press, Tag
from bot.clock import SystemClock
from tests.scenario.conversations import HEARTBREAK, JOB
from tests.support.discord.bot import english
from tests.support.discord.command import PATIENCE, Command
from tests.support.discord.model import BOT, Post, World, controls
from tests.support.discord.people import User
from tests.support.discord.proxy import proxy
from tests.support.discord.server import Server

GUILD, CHANNEL = 10 << 22, 20
_HELLO, _LAST = "hello there", "just answer me"
_LINES = (HEARTBREAK, "What is the capital of France?", JOB, f"<@{BOT}> {HEARTBREAK}")


class Killing:
    """One run. ``problems`` says what is wrong afterwards, if anything."""

    def __init__(self, state: Path, seed: int) -> None:
        self._state = state
        self._random = random.Random(seed)
        self._events: Counter[int] = Counter()
        self.world = World(SystemClock())
        self.world.channel(CHANNEL, GUILD)
        self.server = Server(self.world, replay=5)
        self.people = [User(self.server, 7_001 + number) for number in range(len(_LINES))]

    async def run(self) -> None:
        async with self.server.running(), proxy(self.server) as through:
            command = Command(self.server, through.url, self._state)
            async with command.life():
                for user in self.people:
                    await user.says(_HELLO)
                    self._events[user.id] += 1
                await self._everybody_saw(1)
                writing = asyncio.create_task(self._write())
                await self._trouble()
            await writing
            async with command.life():
                await self._everybody_saw(2)
                await self._finish()

    def problems(self) -> list[str]:
        """Everything somebody did is met with one message. The last thing everybody did was met after the rest, since
        the turns of a person are kept in order, so nothing more is under way."""
        found = []
        for user in self.people:
            shown = [post.shown() for post in self._shown(user)]
            if len(shown) != self._events[user.id]:
                found.append(f"{user.id} did {self._events[user.id]} things and was shown {len(shown)}: {shown}")
            found += [f"broken off: {text[-60:]!r}" for text in shown if english(words.BROKEN_OFF) in text]
        left = [post.shown() for post in self.world.by_bot() if post.waits or post.shown().endswith("▌")]
        return found + [f"unfinished: {text[-60:]!r}" for text in left]

    # -- what people do --------------------------------------------------------------------------------------------

    async def _write(self) -> None:
        """Everybody's line, at moments of their own, whether or not somebody listens."""
        async with asyncio.TaskGroup() as group:
            for user, line in zip(self.people, _LINES, strict=True):
                group.create_task(self._say(user, line, self._random.random() * 0.2))

    async def _say(self, user: User, line: str, delay: float) -> None:
        await asyncio.sleep(delay)
        self._events[user.id] += 1
        channel = CHANNEL if line.startswith("<") else user.direct
        await user.tell(self.world.put(Post(self.world.snowflake(), channel, user.id, line)))

    async def _trouble(self) -> None:
        """Lost connections, with replays after the resume, until the moment of the kill."""
        left = self._random.random() * 0.5
        while left > 0:
            step = min(left, self._random.random() * 0.2)
            await asyncio.sleep(step)
            left -= step
            if self._random.random() < 0.5:
                await self.server.gateway.hang_up()

    async def _finish(self) -> None:
        """Everybody presses the button of a message that an earlier process sent, and writes once more."""
        for user in self.people:
            before = len(self._shown(user))
            found = [each for post in self._shown(user) for each in controls(post.components)]
            values = [each for each in found if _chooses(each["custom_id"]) and not each.get("disabled")]
            if values:
                self._events[user.id] += 1
                await user.clicks(values[0]["custom_id"])
                await self.world.until(lambda user=user, before=before: len(self._shown(user)) > before, PATIENCE)
            before = len(self._shown(user))
            self._events[user.id] += 1
            await user.says(_LAST)
            await self.world.until(lambda user=user, before=before: len(self._shown(user)) > before, PATIENCE)

    # -- what they see ---------------------------------------------------------------------------------------------

    async def _everybody_saw(self, count: int) -> None:
        await self.world.until(lambda: all(len(self._shown(user)) >= count for user in self.people), PATIENCE)

    def _shown(self, user: User) -> list[Post]:
        """Finished messages for the person, wherever they stand."""
        theirs = [
            post
            for post in self.world.by_bot()
            if post.channel == user.direct or post.only == user.id or self._replies_to(post, user)
        ]
        done = [post for post in theirs if not post.waits and not post.shown().endswith("▌")]
        return sorted(done, key=lambda post: post.id)

    def _replies_to(self, post: Post, user: User) -> bool:
        answered = self.world.posts.get(post.reply_to)
        return answered is not None and answered.author == user.id


def _chooses(custom_id: str) -> bool:
    tag = Tag.read(custom_id)
    return tag is not None and tag.press is Press.CHOOSE
