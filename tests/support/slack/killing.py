"""A bot that is killed again and again while people write: ``kill -9`` at random points, by seed.

Everything is real but Slack: ``raise-bot run`` with turns durable in SQLite. Events come one to four times each, out of
order, by HTTP or over Socket Mode, and until they are acknowledged, as Slack sends them. Afterwards
:meth:`Killing.problems` says what a person would complain about.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter, defaultdict
from pathlib import Path

import aiohttp

from tests.support.slack import payloads
from tests.support.slack.doors import Door, HttpDoor, NotAcknowledged, SocketDoor
from tests.support.slack.model import APP_TOKEN, Fault, Json, Post
from tests.support.slack.process import START_SECONDS, BotProcess
from tests.support.slack.server import Server

LINES = (
    "my girlfriend left me and I do not know how to go on",
    "should I quit my job or wait until spring?",
    "set a timer for ten minutes please",
    "how do I get better at studying for exams?",
    "my boss shouts at me every day and I cannot sleep any more",
    "I want to kill myself",
    "thanks a lot",
)
_DANGER = LINES[5]
_SETTLE = 90.0
_IN_A_ROW = 10
"""Kills, after which one life is long enough for everything. An answer in a channel takes longer than these short lives
(Slack takes a message a second there), and the engine gives a turn up after twenty crashes."""


class Killing:
    """``mode``: ``socket`` or ``http``."""

    def __init__(self, server: Server, mode: str, state: Path, seed: int) -> None:
        self.mode = mode
        self.random = random.Random(seed)
        self.server = server
        self.workspace = server.workspace
        self.state = state
        self.kills = 0
        self.written: list[Post] = []
        self._bot: BotProcess | None = None
        self._users = 0

    async def run(self, kills: int) -> int:
        """Be killed so many times, then be left alone until all is answered; the exit code of the graceful end."""
        self.workspace.add_channel("C1")
        async with aiohttp.ClientSession() as self._session, asyncio.TaskGroup() as group:
            for number in range(kills):
                if number and number % _IN_A_ROW == 0:
                    await (await self._quiet()).kill()
                await self._life(group)
            last = await self._quiet()
        return await last.stop()

    async def _quiet(self) -> BotProcess:
        """A life that nothing disturbs until everything is answered."""
        bot = self._bot = await self._spawn()
        async with asyncio.timeout(START_SECONDS):
            await asyncio.shield(bot.url)
        with contextlib.suppress(TimeoutError):  # then problems() says what is missing
            await self.workspace.until(self._all_answered, _SETTLE)
        return bot

    async def _life(self, group: asyncio.TaskGroup) -> None:
        bot = self._bot = await self._spawn()
        for _ in range(self.random.randint(3, 7)):
            self._write(group, self.random.random() * 1.5)
        if self.random.random() < 0.2:
            await asyncio.sleep(self.random.random() * 2.5)  # while it starts, and takes up what the last one left
        else:
            async with asyncio.timeout(START_SECONDS):
                await asyncio.shield(bot.url)
            self._trouble()
            await asyncio.sleep(self.random.random() * 1.2)
        await bot.kill()
        self.kills += 1

    async def _spawn(self) -> BotProcess:
        settings = {"SLACK_APP_TOKEN": APP_TOKEN, "SLACK_SIGNING_SECRET": ""} if self.mode == "socket" else {}
        return await BotProcess.start(self.server, f"p{self.kills}", self.state, **settings)

    def _trouble(self) -> None:
        method = self.random.choice(["chat.postMessage", "chat.startStream", "chat.stopStream", "conversations.open"])
        self.workspace.faults.append(Fault(method, cut=self.random.choice(["before", "after"])))

    def _write(self, group: asyncio.TaskGroup, delay: float) -> None:
        """Somebody new writes, alone with the bot or in the channel. (What one person writes in a row may be answered
        together, which is no loss.)"""
        self._users += 1
        user = f"U{self._users}"
        self.workspace.add_member(user)
        self.workspace.direct(user)
        self.workspace.channels["C1"].members.add(user)
        public, line = self.random.random() < 0.4, self.random.choice(LINES)
        text = f"<@UBOT> {line}" if public else line
        post = Post(self.workspace.ts(), "C1" if public else f"D{user}", user, text)
        self.written.append(self.workspace.put(post))
        for kind in ("message", "app_mention") if public else ("message",):
            event = payloads.event(self.workspace, payloads.message(self.workspace, post, kind))
            for _ in range(self.random.randint(1, 4)):
                group.create_task(self._deliver(event, delay + self.random.random() * 0.5))

    async def _deliver(self, event: Json, delay: float) -> None:
        """Until it is acknowledged, by whichever life of the bot."""
        await asyncio.sleep(delay)
        retry = 0
        while True:
            try:
                await (await self._door()).knock("events_api", event, retry)
            except (NotAcknowledged, ConnectionError):
                retry += 1
                await asyncio.sleep(0.05)
            else:
                return

    async def _door(self) -> Door:
        """Of the life there is now. Raises ConnectionError if it ended before it ran."""
        assert self._bot is not None
        if self.mode == "socket":
            return SocketDoor(self.server, f"p{self.kills}")
        return HttpDoor(f"{await asyncio.shield(self._bot.url)}/slack/events", self._session)

    # -- what came of it ---------------------------------------------------------------------------------------------

    def _of(self, post: Post) -> list[Post]:
        """What the bot posted for a message, in order."""
        return self._answers().get(turn_of(post), [])

    def _answers(self) -> dict[str, list[Post]]:
        """What the bot posted for each turn, in order."""
        found = defaultdict(list)
        for each in self.workspace.by_bot():
            if each.metadata:
                found[":".join(payload_of(each)["id"].split(":")[:3])].append(each)
        return found

    def _all_answered(self) -> bool:
        answers = self._answers()
        return all(any(payload_of(each)["last"] for each in answers.get(turn_of(post), ())) for post in self.written)

    def problems(self) -> list[str]:
        """What a person would complain about."""
        found, answers = list[str](), self._answers()
        for post in self.written:
            theirs = answers.get(turn_of(post), [])
            if not any(payload_of(each)["last"] for each in theirs):
                found.append(f"{post.text!r} was lost")
            doubled = [key for key, count in Counter(map(_part, theirs)).items() if count > 1]
            texts = [text for text, count in Counter(each.shown() for each in theirs).items() if count > 1]
            found += [f"{post.text!r} was answered twice: {doubled or texts}"] if doubled or texts else []
            crises = [each for each in theirs if any(b.get("block_id") == "crisis" for b in each.blocks)]
            if len(crises) != (1 if _DANGER in post.text else 0):
                found.append(f"{post.text!r} had {len(crises)} messages with where to find help")
        bot = self.workspace.by_bot()
        found += [f"a piece without an owner: {each.text[:60]!r}" for each in bot if not each.metadata]
        found += [f"still open: {each.text[:60]!r}" for each in bot if each.stream == "open"]
        return found


def turn_of(post: Post) -> str:
    """The turn that a message starts."""
    return f"slack:T1:{post.channel}-{post.ts}"


def payload_of(post: Post) -> Json:
    assert post.metadata is not None
    payload: Json = post.metadata["event_payload"]
    return payload


def _part(post: Post) -> tuple[str, int]:
    return payload_of(post)["id"], payload_of(post)["part"]
