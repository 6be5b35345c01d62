"""Sending without a gateway, through a proxy, below Discord's limits; taking in while the store is away; under load."""

from __future__ import annotations

import asyncio
import logging

import pytest

from adapters.discord.app import Access, DiscordApp
from adapters.discord.ids import channel_space
from adapters.discord.kept import Kept
from bot.chat import Delivered, Notice, Outbound, Undelivered
from bot.clock import ManualClock, SystemClock
from bot.identity import DIRECT, Person
from bot.private import Private
from tests.support.discord.bot import FAST, Heard, lines, make_app, running
from tests.support.discord.model import Fault, World, controls
from tests.support.discord.people import User
from tests.support.discord.proxy import proxy
from tests.support.discord.server import Server
from tests.support.discord.stubborn import Stubborn, no_sleep
from tests.support.discord.world import CHANNEL, GUILD, a_scene
from tests.support.slack.intake import Turn
from tests.support.slack.scripts import answer, outbound


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


async def test_what_a_worker_sent_is_opened_by_the_process_that_listens() -> None:
    world = World(SystemClock())
    world.channel(CHANNEL, GUILD)
    server, kept, intake = Server(world), Kept.in_memory(SystemClock()), Stubborn(0)
    async with server.running():
        await server.open("worker")
        worker, listener = make_app(server, "worker", kept=kept), make_app(server, kept=kept)
        async with worker.run(None), running(server, listener, Heard(), intake):
            ann = User(server, 7_001)
            world.closed_dms.add(ann.id)
            person, body = Person("discord", str(GUILD), "7001"), Notice(Private("For you alone."), private=True)
            message = Outbound("n1", person, DIRECT, body, "t1", "de", channel_space(CHANNEL))
            assert isinstance(await worker.platform.deliver(message), Delivered)
            (button,) = controls(ann.sees()[-1].components)
            assert button["label"] == "Privat lesen"
            await ann.clicks(button["custom_id"])
            assert (await ann.until_sees("For you alone.")).only == ann.id
            assert len(server.gateway.sessions) == 1


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
            lines,
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
