"""A bot in the test world: the real app on the real discord.py, one process of it at a time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from adapters.discord.app import Access, DiscordApp, Timing
from adapters.discord.ears import Count, Ears
from adapters.discord.kept import Kept
from adapters.discord.shards import parse_shards
from bot.chat import Intake
from bot.chat.forgettable import Forgettables
from bot.clock import Clock, Seconds, SystemClock
from bot.identity import Person
from bot.policy.phrases import phrase
from bot.private import Private
from bot.review.chat.presses import Presses
from tests.support.discord.model import TOKEN
from tests.support.discord.server import Server
from tests.support.knowing import nothing_known
from tests.support.policies import shipped

FAST = Timing(guild_ready=0.05, identify=0.0)


def lines(locale: str, phrase_id: str, /, **values: object) -> str:
    """The shipped policy's phrases."""
    return phrase(shipped(), locale, phrase_id, **values)


def english(phrase_id: str, **values: object) -> str:
    return lines("en", phrase_id, **values)


@dataclass
class Heard:
    """What the app told whoever runs it."""

    guilds: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    feedback: list[tuple[Person, str, bool]] = field(default_factory=list)
    counts: Counter[Count] = field(default_factory=Counter)
    known: Forgettables = nothing_known
    changed: Callable[[], None] = lambda: None

    def ears(self, intake: Intake, presses: Presses | None = None) -> Ears:
        async def workspace_gone(workspace: str) -> None:
            self.guilds.append(workspace)
            self.changed()

        async def user_gone(user: str) -> None:
            self.users.append(user)
            self.changed()

        def count(what: Count) -> None:
            self.counts.update([what])
            self.changed()

        async def feedback_given(person: Person, message: str, helpful: bool) -> None:
            self.feedback.append((person, message, helpful))
            self.changed()

        return Ears(intake, workspace_gone, user_gone, count, self.known, feedback_given, presses)


def make_app(
    server: Server,
    process: str = "p0",
    *,
    clock: Clock | None = None,
    token: str = TOKEN,
    shards: str = "",
    kept: Kept | None = None,
    sleep: Callable[[Seconds], Awaitable[None]] = asyncio.sleep,
) -> DiscordApp:
    return DiscordApp(
        Access(Private(token), shards=parse_shards(shards)),
        clock or SystemClock(),
        lines,
        kept=kept,
        connect=lambda: server.connector(process),
        timing=FAST,
        sleep=sleep,
    )


@asynccontextmanager
async def running(
    server: Server,
    app: DiscordApp,
    heard: Heard,
    intake: Intake,
    sessions: int = 1,
    presses: Presses | None = None,
) -> AsyncIterator[None]:
    """The app at work: connected, with its commands registered."""
    heard.changed = server.world.touch
    async with app.run(heard.ears(intake, presses)):
        await server.gateway.connected(sessions)
        yield
