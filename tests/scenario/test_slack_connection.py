"""Coming, staying and going: connections refused, lost or asked back, a slow start, a graceful end, restarts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from adapters.slack import SlackApp
from adapters.slack.app import Access
from adapters.slack.limits import PACE
from adapters.slack.workspaces import MemoryThreads
from bot.chat import Attachment, Delivered, Notice, Outbound, Undelivered
from bot.clock import SystemClock
from bot.errors import SettingsError
from bot.identity import DIRECT, Person
from bot.private import Private
from tests.support.slack.bot import Heard, lines, make_app, running, until_health
from tests.support.slack.doors import NotAcknowledged
from tests.support.slack.doors import Post as Postman
from tests.support.slack.intake import Journal, ScriptedIntake, Turn
from tests.support.slack.model import ALL_SCOPES, TOKEN, Fault, Post, Workspace
from tests.support.slack.people import Town, User
from tests.support.slack.scripts import LINES, friendly
from tests.support.slack.seen import seen
from tests.support.slack.server import Server
from tests.support.slack.world import a_world


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    workspace = Workspace()
    workspace.add_channel("C1")
    async with Server(workspace).running() as running_server:
        yield running_server


async def test_a_refused_connection_is_tried_again(server: Server) -> None:
    server.refuse_links = 2
    app = make_app(server, "socket", ping_interval=0.1)
    async with ScriptedIntake(friendly) as intake:
        intake.serve(app.platform)
        async with app.run(Heard().ears(intake)):
            assert not (await app.health()).ready
            await server.linked()
            await until_health(app)
            assert server.opened == 1


@pytest.mark.parametrize("how", ["asked back", "cut"])
async def test_a_lost_connection_is_made_again(server: Server, how: str) -> None:
    app = make_app(server, "socket", ping_interval=0.1)
    async with ScriptedIntake(friendly) as intake:
        intake.serve(app.platform)
        async with running(server, app, Heard(), intake, "socket") as door:
            ann = User(Town(server, Postman(door)), "U1")
            await (server.hang_up() if how == "asked back" else server.cut_links())
            await server.workspace.until(lambda: server.opened == 2)
            await ann.says("still there")
            await intake.idle()
            assert seen(server.workspace, "U1")[-1]["text"] == "You said: still there"


async def test_slack_may_be_away_when_the_bot_starts(server: Server) -> None:
    server.workspace.faults.append(Fault("auth.test", error="internal_error", times=1))
    app = make_app(server, "http")
    async with ScriptedIntake(friendly) as intake:
        intake.serve(app.platform)
        async with running(server, app, Heard(), intake, "http") as door:
            health = await app.health()
            assert not health.ready
            ann = User(Town(server, Postman(door)), "U1")
            await ann.says("good morning")
            await intake.idle()
            assert seen(server.workspace, "U1")[-1]["text"] == "You said: good morning"
            assert (await app.health()).ready


async def test_a_wrong_token_is_named_by_health(server: Server) -> None:
    server.workspace.tokens.clear()
    app = make_app(server, "http")
    async with ScriptedIntake(friendly) as intake, app.run(Heard().ears(intake)):
        await until_health(app, ready=False, detail="SLACK_BOT_TOKEN")


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_paused_app_takes_no_events_but_still_answers(mode: str) -> None:
    going = asyncio.Event()

    async def slow(turn: Turn) -> None:
        await going.wait()
        await friendly(turn)

    async with a_world(mode, slow) as world:
        ann = world.user()
        await ann.says("one last thing")
        await world.app.pause(1.0)
        assert not (await world.app.health()).ready
        world.door.patience = 0.2  # type: ignore[attr-defined]  # both doors have it
        with pytest.raises(NotAcknowledged):
            await world.door.knock("events_api", {"type": "event_callback", "event": {"type": "message"}})
        going.set()
        await world.intake.idle()
        assert world.seen()[-1]["text"] == "You said: one last thing"


async def test_nothing_is_sent_once_the_app_has_stopped(server: Server) -> None:
    app = make_app(server, "http")
    async with ScriptedIntake(friendly) as intake, app.run(Heard().ears(intake)):
        await until_health(app)
    message = Outbound("m1", Person("slack", "T1", "U1"), DIRECT, Notice(Private("late")), "t1")
    outcome = await app.platform.deliver(message)
    assert isinstance(outcome, Undelivered)
    assert not outcome.permanent


async def test_a_thread_goes_on_after_a_restart(server: Server) -> None:
    threads, journal = MemoryThreads(), Journal()
    for process in ("p1", "p2"):
        app = make_app(server, "http", process, threads=threads)
        async with ScriptedIntake(friendly, journal) as intake:
            intake.serve(app.platform)
            async with running(server, app, Heard(), intake, "http", process) as door:
                ann = User(Town(server, Postman(door)), "U1")
                server.workspace.channels["C1"].members.add("U1")
                if process == "p1":
                    asked = await ann.says("<@UBOT> hello", "C1")
                else:
                    await ann.says("and again", "C1", asked.ts)
                await intake.idle()
    assert [item["text"] for item in seen(server.workspace, "U1")] == ["You said: hello", "You said: and again"]


async def test_two_replicas_share_the_work_and_answer_once(server: Server) -> None:
    """The event came to one, the turn runs on the other: it looks back only once the event is old enough."""
    async with AsyncExitStack() as stack:
        apps = []
        for process in ("p1", "p2"):
            app = make_app(server, "http", process)
            intake = await stack.enter_async_context(ScriptedIntake(friendly))
            intake.serve(app.platform)
            await stack.enter_async_context(running(server, app, Heard(), intake, "http", process))
            apps.append(app)
        server.workspace.add_member("U1")
        root = f"{server.workspace.ts()}"
        turn = f"slack:T1:DU1-{root}-{root}"
        message = Outbound("t:m1", Person("slack", "T1", "U1"), DIRECT, Notice(Private("once")), turn)
        server.workspace.direct("U1")
        server.workspace.put(Post(root, "DU1", "U1", "hello"))
        for app in (*apps, *apps):
            assert isinstance(await app.platform.deliver(message), Delivered)
    assert [post.shown() for post in server.workspace.by_bot()] == ["once"]


@pytest.mark.parametrize("history", ["read", "throttled"])
async def test_help_shown_by_a_process_that_died_of_it_a_moment_ago_is_looked_for_first(history: str) -> None:
    """Where it cannot be looked for soon, help that comes twice is better than none."""
    workspace = Workspace(now=lambda: time.time() + 20.0)  # what comes is younger than both processes, as it mostly is
    async with Server(workspace).running() as server, AsyncExitStack() as stack:
        apps = []
        for process in ("p1", "p2"):
            app = make_app(server, "http", process, pace=PACE)
            intake = await stack.enter_async_context(ScriptedIntake(friendly))
            await stack.enter_async_context(running(server, app, Heard(), intake, "http", process))
            apps.append(app)
        workspace.add_member("U1")
        workspace.direct("U1")
        root = workspace.put(Post(workspace.ts(), "DU1", "U1", "help me")).ts
        help_now = Outbound("t:crisis", Person("slack", "T1", "U1"), DIRECT, LINES, f"slack:T1:DU1-{root}-{root}")
        assert isinstance(await apps[0].platform.deliver(help_now), Delivered)
        if history == "throttled":
            workspace.faults.append(Fault("conversations.replies", retry_after=60.0))
        async with asyncio.timeout(10):
            assert isinstance(await apps[1].platform.deliver(replace(help_now, again=True)), Delivered)
    assert len(workspace.by_bot()) == (1 if history == "read" else 2)


def export(name: str = "m1") -> Outbound:
    file = Attachment("raise.json", "application/json", Private(b'{"age": "34"}'))
    notice = Notice(Private("Your copy."), attachment=file, private=True)
    return Outbound(name, Person("slack", "T1", "U1"), DIRECT, notice, "t1")


async def test_an_export_is_a_file_in_the_direct_messages() -> None:
    async with a_world("http") as world:
        ann = world.user()
        assert isinstance(await world.app.platform.deliver(export()), Delivered)
        files = [file for post in world.workspace.posts[ann.direct] for file in post.files]
        assert [(file["name"], file["content"]) for file in files] == [("raise.json", '{"age": "34"}')]


async def test_without_the_scope_an_export_is_text() -> None:
    async with a_world("http") as world:
        world.user()
        world.workspace.tokens[TOKEN] = tuple(scope for scope in ALL_SCOPES if scope != "files:write")
        assert isinstance(await world.app.platform.deliver(export()), Delivered)
        assert '{"age": "34"}' in "".join(post.shown() for post in world.workspace.by_bot())


async def test_an_export_tried_again_is_sent_once() -> None:
    async with a_world("http") as world:
        ann = world.user()
        world.workspace.faults.append(Fault("chat.postMessage", cut="before"))
        assert isinstance(await world.app.platform.deliver(export()), Undelivered)
        assert isinstance(await world.app.platform.deliver(export()), Delivered)
        assert len(world.workspace.posts[ann.direct]) == 2, "one file, one line"


async def test_without_agents_the_older_sign_of_work_is_shown() -> None:
    async with a_world("http") as world:
        world.workspace.agents = False
        ann = world.user()
        asked = await ann.says("hello")
        await world.intake.idle()
        methods = [call.method for call in world.workspace.calls if "tatus" in call.method]
        assert methods == ["agents.sessions.setStatus", *["assistant.threads.setStatus"] * 2]
        assert world.workspace.status[(ann.direct, asked.ts)] == ""


def test_settings_that_cannot_work_are_named() -> None:
    with pytest.raises(SettingsError, match="SLACK_APP_TOKEN"):
        Access(bot_token=Private(TOKEN))
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN"):
        SlackApp(Access(signing_secret=Private("s")), SystemClock(), lines)
