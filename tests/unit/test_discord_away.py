"""What happened while the bot was away: messages, removals from servers; and what it remembers of people's language."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from adapters.discord.kept import Kept
from adapters.discord.memory import MemoryBookmarks, MemoryLocales, MemoryWorkspaces
from bot.chat import Said
from bot.chat.bookmarks import Bookmark
from bot.clock import ManualClock, SystemClock
from bot.errors import StoreUnavailable
from bot.identity import Person
from bot.private import Private
from tests.support.discord import payloads
from tests.support.discord.bot import make_app, running
from tests.support.discord.model import Fault, Post, World
from tests.support.discord.people import User
from tests.support.discord.server import Server
from tests.support.discord.world import CHANNEL, GUILD, MENTION, Scene, a_scene

HOUR, DAY = 3_600.0, 86_400.0
OTHER, QUIET = 11 << 22, 30


def texts(scene: Scene) -> list[str]:
    return [each.content.text.reveal() for each in scene.intake.accepted if isinstance(each.content, Said)]


def wrote(scene: Scene, user: User, text: str, channel: int = 0) -> Post:
    """While nobody listens."""
    world = scene.world
    return world.put(Post(world.snowflake(), channel or user.direct, user.id, text))


@asynccontextmanager
async def back_again(scene: Scene, kept: Kept, clock: ManualClock) -> AsyncIterator[None]:
    """A new process, which knows only what was kept."""
    app = make_app(scene.server, clock=clock, kept=kept)
    scene.intake.serve(app.platform)
    async with running(scene.server, app, scene.heard, scene.intake):
        yield


async def gone(scene: Scene) -> None:
    """The process ends."""
    await scene.app.pause(1)
    scene.server.gateway.sessions.clear()


async def test_direct_messages_are_read_on_after_days() -> None:
    clock = ManualClock()
    kept = Kept.in_memory(clock)
    async with a_scene(clock=clock, kept=kept) as scene:
        ann = scene.user()
        await scene.asked(ann, "tell me")
        await gone(scene)
        clock.advance(3 * DAY)
        wrote(scene, ann, "are you there?")
        clock.advance(HOUR)
        async with back_again(scene, kept, clock):
            await scene.world.until(lambda: "are you there?" in texts(scene))
        assert texts(scene).count("tell me") == 1


async def test_who_was_written_to_first_by_the_bot_is_read_on_too() -> None:
    clock = ManualClock()
    kept = Kept.in_memory(clock)
    async with a_scene(clock=clock, kept=kept) as scene:
        ann, bob = scene.user(), scene.user(7_002)
        await scene.asked(ann, f"{MENTION} something sensitive?", CHANNEL)
        await scene.taken((await bob.commands("raise help")).id)
        await gone(scene)
        clock.advance(DAY / 2)
        wrote(scene, ann, "rather low")
        wrote(scene, bob, "hello")
        async with back_again(scene, kept, clock):
            await scene.world.until(lambda: {"rather low", "hello"} <= set(texts(scene)))
        about = {each.content: each.person for each in scene.intake.accepted}
        assert about[Said(Private("rather low"))] == Person("discord", str(GUILD), "7001")


async def test_a_strangers_first_message_is_found_with_the_next_one() -> None:
    clock = ManualClock()
    kept = Kept.in_memory(clock)
    async with a_scene(clock=clock, kept=kept) as scene:
        ann = scene.user()
        await gone(scene)
        wrote(scene, ann, "I wrote before you came")
        clock.advance(HOUR)
        async with back_again(scene, kept, clock):
            later = await ann.says("hello?")
            await scene.taken(later.id)
            await scene.asked(ann, "tell me")
        assert texts(scene) == ["I wrote before you came", "hello?", "tell me"]


async def test_what_was_answered_or_is_too_old_is_left_alone() -> None:
    clock = ManualClock()
    async with a_scene(clock=clock) as scene:
        ann, bob = scene.user(), scene.user(7_002)
        wrote(scene, ann, "years ago")
        clock.advance(2 * DAY)
        wrote(scene, bob, "answered")
        scene.world.put(Post(scene.world.snowflake(), bob.direct, 100, "an answer"))
        wrote(scene, bob, "not answered")
        await scene.asked(ann, "today")
        await scene.asked(bob, "now")
        assert texts(scene) == ["today", "not answered", "now"]


async def test_a_mention_in_a_channel_never_seen_before_is_found() -> None:
    clock = ManualClock()
    kept = Kept.in_memory(clock)
    async with a_scene(clock=clock, kept=kept) as scene:
        ann = scene.user()
        scene.world.channel(QUIET, GUILD)
        scene.world.channel(QUIET + 1, GUILD).permissions = 1 << 11
        await scene.asked(ann, "tell me")
        await gone(scene)
        clock.advance(HOUR)
        for channel in (QUIET, QUIET + 1):
            wrote(scene, ann, f"{MENTION} over here {channel}", channel)
            wrote(scene, ann, "not for you", channel)
        scene.world.requests.clear()
        async with back_again(scene, kept, clock):
            await scene.world.until(lambda: f"over here {QUIET}" in texts(scene))
        assert len(texts(scene)) == 2
        assert not [each for each in scene.world.requests if each.startswith(f"GET /channels/{QUIET + 1}/")]


class Broken(MemoryBookmarks):
    async def since(self, at: float, limit: int) -> list[Bookmark]:
        raise StoreUnavailable("away")

    async def of(self, channel: str) -> Bookmark | None:
        raise StoreUnavailable("away")

    async def mark(self, bookmark: Bookmark) -> None:
        raise StoreUnavailable("away")

    meet = mark


async def test_without_the_store_of_bookmarks_messages_are_answered() -> None:
    async with a_scene(kept=replace(Kept.in_memory(SystemClock()), bookmarks=Broken())) as scene:
        await scene.asked(scene.user(), "tell me")


# -- servers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [10_004, 50_001])
async def test_a_removal_while_away_deletes_what_was_kept(code: int) -> None:
    clock = ManualClock()
    kept = Kept.in_memory(clock)
    await kept.workspaces.join("100", [str(OTHER)])
    await kept.workspaces.join("200", ["77"])
    await kept.bookmarks.mark(Bookmark("31", str(OTHER), "5", 5.0))
    server = Server(World(clock))
    server.world.faults.append(Fault(f"GET /guilds/{OTHER}", status=403 if code == 50_001 else 404, code=code))
    async with a_scene(server=server, clock=clock, kept=kept) as scene:
        await scene.world.until(lambda: scene.heard.guilds)
    assert scene.heard.guilds == [str(OTHER)]
    assert await kept.workspaces.joined("100") == {str(GUILD)}
    assert await kept.workspaces.joined("200") == {"77"}, "what another app knows is not this one's"
    assert await kept.bookmarks.of("31") is None


async def test_an_outage_or_a_doubt_is_not_a_removal() -> None:
    clock = ManualClock()
    kept = Kept.in_memory(clock)
    unclear = 12 << 22
    await kept.workspaces.join("100", [str(GUILD), str(OTHER), str(unclear)])
    server = Server(World(clock))
    server.world.guild(OTHER)
    server.world.unavailable.add(OTHER)
    server.world.faults.append(Fault(f"GET /guilds/{unclear}", status=500, times=20))
    async with a_scene(server=server, clock=clock, kept=kept) as scene:
        await scene.world.until(lambda: any(f"GET /guilds/{unclear}" in each for each in scene.world.requests))
        await scene.asked(scene.user(), "tell me")
    assert scene.heard.guilds == []
    assert await kept.workspaces.joined("100") == {str(GUILD), str(OTHER), str(unclear)}


async def test_each_shard_looks_after_its_own_servers() -> None:
    clock = ManualClock()
    kept = Kept.in_memory(clock)
    await kept.workspaces.join("100", [str(OTHER), str(12 << 22)])
    async with a_scene(clock=clock, kept=kept, server=Server(World(clock), shards=2), shards="1/2") as scene:
        await scene.world.until(lambda: scene.heard.guilds)
    assert scene.heard.guilds == [str(OTHER)]
    assert str(12 << 22) in await kept.workspaces.joined("100")


async def test_a_removal_that_could_not_be_finished_is_found_again() -> None:
    async def sleep(seconds: float) -> None:
        raise SystemError("the process ends")

    clock = ManualClock()
    kept = Kept.in_memory(clock)

    class Stuck(MemoryBookmarks):
        async def leave(self, workspace: str) -> int:
            raise StoreUnavailable("away")

    server = Server(World(clock))
    async with a_scene(server=server, clock=clock, kept=replace(kept, bookmarks=Stuck()), sleep=sleep) as scene:
        await kept.workspaces.join("100", [str(GUILD)])
        await server.gateway.tell(GUILD, "GUILD_DELETE", {"id": str(GUILD)})
        await scene.world.until(lambda: scene.heard.guilds)
        del scene.world.guilds[GUILD]
        await gone(scene)
        assert await kept.workspaces.joined("100") == {str(GUILD)}
        async with back_again(scene, kept, clock):
            await scene.world.until(lambda: len(scene.heard.guilds) == 2)


class Watched(MemoryWorkspaces):
    """Lets the world know when something changed."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def join(self, app: str, workspaces: Iterable[str]) -> None:
        await super().join(app, workspaces)
        self._world.touch()

    async def leave(self, app: str, workspace: str) -> None:
        await super().leave(app, workspace)
        self._world.touch()

    def has(self, *guilds: int) -> bool:
        return self._joined == {("100", str(each)) for each in guilds}


async def test_servers_are_on_record_from_joining_to_leaving() -> None:
    server = Server(World(SystemClock()))
    workspaces = Watched(server.world)
    async with a_scene(server=server, kept=replace(Kept.in_memory(SystemClock()), workspaces=workspaces)) as scene:
        await scene.world.until(lambda: workspaces.has(GUILD))
        scene.world.guild(OTHER)
        new = {name: value for name, value in payloads.guild(scene.world, OTHER).items() if name != "unavailable"}
        await server.gateway.tell(0, "GUILD_CREATE", new)
        await scene.world.until(lambda: workspaces.has(GUILD, OTHER))
        await server.gateway.tell(0, "GUILD_DELETE", {"id": str(OTHER)})
        await scene.world.until(lambda: workspaces.has(GUILD))
        assert scene.heard.guilds == [str(OTHER)]


# -- languages -----------------------------------------------------------------------------------------------------


async def test_a_language_once_known_is_kept_over_a_restart_and_for_a_while() -> None:
    clock = ManualClock()
    kept = replace(Kept.in_memory(clock), locales=MemoryLocales(10 * DAY))
    async with a_scene(clock=clock, kept=kept) as scene:
        ann = User(scene.server, 7_001, locale="de")
        await scene.taken((await ann.commands("raise help")).id)
        await scene.asked(ann, "tell me")
        assert scene.intake.accepted[-1].locale == "de"
        await gone(scene)
        async with back_again(scene, kept, clock):
            await scene.asked(ann, "tell me more")
            assert scene.intake.accepted[-1].locale == "de"
            clock.advance(11 * DAY)
            await scene.asked(ann, "tell me again")
            assert scene.intake.accepted[-1].locale == "und"


async def test_until_then_it_is_the_language_of_the_server_never_its_country() -> None:
    async with a_scene(before=lambda world: setattr(world, "preferred_locale", "pt-BR")) as scene:
        ann = scene.user()
        await scene.asked(ann, f"{MENTION} something sensitive?", CHANNEL)
        assert scene.intake.accepted[-1].locale == "pt"
        await scene.asked(ann, "rather low")
        assert scene.intake.accepted[-1].locale == "pt", "it is about that server"
        await scene.asked(scene.user(7_002), "hello")
        assert scene.intake.accepted[-1].locale == "und"


class Silent(MemoryLocales):
    async def learn(self, person: Person, locale: str, now: float) -> None:
        raise StoreUnavailable("away")

    async def of(self, person: Person, now: float) -> str | None:
        raise StoreUnavailable("away")


async def test_without_the_store_of_languages_messages_are_answered() -> None:
    async with a_scene(kept=replace(Kept.in_memory(SystemClock()), locales=Silent(DAY))) as scene:
        ann = scene.user()
        await scene.asked(ann, "tell me")
        await scene.taken((await ann.commands("raise help")).id)
