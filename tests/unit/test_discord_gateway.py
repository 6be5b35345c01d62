"""The connection: sessions that are lost and resumed, shards, intents, commands, the heartbeat, going away."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from adapters.discord.app import Access, DiscordApp
from adapters.discord.bookmarks import MemoryBookmarks
from adapters.discord.commands import FileCommandMemory
from adapters.discord.ears import Count
from bot.chat import Delivered, Inbound, Notice, Outbound, Receipt, Undelivered
from bot.clock import ManualClock, SystemClock
from bot.errors import SettingsError, StoreUnavailable
from bot.identity import DIRECT, Person
from bot.private import Private
from tests.support.discord import payloads
from tests.support.discord.bot import FAST, Heard, make_app, running
from tests.support.discord.model import Fault, Post, World
from tests.support.discord.people import User
from tests.support.discord.proxy import proxy
from tests.support.discord.server import Server
from tests.support.discord.world import CHANNEL, GUILD, MENTION, a_scene
from tests.support.slack.intake import Turn
from tests.support.slack.scripts import answer, outbound


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
    world, bookmarks = World(SystemClock()), MemoryBookmarks()
    server = Server(world)
    async with a_scene(server=server, bookmarks=bookmarks) as scene:
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
        again = make_app(server, bookmarks=bookmarks)
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


async def test_commands_are_registered_only_when_they_changed(tmp_path: Path) -> None:
    server = Server(World(SystemClock()))
    memory = FileCommandMemory(tmp_path / "state")
    for _ in range(2):
        async with a_scene(server=Server(server.world), commands=memory):
            pass
    assert server.world.registrations == 1
    names = sorted(each["name"] for each in server.world.commands)
    assert names == ["Ask privately about this", "privacy", "raise"]
    assert all(each["contexts"] == [0, 1] for each in server.world.commands)
    await memory.remember("100", "of an older release")
    async with a_scene(server=Server(server.world), commands=memory):
        pass
    assert server.world.registrations == 2


async def test_a_command_memory_that_fails_does_not_stop_the_bot(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder is expected")
    async with a_scene(commands=FileCommandMemory(tmp_path / "state")) as scene:
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


class Stubborn:
    """An intake whose store is away for some calls."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.accepted: list[Inbound] = []

    async def accept(self, inbound: Inbound) -> Receipt:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("away")
        self.accepted.append(inbound)
        return Receipt(inbound.turn_id)

    async def finished(self, turn_id: str) -> None:
        return


async def no_sleep(seconds: float) -> None:
    await asyncio.sleep(0)


async def test_a_message_is_held_until_the_store_is_back() -> None:
    world = World(SystemClock())
    server, intake = Server(world), Stubborn(5)
    async with server.running():
        app = make_app(server, sleep=no_sleep)
        async with running(server, app, Heard(), intake):
            ann = User(server, 7_001)
            await ann.says("first")
            await ann.says("second")
            await world.until(lambda: len(intake.accepted) == 2)
    assert [each.content.text.reveal() for each in intake.accepted] == ["first", "second"]  # type: ignore[union-attr]


async def test_what_cannot_be_taken_in_is_said() -> None:
    world = World(SystemClock())
    server, intake = Server(world), Stubborn(1_000)
    async with server.running():
        app = make_app(server, sleep=no_sleep)
        async with running(server, app, Heard(), intake):
            ann = User(server, 7_001)
            await ann.says("hello")
            await ann.until_sees("I can't take that in right now")
            await ann.commands("raise help")
            await world.until(lambda: len([post for post in ann.sees() if "right now" in post.shown()]) == 2)


# -- sending without a gateway ----------------------------------------------------------------------------------------


def notice(text: str, name: str = "n1", user: int = 7_001) -> Outbound:
    return Outbound(name, Person("discord", "dm", str(user)), DIRECT, Notice(Private(text)), "t1")


async def test_a_worker_without_a_gateway_sends() -> None:
    server = Server(World(SystemClock()))
    async with server.running():
        app = make_app(server)
        async with app.run(None):
            ann = User(server, 7_001)
            assert isinstance(await app.platform.deliver(notice("Hello")), Delivered)
            assert ann.sees()[0].shown() == "Hello"
            assert server.gateway.sessions == {}
            assert (await app.health()).detail == "sends only"


@pytest.mark.parametrize(
    ("fault", "times"),
    [
        (Fault("POST /channels", retry_after=0.01), 1),
        (Fault("POST /channels", cut="before"), 1),
        (Fault("POST /channels", cut="after"), 1),
    ],
)
async def test_what_goes_wrong_in_passing_leaves_one_message(fault: Fault, times: int) -> None:
    server = Server(World(SystemClock()))
    async with server.running():
        app = make_app(server)
        async with app.run(None):
            ann = User(server, 7_001)
            await app.platform.deliver(notice("warm up", "n0"))
            server.world.faults.append(fault)
            outcomes = [await app.platform.deliver(notice("Hello")) for _ in range(2)]
            assert isinstance(outcomes[-1], Delivered)
            assert [post.shown() for post in ann.sees()] == ["warm up", "Hello"]


async def test_another_process_does_not_send_again_what_was_sent() -> None:
    server = Server(World(SystemClock()))
    async with server.running():
        for process in ("p0", "p1"):
            if process != "p0":
                await server.open(process)
            app = make_app(server, process)
            async with app.run(None):
                assert isinstance(await app.platform.deliver(notice("Hello")), Delivered)
        assert len(server.world.by_bot()) == 1


async def test_sending_stops_before_discord_bans_us() -> None:
    clock = ManualClock()
    server = Server(World(clock))
    async with server.running():
        app = make_app(server, clock=clock)
        async with app.run(None):
            ann = User(server, 7_001)
            server.world.closed_dms.add(ann.id)
            brake = app.platform.ways.brake
            brake.most = 3
            server.world.requests.clear()
            for number in range(10):
                app.platform.ways.places.wrote_direct(str(ann.id), ann.direct)
                outcome = await app.platform.deliver(notice("Hello", f"n{number}"))
                assert isinstance(outcome, Undelivered)
            assert "to avoid a ban" in outcome.problem
            assert len([each for each in server.world.requests if each.startswith("POST /channels")]) == 3
            clock.advance(601)
            server.world.closed_dms.clear()
            app.platform.ways.places.wrote_direct(str(ann.id), ann.direct)
            assert isinstance(await app.platform.deliver(notice("Hello", "later")), Delivered)


async def test_everything_goes_through_the_proxy() -> None:
    server = Server(World(SystemClock()))
    async with server.running(), proxy(server) as through:
        app = DiscordApp(
            Access(Private("test-token"), proxy=through.url),
            SystemClock(),
            connect=lambda: server.connector("p0"),
            timing=FAST,
        )
        async with running(server, app, Heard(), Stubborn(0)):
            ann = User(server, 7_001)
            await app.platform.deliver(notice("Hello"))
            assert ann.sees()[0].shown() == "Hello"
    assert {"discord.com:443", "gateway.discord.gg:443"} <= set(through.asked)


# -- under load ----------------------------------------------------------------------------------------------------


async def test_the_heartbeat_is_never_blocked_while_200_turns_run(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    server = Server(World(SystemClock()), heartbeat=0.05)
    ended = asyncio.Event()

    async def busy(turn: Turn) -> None:
        """Streams until the beats have been counted."""
        async with turn.platform.stream(outbound(turn.inbound, "answer", answer(""), turn.inbound.space)) as growing:
            while not ended.is_set():
                await growing.append("word ")
                await asyncio.sleep(0.02)
            await growing.finish(answer("words"))

    async with a_scene(busy, server=server) as scene:
        users = [scene.user(8_000 + number) for number in range(200)]
        posts = [await user.says("go on") for user in users]
        await scene.world.until(lambda: len(scene.intake.accepted) == 200)
        before = server.gateway.beats
        await scene.world.until(lambda: server.gateway.beats >= before + 5)
        ended.set()
        for post in posts:
            await scene.taken(post.id)
        assert (await scene.app.health()).ready
    assert not [each for each in caplog.messages if "heartbeat blocked" in each or "Can't keep up" in each]
    assert all(each.resumes == 0 for each in server.gateway.sessions.values())
