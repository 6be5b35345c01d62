"""The connection: sessions that are lost and resumed, shards, intents, commands, the heartbeat, going away."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from adapters.discord.app import Access
from adapters.discord.ears import Count
from adapters.discord.kept import Kept
from adapters.discord.memory import MemoryRegistrations
from bot.clock import SystemClock
from bot.errors import SettingsError, StoreUnavailable
from bot.private import Private
from tests.support.discord import payloads
from tests.support.discord.bot import make_app, running
from tests.support.discord.model import Post, World
from tests.support.discord.server import Server
from tests.support.discord.world import CHANNEL, GUILD, MENTION, a_scene


async def resumed(scene_server: Server) -> None:
    await scene_server.world.until(lambda: any(each.resumes for each in scene_server.gateway.sessions.values()))


@pytest.mark.parametrize("code", [1_000, 1_001, 4_000, 4_009])
async def test_a_lost_connection_is_resumed_and_what_was_missed_is_taken_in_once(code: int) -> None:
    server = Server(World(SystemClock()), replay=10)
    async with a_scene(server=server) as scene:
        ann = scene.user()
        await scene.asked(ann, "tell me")
        await server.gateway.hang_up(code)
        missed = await ann.says("tell me more")
        await resumed(server)
        await scene.taken(missed.id)
        await scene.world.until(lambda: scene.heard.counts[Count.DUPLICATE])
        assert len(ann.sees()) == 2, "the replayed message was not answered again"


async def test_discord_may_ask_for_a_new_connection() -> None:
    server = Server(World(SystemClock()))
    async with a_scene(server=server) as scene:
        ann = scene.user()
        await server.gateway.ask_to_reconnect()
        await resumed(server)
        await scene.asked(ann, "tell me")
        assert len(ann.sees()) == 1


@pytest.mark.parametrize("resumable", [True, False])
async def test_a_session_discord_gave_up_begins_anew_and_reads_what_it_missed(resumable: bool) -> None:
    server = Server(World(SystemClock()))
    async with a_scene(server=server) as scene:
        ann = scene.user()
        await scene.asked(ann, "tell me")
        await scene.asked(ann, f"{MENTION} tell me too", CHANNEL)
        await server.gateway.invalidate(resumable=resumable)
        await server.gateway.connected()
        await scene.asked(ann, "tell me more")
        assert len(scene.intake.accepted) == 3


async def test_a_new_process_reads_what_was_said_while_nobody_listened() -> None:
    world, kept = World(SystemClock()), Kept.in_memory(SystemClock())
    server = Server(world)
    async with a_scene(server=server, kept=kept) as scene:
        ann = scene.user()
        await scene.asked(ann, "tell me")
        await scene.asked(ann, f"{MENTION} tell me too", CHANNEL)
        await scene.app.pause(1)
        server.gateway.sessions.clear()
        for channel, text in (
            (ann.direct, "while you were away"),
            (CHANNEL, f"{MENTION} you too"),
            (CHANNEL, "not you"),
        ):
            world.put(Post(world.snowflake(), channel, ann.id, text))
        again = make_app(server, kept=kept)
        async with running(server, again, scene.heard, scene.intake):
            await world.until(lambda: len(scene.intake.accepted) == 4)
        texts = [each.content.text.reveal() for each in scene.intake.accepted[2:]]  # type: ignore[union-attr]
        assert sorted(texts) == ["while you were away", "you too"]


async def test_an_interaction_sent_again_after_a_resume_is_the_same_one() -> None:
    server = Server(World(SystemClock()), replay=10)
    async with a_scene(server=server) as scene:
        ann = scene.user()
        await scene.taken((await ann.commands("raise ask", CHANNEL, question="tell me")).id)
        await server.gateway.hang_up()
        await resumed(server)
        await scene.world.until(lambda: scene.heard.counts[Count.DUPLICATE])
        assert len(scene.intake.accepted) == 1
        assert len(ann.sees()) == 1


async def test_a_wrong_token_is_said_and_tried_again() -> None:
    server = Server(World(SystemClock()))
    tried = asyncio.Event()

    async def sleep(seconds: float) -> None:
        tried.set()
        await asyncio.sleep(0.01)

    async with server.running():
        app = make_app(server, token="wrong", sleep=sleep)
        async with app.run(None):
            await tried.wait()
            health = await app.health()
            assert not health.ready
            assert "check DISCORD_TOKEN" in health.detail


def test_no_token_is_a_setting_to_mend() -> None:
    with pytest.raises(SettingsError, match="DISCORD_TOKEN: expected the bot's token"):
        Access(Private(" "))


async def test_an_intent_that_was_taken_away_is_done_without() -> None:
    server = Server(World(SystemClock()))
    server.gateway.refused_intents = 1 << 15
    async with a_scene(server=server, content=True) as scene:
        assert not server.gateway.living()[-1].content
        ann = scene.user()
        await scene.asked(ann, f"{MENTION} tell me", CHANNEL)
        assert (await scene.app.health()).ready


@pytest.mark.parametrize("content", [True, False])
async def test_the_intent_is_asked_for_only_when_granted(content: bool) -> None:
    server = Server(World(SystemClock()))
    async with a_scene(server=server, content=content):
        assert server.gateway.living()[-1].content is content


async def test_shards_of_a_process_are_those_of_the_setting() -> None:
    server = Server(World(SystemClock()), shards=4)
    async with a_scene(server=server, shards="1-2/4", sessions=2) as scene:
        assert [each.shard for each in server.gateway.living()] == [(1, 4), (2, 4)]
        await scene.world.until(lambda: True)
        assert scene.world.registrations == 0, "the process with shard 0 registers the commands"


async def test_without_a_setting_discord_says_how_many_shards() -> None:
    server = Server(World(SystemClock()), shards=2)
    async with a_scene(server=server, sessions=2):
        assert [each.shard for each in server.gateway.living()] == [(0, 2), (1, 2)]


async def test_commands_are_registered_only_when_they_changed() -> None:
    server, kept = Server(World(SystemClock())), Kept.in_memory(SystemClock())
    for _ in range(2):
        async with a_scene(server=Server(server.world), kept=kept):
            pass
    assert server.world.registrations == 1
    names = sorted(each["name"] for each in server.world.commands)
    assert names == ["Ask privately about this", "privacy", "raise"]
    assert all(each["contexts"] == [0, 1] for each in server.world.commands)
    await kept.registrations.remember("100", "of an older release")
    async with a_scene(server=Server(server.world), kept=kept):
        pass
    assert server.world.registrations == 2


class Away(MemoryRegistrations):
    async def told(self, app: str) -> str:
        raise StoreUnavailable("away")


async def test_a_store_that_fails_over_commands_does_not_stop_the_bot() -> None:
    async with a_scene(kept=replace(Kept.in_memory(SystemClock()), registrations=Away())) as scene:
        await scene.asked(scene.user(), "tell me")


async def test_removal_from_a_server_is_told_until_it_is_heard() -> None:
    async def sleep(seconds: float) -> None:
        await asyncio.sleep(0)

    server = Server(World(SystemClock()))
    async with a_scene(server=server, sleep=sleep) as scene:
        await server.gateway.tell(GUILD, "GUILD_DELETE", {"id": str(GUILD), "unavailable": True})
        await server.gateway.tell(GUILD, "GUILD_CREATE", payloads.guild(scene.world, GUILD))
        await server.gateway.tell(GUILD, "GUILD_DELETE", {"id": str(GUILD)})
        await scene.world.until(lambda: scene.heard.guilds)
        assert scene.heard.guilds == [str(GUILD)], "an outage is not a removal"
