"""A workspace with the bot in it, for one test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from adapters.slack.app import SlackApp
from adapters.slack.limits import Pace
from bot.chat.forgettable import Forgettables
from bot.chat.installations import Installations
from bot.chat.threads import Threads
from tests.support.knowing import nothing_known
from tests.support.slack.bot import FAST, Heard, make_app, running
from tests.support.slack.doors import Door
from tests.support.slack.doors import Post as Postman
from tests.support.slack.intake import Script, ScriptedIntake
from tests.support.slack.model import Workspace
from tests.support.slack.people import Town, User
from tests.support.slack.scripts import alarm, friendly
from tests.support.slack.seen import Seen, seen
from tests.support.slack.server import Server


@dataclass
class World:
    workspace: Workspace
    server: Server
    app: SlackApp
    intake: ScriptedIntake
    heard: Heard
    door: Door
    town: Town

    def user(self, name: str = "U1", team: str | None = None, locale: str = "en-US") -> User:
        """A person in channel C1."""
        user = User(self.town, name, team, locale)
        self.workspace.channels["C1"].members.add(name)
        return user

    def seen(self, user: str = "U1") -> list[Seen]:
        """What the bot showed a person, without notes that only lead elsewhere."""
        return [item for item in seen(self.workspace, user) if item["kind"] != "pointer"]

    def whispers(self, user: str = "U1") -> list[str]:
        """The text of notes for one person alone."""
        return [each.text for each in self.workspace.whispers if each.user == user]


@asynccontextmanager
async def a_world(
    mode: str = "http",
    script: Script = friendly,
    *,
    workspace: Workspace | None = None,
    threads: Threads | None = None,
    installations: Installations | None = None,
    pace: Pace = FAST,
    known: Forgettables = nothing_known,
) -> AsyncIterator[World]:
    place, heard = workspace or Workspace(), Heard(known=known)
    place.add_channel("C1")
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Server(place).running())
        app = make_app(server, mode, threads=threads, installations=installations, pace=pace)
        intake = await stack.enter_async_context(ScriptedIntake(script, crisis=alarm))
        intake.serve(app.platform)
        door = await stack.enter_async_context(running(server, app, heard, intake, mode))
        yield World(place, server, app, intake, heard, door, Town(server, Postman(door)))
