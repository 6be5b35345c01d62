"""The test world with the bot in it, for one test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from adapters.discord.app import DiscordApp
from adapters.discord.ids import interaction_event
from bot.chat import Said
from bot.chat.forgettable import Forgettables
from bot.clock import Clock, SystemClock
from tests.support.discord.bot import Heard, make_app, running
from tests.support.discord.model import BOT, Post, World
from tests.support.discord.people import User
from tests.support.discord.seen import seen
from tests.support.discord.server import Server
from tests.support.face import Seen
from tests.support.knowing import nothing_known
from tests.support.slack.intake import Script, ScriptedIntake, Turn
from tests.support.slack.scripts import alarm, friendly, question, say

GUILD, CHANNEL, THREAD = 10 << 22, 20, 21
MENTION = f"<@{BOT}>"


@dataclass
class Scene:
    world: World
    server: Server
    app: DiscordApp
    intake: ScriptedIntake
    heard: Heard

    def user(self, user: int = 7_001) -> User:
        return User(self.server, user)

    def seen(self, user: int = 7_001) -> list[Seen]:
        return seen(self.world, user)

    async def taken(self, snowflake: int) -> None:
        """Until the event was claimed and its turn has ended."""
        names = (str(snowflake), interaction_event(snowflake))

        def probe() -> str | None:
            return next((turn for turn in self.intake.journal.claims if turn.rpartition(":")[2] in names), None)

        await self.intake.finished(await self.world.until(probe))

    async def asked(self, user: User, text: str, channel: int = 0, **more: Any) -> Post:
        """The person writes, and the bot is done with it."""
        post = await user.says(text, channel, **more)
        await self.taken(post.id)
        return post

    async def pressed(self, user: User, custom_id: str) -> None:
        await self.taken((await user.clicks(custom_id)).id)


async def kindly(turn: Turn) -> None:
    """As the core does: a private question belongs to the channel that it is about, and the platform finds the way."""
    content = turn.inbound.content
    if isinstance(content, Said) and "sensitive" in content.text.reveal():
        await say(turn, "question", question("mood", private=True))
    else:
        await friendly(turn)


@asynccontextmanager
async def a_scene(
    script: Script = kindly,
    *,
    clock: Clock | None = None,
    content: bool = False,
    server: Server | None = None,
    sessions: int = 1,
    before: Callable[[World], None] = lambda world: None,
    known: Forgettables = nothing_known,
    **app: Any,
) -> AsyncIterator[Scene]:
    """``content``: the message-content intent was granted. ``before``: what else to make of the world."""
    clock = clock or SystemClock()
    server = server or Server(World(clock))
    world, heard = server.world, Heard(known=known)
    world.channel(CHANNEL, GUILD)
    world.channel(THREAD, GUILD, parent=CHANNEL)
    world.flags = (1 << 18) if content else 0
    before(world)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(server.running())
        discord = make_app(server, clock=clock, **app)
        intake = await stack.enter_async_context(ScriptedIntake(script, crisis=alarm))
        intake.serve(discord.platform)
        await stack.enter_async_context(running(server, discord, heard, intake, sessions))
        yield Scene(world, server, discord, intake, heard)
