"""Answers that grow, reading back, envelopes, and what doctor finds, against the test server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from adapters.discord import words
from adapters.discord.app import Access, DiscordApp
from adapters.discord.doctor import State, examine
from adapters.discord.stream import Allowance
from bot.chat import Answer, Delivered, Notice, Outbound, Undelivered
from bot.clock import ManualClock, SystemClock
from bot.identity import DIRECT, Person
from bot.private import Private
from tests.support.discord.bot import english, make_app
from tests.support.discord.model import TOKEN, Fault, Post, World
from tests.support.discord.people import User
from tests.support.discord.server import Server

ANN = Person("discord", "dm", "7001")


def head(text: str = "", name: str = "a1", turn: str = "t1") -> Outbound:
    return Outbound(name, ANN, DIRECT, Answer(Private(text), (), (), None, "x"), turn)


def whole(text: str) -> Answer:
    return Answer(Private(text), (), (), None, "x")


@asynccontextmanager
async def sending(clock: ManualClock, process: str = "p0") -> AsyncIterator[tuple[DiscordApp, User, Server]]:
    server = Server(World(clock))
    async with server.running():
        app = make_app(server, process, clock=clock)
        async with app.run(None):
            yield app, User(server, 7_001), server


async def test_it_grows_about_once_a_second_and_ends_whole() -> None:
    clock = ManualClock()
    async with sending(clock) as (app, ann, _):
        async with app.platform.stream(head()) as stream:
            for number in range(40):
                await stream.append(f"word{number} ")
                clock.advance(0.1)
            growing = ann.sees()[0]
            assert growing.content.endswith("▌")
            text = "".join(f"word{number} " for number in range(40))
            await stream.finish(whole(text))
        assert 3 <= len(growing.history) <= 6
        assert growing.content.startswith(text.strip())
        assert growing.content.endswith("-# Written by an AI")


async def test_a_long_answer_goes_on_in_the_next_message() -> None:
    clock = ManualClock()
    text = "\n\n".join(f"Paragraph {number}. " + "word " * 100 for number in range(12))
    async with sending(clock) as (app, ann, _):
        async with app.platform.stream(head()) as stream:
            for start in range(0, len(text), 500):
                await stream.append(text[start : start + 500])
                clock.advance(2)
            await stream.finish(whole(text))
        shown = [post.content for post in ann.sees()]
        assert len(shown) > 3
        assert all(len(each) <= 2_000 and each.startswith("Paragraph") for each in shown)
        assert "".join("".join(shown).split()) == "".join(f"{text}-# Written by an AI".split())


async def test_a_shorter_whole_takes_away_what_is_too_much() -> None:
    clock = ManualClock()
    async with sending(clock) as (app, ann, _):
        async with app.platform.stream(head()) as stream:
            clock.advance(2)
            await stream.append("too long. " * 500)
            assert len(ann.sees()) > 1
            await stream.finish(whole("Short."))
        assert [post.content for post in ann.sees()] == ["Short.\n-# Written by an AI"]


async def test_an_answer_left_alone_says_that_it_stopped() -> None:
    clock = ManualClock()
    async with sending(clock) as (app, ann, _):
        async with app.platform.stream(head()) as stream:
            clock.advance(2)
            await stream.append("Half a thou")
        assert ann.sees()[0].content == f"Half a thou\n-# {english(words.BROKEN_OFF)}"


async def test_a_message_deleted_while_it_grows_is_sent_anew() -> None:
    clock = ManualClock()
    async with sending(clock) as (app, ann, server):
        async with app.platform.stream(head()) as stream:
            clock.advance(2)
            await stream.append("Half a thou")
            del server.world.posts[ann.sees()[0].id]
            assert isinstance(await stream.finish(whole("Half a thought.")), Delivered)
        assert [post.content for post in ann.sees()] == ["Half a thought.\n-# Written by an AI"]


async def test_a_process_killed_while_it_writes_leaves_one_answer() -> None:
    clock = ManualClock()
    async with sending(clock) as (app, ann, server):
        async with app.platform.stream(head()) as stream:
            clock.advance(2)
            await stream.append("Half a thou")
            server.kill("p0")
        await server.open("p1")
        again = make_app(server, "p1", clock=clock)
        async with again.run(None), again.platform.stream(head()) as stream:
            await stream.finish(whole("Another thought."))
        assert [post.content for post in ann.sees()] == ["Another thought.\n-# Written by an AI"]


@pytest.mark.parametrize("left", ["Half a thou ▌", "Half a thought.\n-# Written by an AI"])
async def test_long_after_a_crash_the_place_is_read_back(left: str) -> None:
    clock = ManualClock()
    async with sending(clock) as (app, ann, server):
        world = server.world
        asked = world.put(Post(world.snowflake(), ann.direct, ann.id, "hello"))
        world.put(Post(world.snowflake(), ann.direct, 100, left))
        clock.advance(600)
        message = head(turn=f"discord:dm:{asked.id}")
        async with app.platform.stream(message) as stream:
            assert isinstance(await stream.finish(whole("Half a thought.")), Delivered)
        assert [post.content for post in ann.sees()] == ["Half a thought.\n-# Written by an AI"]


async def test_long_after_a_crash_a_message_is_recognised_by_what_it_says() -> None:
    clock = ManualClock()
    async with sending(clock) as (app, ann, server):
        world = server.world
        asked = world.put(Post(world.snowflake(), ann.direct, ann.id, "hello"))
        message = replace(head("Done already."), turn=f"discord:dm:{asked.id}")
        await app.platform.deliver(message)
        clock.advance(600)
        again = make_app(server, clock=clock)
        async with again.run(None):
            assert isinstance(await again.platform.deliver(message), Delivered)
        assert len(ann.sees()) == 1


async def test_a_refused_answer_says_why() -> None:
    clock = ManualClock()
    async with sending(clock) as (app, ann, server):
        server.world.closed_dms.add(ann.id)
        async with app.platform.stream(head()) as stream:
            clock.advance(2)
            await stream.append("Half a thou")
            outcome = await stream.finish(whole("Half a thought."))
        assert isinstance(outcome, Undelivered)
        assert outcome.permanent
        assert "50007" in outcome.problem


async def test_a_file_that_cannot_be_attached_is_written_out() -> None:
    from bot.chat import Attachment

    clock = ManualClock()
    async with sending(clock) as (app, ann, server):
        file = Attachment("copy.json", "application/json", Private(b'{"known": []}'))
        export = Outbound("e1", ANN, DIRECT, Notice(Private("Here."), attachment=file), "t1")
        server.world.faults.append(Fault("POST /channels", status=413, code=40_005))
        assert isinstance(await app.platform.deliver(export), Delivered)
        shown = "".join(post.content for post in ann.sees())
        assert "Here." in shown
        assert '{"known": []}' in shown


def test_edits_of_all_answers_share_an_allowance() -> None:
    clock = ManualClock()
    allowance = Allowance(clock, rate=5)
    assert [allowance.take() for _ in range(7)] == [True] * 5 + [False] * 2
    clock.advance(0.5)
    assert [allowance.take() for _ in range(4)] == [True] * 2 + [False] * 2


async def test_the_sign_of_being_at_work_is_shown_while_somebody_works() -> None:
    clock = ManualClock()
    async with sending(clock) as (app, ann, server):
        await app.platform.ways.client()
        app.platform.ways.places.wrote_direct("7001", ann.direct)
        await app.platform.thinking(ANN, DIRECT, True)
        await server.world.until(lambda: server.world.typing == [ann.direct])
        await app.platform.thinking(ANN, DIRECT, False)
        await asyncio.sleep(0)


async def test_what_the_face_keeps_goes_with_the_person() -> None:
    clock = ManualClock()
    async with sending(clock) as (app, ann, _):
        places = app.platform.ways.places
        places.wrote_direct("7001", ann.direct)
        places.showed(ann.direct, 5, "10")
        places.saw(Person("discord", "10", "7001"), 20)
        await app.platform.catch_up.meet(ann.direct, 5, 7_001)
        assert await app.erase(Person("slack", "T1", "7001")) == 0
        assert await app.erase(ANN) == 4
        assert await app.erase(ANN) == 0
        assert places.about(ann.direct, 9) is None


# -- doctor --------------------------------------------------------------------------------------------------------


async def found(world: World, token: str = TOKEN) -> dict[str, tuple[State, str, str]]:
    server = Server(world)
    async with server.running():
        findings = await examine(Access(Private(token)), connect=server.connector)
    return {each.what: (each.state, each.found, each.do) for each in findings}


async def test_doctor_finds_a_fresh_application_wanting() -> None:
    world = World(SystemClock())
    world.info = {
        "interactions_endpoint_url": "https://old.example",
        "approximate_guild_count": 0,
        "install_params": {"scopes": ["bot"], "permissions": "1024"},
    }
    seen = await found(world)
    assert seen["token"][0] is State.OK
    assert seen["interactions"][0] is State.PROBLEM
    assert "Clear the Interactions Endpoint URL" in seen["interactions"][2]
    assert "Send Messages" in seen["installation"][1]
    assert seen["policies"][1] == "not linked: privacy policy and terms of service"
    assert seen["servers"][0] is State.WARNING
    assert seen["commands"][1] == "not registered: Ask privately about this, privacy, raise"
    assert all(todo for state, _, todo in seen.values() if state is not State.OK)


async def test_doctor_is_content_with_a_well_kept_application() -> None:
    world = World(SystemClock())
    world.flags = 1 << 19
    world.info = {
        "approximate_guild_count": 3,
        "privacy_policy_url": "https://example.org/privacy",
        "terms_of_service_url": "https://example.org/terms",
    }
    world.commands = [{"name": name, "type": 1} for name in ("raise", "privacy", "Ask privately about this")]
    seen = await found(world)
    assert {state for state, _, _ in seen.values()} == {State.OK}
    assert "granted: threads go on" in seen["message content"][1]


async def test_doctor_says_what_is_wrong_with_the_token_or_the_network() -> None:
    seen = await found(World(SystemClock()), token="wrong")
    assert seen["token"][0] is State.PROBLEM
    world = World(SystemClock())
    world.faults = [Fault("GET /users/@me", cut="before", times=9)]
    assert "https://discord.com" in (await found(world))["connection"][2]
