"""Discord as one of the faces: the real core behind the real app on the real discord.py, spoken to as people do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bot.assembly.application import Application, application
from bot.chat import Inbound, Intake, Receipt
from bot.clock import ManualClock
from bot.conversation.forgettable import KnownNow
from bot.llm import Provider
from bot.settings import Settings
from bot.telemetry.events import Telemetry
from tests.support.discord.bot import Heard, make_app, running
from tests.support.discord.model import BOT, Interaction, World
from tests.support.discord.people import User
from tests.support.discord.seen import seen
from tests.support.discord.server import Server
from tests.support.face import Seen
from tests.support.policies import rulebook

GUILD, CHANNEL = 10 << 22, 20
_COMMANDS = {
    "privacy": "privacy show",
    "export": "privacy export",
    "forget me": "privacy forget-me",
    "pause": "privacy pause",
    "resume": "privacy resume",
    "help": "raise help",
    "why": "raise why",
}


class Taken:
    """The core's intake; remembers which turn each event of Discord's began."""

    def __init__(self, intake: Intake, world: World) -> None:
        self._intake = intake
        self._world = world
        self._turns: dict[str, str] = {}

    async def accept(self, inbound: Inbound) -> Receipt:
        receipt = await self._intake.accept(inbound)
        self._turns[inbound.id.removeprefix("i")] = receipt.turn_id
        self._world.touch()
        return receipt

    async def finished(self, turn_id: str) -> None:
        await self._intake.finished(turn_id)

    async def turn_of(self, snowflake: int) -> str:
        return await self._world.until(lambda: self._turns.get(str(snowflake)))


class DiscordFace:
    """Users are made when first named. Each has used ``/raise help`` some time before: only interactions tell the bot
    which language and country a person set in Discord. What they saw of that does not count."""

    def __init__(self, app: Application, taken: Taken, server: Server, clock: ManualClock) -> None:
        self.app = app
        self._taken = taken
        self.server = server
        self.clock = clock
        self._users: dict[str, User] = {}
        self._before: dict[str, int] = {}

    @property
    def world(self) -> World:
        return self.server.world

    async def user(self, name: str) -> User:
        if name not in self._users:
            user = self._users[name] = User(self.server, 7_000 + len(self._users), name)
            await self._finished((await user.commands("raise help")).id)
            self._before[name] = max(post.id for post in user.sees())
        return self._users[name]

    async def say(self, user: str, text: str, place: str = "dm", *, event: str | None = None) -> None:
        person = await self.user(user)
        self.clock.advance(1)
        post = await (person.says(text) if place == "dm" else person.says(f"<@{BOT}> {text}", CHANNEL))
        await self._finished(post.id)

    async def choose(self, user: str, choice: str) -> None:
        """Press the newest button of this choice that the person sees."""
        person = await self.user(user)
        self.clock.advance(1)
        await self._finished((await person.clicks(f":{choice}")).id)

    async def command(self, user: str, words: str) -> None:
        person = await self.user(user)
        self.clock.advance(1)
        plain = words.removeprefix("/")
        if plain in _COMMANDS:
            made = await person.commands(_COMMANDS[plain])
        else:
            name, _, item = plain.partition(" ")
            made = await person.commands(f"privacy {name}", item=item)
        await self._finished(made.id)

    async def seen(self, user: str) -> list[Seen]:
        """Everything the bot showed the person, without notes that only lead elsewhere."""
        person = await self.user(user)
        return [item for item in seen(self.world, person.id, self._before[user]) if item["kind"] != "pointer"]

    async def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)

    async def finished(self, made: Interaction) -> None:
        """Return once the bot has finished with an interaction that a test made itself."""
        await self._finished(made.id)

    async def _finished(self, snowflake: int) -> None:
        await self.app.intake.finished(await self._taken.turn_of(snowflake))


@asynccontextmanager
async def discord_face(
    *, provider: Provider | None = None, settings: Settings | None = None, content: bool = False
) -> AsyncIterator[DiscordFace]:
    """``content``: the application was granted the message-content intent."""
    clock = ManualClock()
    world = World(clock)
    world.channel(CHANNEL, GUILD)
    world.flags = (1 << 18) if content else 0
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Server(world).running())
        discord = make_app(server, clock=clock)
        core = application(
            settings or Settings(),
            [discord.platform],
            clock=clock,
            telemetry=Telemetry(lambda event, fields: None),
            provider=provider,
            rulebook=rulebook(model_reads=provider is not None) if settings is None else None,
        )
        app = await stack.enter_async_context(core)
        heard = Heard(known=KnownNow(app.stores.profiles, app.rules, clock))
        taken = Taken(app.intake, world)
        await stack.enter_async_context(running(server, discord, heard, taken))
        yield DiscordFace(app, taken, server, clock)
