"""A worker that only sends, by REST, as a process of its own: ``python -m tests.support.discord.sender USER GUILD
CHANNEL TEXT``. Settings as for ``raise-bot run``; stores are the deployment's, in SQL. Prints what became of it."""

from __future__ import annotations

import asyncio
import sys

from adapters.discord.app import Access, DiscordApp
from adapters.discord.ids import channel_space
from adapters.discord.kept import Kept
from bot.assembly import stores
from bot.chat import Notice, Outbound
from bot.clock import SystemClock
from bot.identity import DIRECT, Person
from bot.private import Private
from bot.settings import load
from tests.support.discord.bot import lines


async def main(user: str, guild: str, channel: str, text: str) -> None:
    settings, clock = load(), SystemClock()
    async with stores.opened(settings, clock) as shared:
        sql = shared.discord
        assert shared.threads is not None
        assert sql is not None, "the settings name no database"
        kept = Kept(shared.threads, sql.envelopes, sql.bookmarks, sql.locales, sql.workspaces, sql.registrations)
        app = DiscordApp(Access(Private(settings.discord_token), settings.discord_proxy), clock, lines, kept=kept)
        notice = Notice(Private(text), private=True)
        person, about = Person("discord", guild, user), channel_space(int(channel))
        async with app.run(None):
            outcome = await app.platform.deliver(Outbound("w1", person, DIRECT, notice, "w", "de", about))
    print(type(outcome).__name__)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
