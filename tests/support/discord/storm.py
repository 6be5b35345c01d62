"""Everything that goes wrong at once, by seed: connections lost with replays after the resume, sessions given up, calls
cut or limited, people pressing and writing all the while, and the bot's process killed and started again."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

from adapters.discord import words
from adapters.discord.ids import Tag
from adapters.discord.kept import Kept as Beside
from bot.chat import Chose, Inbound, Notice, Receipt, Said
from bot.clock import SystemClock
from bot.private import Private
from tests.support.discord.bot import Heard, english, make_app, running
from tests.support.discord.model import BOT, Fault, Json, Post, World, controls
from tests.support.discord.people import User
from tests.support.discord.server import Server
from tests.support.slack.intake import Journal, ScriptedIntake, Turn
from tests.support.slack.scripts import LINES, alarm, question, say, stream

_ENOUGH = 40.0
GUILD, CHANNEL = 10 << 22, 20


@dataclass
class Kept:
    """What survives a process."""

    journal: Journal = field(default_factory=Journal)
    beside: Beside = field(default_factory=lambda: Beside.in_memory(SystemClock()))


async def script(turn: Turn) -> None:
    content = turn.inbound.content
    words = content.text.reveal() if isinstance(content, Said) else ""
    if "die" in words:
        await say(turn, "crisis", LINES)
    elif "ask" in words:
        await say(turn, "question", question())
    elif "private" in words:
        await say(turn, "question", question("mood", private=True))
    elif "notice" in words:
        await say(turn, "notice", Notice(Private("A long story. " * 500)))
    elif isinstance(content, Chose):
        await stream(turn, f"Thank you for {content.choice}.")
    else:
        await stream(turn, expected(words), pieces=7)


def expected(words: str) -> str:
    return f"An answer to {words!r}. " + "It goes on for a while, so that it is written in pieces.\n\n" * 45


class _Touching(ScriptedIntake):
    """Lets the world know when something was claimed."""

    world: World

    async def accept(self, inbound: Inbound) -> Receipt:
        try:
            return await super().accept(inbound)
        finally:
            self.world.touch()


class Process:
    """One life of the bot."""

    def __init__(self, server: Server, name: str, kept: Kept) -> None:
        self.name = name
        self._server = server
        self._kept = kept
        self.intake = _Touching(script, kept.journal, crisis=alarm)
        self.intake.world = server.world
        self.up = asyncio.Event()
        self.life = asyncio.create_task(self._live())

    async def _live(self) -> None:
        await self._server.open(self.name)
        app = make_app(
            self._server,
            self.name,
            kept=self._kept.beside,
            sleep=_briefly,
        )
        async with self.intake:
            self.intake.serve(app.platform)
            async with running(self._server, app, Heard(), self.intake):
                self.up.set()
                await asyncio.Event().wait()

    async def kill(self) -> None:
        """From now on nothing it does has an effect; then its tasks are taken away."""
        self._server.kill(self.name)
        self.life.cancel()
        await asyncio.wait({self.life}, timeout=_ENOUGH)
        assert self.life.done(), "the process does not end"


async def _briefly(seconds: float) -> None:
    await asyncio.sleep(min(seconds, 0.02))


class Storm:
    """One run. ``problems`` says what is wrong afterwards, if anything."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.world = World(SystemClock())
        self.world.channel(CHANNEL, GUILD)
        self.server = Server(self.world, replay=self.random.randint(0, 5))
        self.kept = Kept()
        self.lives = 0
        self.written: list[Post] = []
        self.process: Process

    async def run(self, messages: int = 8) -> None:
        async with self.server.running():
            self.users = [User(self.server, 7_001 + number) for number in range(3)]
            self._spawn()
            await self._up()
            for user in self.users:
                # Everybody has talked with the bot before: that is how it knows where to look after a restart.
                self.written.append(await user.says("tell hello"))
                self.written.append(await user.says(f"<@{BOT}> tell hello", CHANNEL))
            await self._idle()
            self._trouble()
            async with asyncio.timeout(_ENOUGH), asyncio.TaskGroup() as group:
                for _ in range(messages):
                    group.create_task(self._write(self.random.random() * 0.3))
                group.create_task(self._hang_up(self.random.random() * 0.3))
                if self.random.random() < 0.7:
                    group.create_task(self._kill(self.random.random() * 0.3))
            await self._idle()
            await self._press()
            await self._idle()
            await self.process.kill()

    def _spawn(self) -> None:
        self.lives += 1
        self.process = Process(self.server, f"life{self.lives}", self.kept)

    def _trouble(self) -> None:
        """Calls that fail in passing."""
        for _ in range(self.random.randint(0, 5)):
            what = self.random.choice(["POST /channels", "PATCH /channels", "POST /users/@me/channels"])
            faults = [
                Fault(what, cut="before"),
                Fault(what, cut="after"),
                Fault(what, retry_after=0.01),
            ]
            self.world.faults.append(self.random.choice(faults))

    async def _write(self, delay: float) -> None:
        await asyncio.sleep(delay)
        user = self.random.choice(self.users)
        word = self.random.choice(["tell", "tell", "ask", "private", "notice", "die: I want to die"])
        text = f"{word} {len(self.written)}"
        post = Post(self.world.snowflake(), user.direct, user.id, text)
        if self.random.random() < 0.5:
            post.channel, post.content = CHANNEL, f"<@{BOT}> {text}"
        self.written.append(self.world.put(post))
        if self.server.gateway.living():
            await user.tell(post)

    async def _hang_up(self, delay: float) -> None:
        await asyncio.sleep(delay)
        if self.random.random() < 0.3:
            await self.server.gateway.invalidate(resumable=False)
        else:
            await self.server.gateway.hang_up()

    async def _kill(self, delay: float) -> None:
        await asyncio.sleep(delay)
        await self.process.kill()
        self._spawn()

    async def _press(self) -> None:
        """Everybody answers the newest question they see."""
        for user in self.users:
            found = [
                each["custom_id"]
                for post in user.sees()
                for each in controls(post.components)
                if each["custom_id"].endswith(":young") and not each.get("disabled") and _theirs(user, post, each)
            ]
            if found:
                await self.server.gateway.connected()
                made = await user.clicks(found[-1])
                await self.world.until(lambda made=made: self._turn(made.id), _ENOUGH)

    async def _idle(self) -> None:
        """Every message written was claimed, and every turn has ended."""
        async with asyncio.timeout(_ENOUGH):
            for post in self.written:
                await self.world.until(lambda post=post: self._turn(post.id), _ENOUGH)
            await self._up()
            await self.process.intake.idle()

    async def _up(self) -> None:
        """The process that lives now is at work; raises what kept it from that."""
        async with asyncio.timeout(_ENOUGH):
            waiting = asyncio.ensure_future(self.process.up.wait())
            await asyncio.wait({waiting, self.process.life}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                waiting.cancel()
                self.process.life.result()

    def _turn(self, snowflake: int) -> str | None:
        names = (str(snowflake), f"i{snowflake}")
        return next((turn for turn in self.kept.journal.claims if turn.rpartition(":")[2] in names), None)

    def problems(self) -> list[str]:
        """What a person would complain about."""
        found = [f"{post.content!r} was lost" for post in self.written if self._turn(post.id) is None]
        shown = [post.shown() for post in self.world.by_bot() if not post.waits]
        for post in self.written[6:]:
            text = post.content.removeprefix(f"<@{BOT}> ")
            if text.startswith("tell"):
                start = f"An answer to {text!r}. "
                times = sum(start in each for each in shown)
                if times != 1:
                    found.append(f"{text!r} was answered {times} times")
        kinds = {"ask": "May I ask about your age?", "private": "May I ask about your mood?", "die": LINES.text}
        for word, line in kinds.items():
            meant = sum(post.content.removeprefix(f"<@{BOT}> ").startswith(word) for post in self.written)
            told = sum(line in each for each in shown)
            if meant != told:
                found.append(f"{meant} times {word!r}, shown {told} times")
        parts = [each for each in shown if "It goes on for a while" in each]
        sentences = sum(each.count("It goes on for a while") for each in parts)
        answers = sum(post.content.removeprefix(f"<@{BOT}> ").startswith("tell") for post in self.written)
        if sentences != answers * 45:
            found.append(f"{answers} answers of 45 sentences: {sentences} shown")
        found += [
            f"unfinished: {each[-40:]!r}" for each in shown if each.endswith("▌") or english(words.BROKEN_OFF) in each
        ]
        return found


def _theirs(user: User, post: Post, control: Json) -> bool:
    tag = Tag.read(control["custom_id"])
    return post.channel != CHANNEL or (tag is not None and tag.who == user.id)
