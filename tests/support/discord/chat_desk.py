"""The moderators' desk in Discord: the real core behind the real app on the real discord.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bot.assembly.application import Application, application
from bot.assembly.moderating import Moderating, around
from bot.assembly.stores import Stores
from bot.clock import ManualClock
from bot.identity import Person
from bot.policy.cases import ChannelPolicy
from bot.settings import Settings
from bot.telemetry.events import Telemetry
from tests.support.chat_desk import board_of, book_with, enrolled
from tests.support.discord.bot import Heard, make_app, running
from tests.support.discord.face import GUILD, DiscordFace, Taken
from tests.support.discord.model import Fault, Interaction, Post, World, controls
from tests.support.discord.people import User
from tests.support.discord.server import Server

CHANNEL = 30
CHANNELS = (ChannelPolicy(workspaces=("discord:dm", f"discord:{GUILD}"), channel=f"discord:{GUILD}:{CHANNEL}"),)
NUMBERS = {"mia": 8_001, "noah": 8_002, "lea": 8_003, "zoe": 8_004}
STAFF = {name: Person("discord", str(GUILD), str(number)) for name, number in NUMBERS.items() if name != "zoe"}


class DiscordDesk:
    """Everybody at the desk is in the channel."""

    def __init__(self, face: DiscordFace, moderating: Moderating) -> None:
        self.face = face
        self.app: Application = face.app
        self.clock = face.clock
        self.moderating = moderating
        self.staff = {name: User(face.server, number, name) for name, number in NUMBERS.items()}

    @property
    def world(self) -> World:
        return self.face.world

    async def says(self, user: str, text: str) -> None:
        await self.face.say(user, text)
        await self.follows()

    async def presses(self, moderator: str, press: str) -> str:
        post = self.posts()[-1]
        wanted = f"case:{press}:"
        custom_id = next(
            each["custom_id"] for each in controls(post.components) if each["custom_id"].startswith(wanted)
        )
        made = await self.staff[moderator].clicks(custom_id, message=post.id)
        await self.world.until(lambda: made.modal or self._answers(made))
        await self.follows()
        return "\n".join(self._answers(made))

    async def fills(self, moderator: str, choice: str = "", words: str = "", note: str = "") -> str:
        made = await self.staff[moderator].submits(choice=choice, words=words, note=note)
        await self.world.until(lambda: self._answers(made))
        await self.follows()
        return "\n".join(self._answers(made))

    async def follows(self) -> None:
        await board_of(self.moderating).look()

    async def heard(self, user: str) -> str:
        return "\n".join(item["text"] for item in await self.face.seen(user) if "text" in item)

    def card(self) -> str:
        return self.posts()[-1].shown().replace("**", "")

    def buttons(self) -> list[str]:
        return [each["label"] for each in controls(self.posts()[-1].components)]

    def cards(self) -> int:
        return len(self.posts())

    def posts(self) -> list[Post]:
        theirs = [post for post in self.world.by_bot(CHANNEL) if not post.only]
        return sorted(theirs, key=lambda post: post.id)

    def cuts(self, when: str) -> None:
        self.world.faults.append(Fault(f"POST /channels/{CHANNEL}/messages", cut=when))

    def loses_the_card(self) -> None:
        del self.world.posts[self.posts()[-1].id]

    def public(self) -> str:
        """What everybody there could ever read, before and after each edit."""
        return repr([(post.history, post.content, post.components, post.first) for post in self.posts()])

    def _answers(self, made: Interaction) -> list[str]:
        theirs = [post for post in self.world.posts.values() if post.interaction == made.id and not post.waits]
        assert all(post.only == made.user for post in theirs), "an answer that everybody sees"
        return [plain(post.shown()) for post in sorted(theirs, key=lambda post: post.id)]


def plain(text: str) -> str:
    """Without the marks of Discord's Markdown."""
    return text.replace("||", "").replace("\\", "").replace("**", "").replace("\u200b", "")


@asynccontextmanager
async def discord_desk(stores: Stores, clock: ManualClock, *, world: World | None = None) -> AsyncIterator[DiscordDesk]:
    """``stores`` and ``world`` of an earlier run make this one a restart."""
    place = world or World(clock)
    place.channel(CHANNEL, GUILD)
    async with AsyncExitStack() as stack:
        await enrolled(stores, clock, STAFF)
        server = await stack.enter_async_context(Server(place).running())
        discord = make_app(server, clock=clock)
        core = application(
            Settings(),
            [discord.platform],
            clock=clock,
            telemetry=Telemetry(lambda event, fields: None),
            rulebook=book_with(*CHANNELS),
            kept=stores,
        )
        app = await stack.enter_async_context(core)
        assert stores.channels is not None
        surfaces = {"discord": discord.surface}
        moderating = around(app, stores.channels, surfaces, clock, Telemetry(lambda event, fields: None))
        taken = Taken(app.intake, place)
        await stack.enter_async_context(running(server, discord, Heard(), taken, presses=moderating.presses))
        yield DiscordDesk(DiscordFace(app, taken, server, clock), moderating)
