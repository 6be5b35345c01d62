"""Everything that goes wrong at once, by seed: events doubled, late and out of order, connections asked back, calls
cut, limits hit, streams ended, and the bot's process killed in the middle and started again."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

from adapters.slack.workspaces import MemoryThreads
from bot.chat import Notice, Said
from bot.identity import DIRECT
from bot.private import Private
from tests.support.slack import payloads
from tests.support.slack.bot import Heard, make_app, running
from tests.support.slack.doors import Door, NotAcknowledged
from tests.support.slack.intake import Journal, ScriptedIntake, Turn
from tests.support.slack.model import Fault, Json, Post, Workspace
from tests.support.slack.scripts import LINES, alarm, question, say, stream
from tests.support.slack.server import Server

_ENOUGH = 30.0


@dataclass
class Kept:
    """What survives a process: the journal and the threads."""

    journal: Journal = field(default_factory=Journal)
    threads: MemoryThreads = field(default_factory=MemoryThreads)


class Process:
    """One life of the bot."""

    def __init__(self, server: Server, mode: str, name: str, kept: Kept) -> None:
        self.name = name
        self._server = server
        self._mode = mode
        self._kept = kept
        self._task: asyncio.Task[None] | None = None
        self._up: asyncio.Future[Door] = asyncio.get_running_loop().create_future()
        self.intake = ScriptedIntake(script, kept.journal, crisis=alarm)

    def start(self) -> None:
        self._task = asyncio.create_task(self._live())

    async def door(self) -> Door:
        return await self._up

    async def _live(self) -> None:
        app = make_app(self._server, self._mode, self.name, threads=self._kept.threads)
        async with self.intake:
            self.intake.serve(app.platform)
            async with running(self._server, app, Heard(), self.intake, self._mode, self.name) as door:
                door.patience = 0.5
                self._up.set_result(door)
                await asyncio.Event().wait()

    async def kill(self) -> None:
        """From now on nothing it does has an effect; then its tasks are taken away."""
        self._server.kill(self.name)
        self.intake.dead = True
        assert self._task is not None
        if self._mode == "http":
            # A listening socket half made cannot be taken away cleanly.
            await asyncio.wait({self._up, self._task}, return_when=asyncio.FIRST_COMPLETED)
        self._task.cancel()
        await asyncio.wait({self._task})
        self._up.cancel()


async def script(turn: Turn) -> None:
    content = turn.inbound.content
    words = content.text.reveal() if isinstance(content, Said) else ""
    if "die" in words:
        await say(turn, "crisis", LINES)
    elif "ask" in words:
        await say(turn, "question", question())
    elif "private" in words:
        await say(turn, "question", question("mood", private=True), DIRECT)
    elif "notice" in words:
        await say(turn, "notice", Notice(Private("A long story. " * 1_500)))
    else:
        await stream(turn, expected(words), pieces=7)


def expected(words: str) -> str:
    return f"An answer to {words!r}. " + "It goes on for a while, so that it is written in pieces.\n\n" * 6


class Storm:
    """One run. ``outcome`` says what is wrong afterwards, if anything."""

    def __init__(self, server: Server, mode: str, seed: int) -> None:
        self.random = random.Random(seed)
        self.server = server
        self.workspace: Workspace = server.workspace
        self.mode = mode
        self.kept = Kept()
        self.lives = 0
        self.process = self._spawn()
        self.written: list[Post] = []

    def _spawn(self) -> Process:
        self.lives += 1
        process = Process(self.server, self.mode, f"p{self.lives}", self.kept)
        process.start()
        return process

    async def run(self, messages: int = 6, kills: int = 2) -> None:
        for user in ("U1", "U2"):
            self.workspace.add_member(user)
            self.workspace.direct(user)
        self.workspace.add_channel("C1", "U1", "U2")
        self._trouble()
        async with asyncio.timeout(_ENOUGH), asyncio.TaskGroup() as group:
            for _ in range(messages):
                for event in self._write():
                    for _ in range(self.random.randint(1, 4)):
                        group.create_task(self._deliver(event, self.random.random() * 0.15))
            for _ in range(kills):
                group.create_task(self._kill(self.random.random() * 0.25))
            group.create_task(self._hang_up(self.random.random() * 0.2))
        async with asyncio.timeout(_ENOUGH):
            await self.process.door()
            await self.process.intake.idle()
        await self.process.kill()

    def _trouble(self) -> None:
        """Calls that fail in passing."""
        for _ in range(self.random.randint(0, 4)):
            method = self.random.choice(
                ["chat.postMessage", "chat.startStream", "chat.appendStream", "chat.stopStream", "conversations.open"]
            )
            kinds = [
                Fault(method, cut="before"),
                Fault(method, cut="after"),
                Fault(method, retry_after=0.01),
                Fault(method, error="internal_error"),
                Fault("chat.appendStream", error="message_not_in_streaming_state"),
            ]
            fault = self.random.choice(kinds)
            self.workspace.faults.append(fault)

    def _write(self) -> list[Json]:
        """One message, as Slack's events: twice when it is a mention."""
        user = self.random.choice(["U1", "U2"])
        word = self.random.choice(["tell", "tell", "ask", "private", "notice", "die: I want to die"])
        text = f"{word} {len(self.written)}"
        public = self.random.random() < 0.5
        post = Post(self.workspace.ts(), "C1" if public else f"D{user}", user, f"<@UBOT> {text}" if public else text)
        self.written.append(self.workspace.put(post))
        kinds = ["message", "app_mention"] if public else ["message"]
        return [payloads.event(self.workspace, payloads.message(self.workspace, post, kind)) for kind in kinds]

    async def _deliver(self, event: Json, delay: float) -> None:
        await asyncio.sleep(delay)
        retry = 0
        while True:
            process = self.process
            try:
                door = await asyncio.shield(process._up)
                await door.knock("events_api", event, retry)
            except (NotAcknowledged, asyncio.CancelledError):
                if process is self.process and asyncio.current_task().cancelling():  # type: ignore[union-attr]
                    raise
                retry += 1
                await asyncio.sleep(0.01)
            else:
                return

    async def _kill(self, delay: float) -> None:
        await asyncio.sleep(delay)
        old = self.process
        await old.kill()
        if old is self.process:
            self.process = self._spawn()

    async def _hang_up(self, delay: float) -> None:
        await asyncio.sleep(delay)
        await self.server.hang_up()

    def problems(self) -> list[str]:
        """What a person would complain about."""
        found = []
        bot = self.workspace.by_bot()
        for post in self.written:
            turn = f"slack:T1:{post.channel}-{post.ts}"
            text = post.text.removeprefix("<@UBOT> ")
            if turn not in self.kept.journal.closed:
                found.append(f"{text!r} was lost")
                continue
            theirs = [
                each for each in bot if each.metadata and each.metadata["event_payload"]["id"].startswith(f"{turn}:")
            ]
            parts = [each.metadata["event_payload"]["part"] for each in theirs if each.metadata]
            last = [each for each in theirs if each.metadata and each.metadata["event_payload"]["last"]]
            if len(last) != 1 or parts != sorted(set(parts)):
                found.append(f"{text!r} was replied to with parts {parts}, of which {len(last)} are last")
            if text.startswith("tell"):
                shown = "".join(each.shown() for each in theirs)
                if shown.strip() != expected(text).strip():
                    found.append(f"{text!r}: shown is not what was meant ({len(shown)} characters)")
        found += [f"refused for good: {each}" for each in self.kept.journal.refused]
        found += [f"a piece without owner: {each.text[:40]!r}" for each in bot if not each.metadata]
        found += [f"still open: {each.text[:40]!r}" for each in bot if each.stream == "open"]
        return found
