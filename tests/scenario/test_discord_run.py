"""``raise-bot run`` with Discord, as a process of its own: what a new process knows of what an earlier one did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from adapters.database import connect
from bot.clock import SystemClock
from tests.scenario.conversations import HEARTBREAK
from tests.support.discord.command import PATIENCE, Command
from tests.support.discord.model import BOT, Json, World, controls
from tests.support.discord.people import User
from tests.support.discord.proxy import proxy
from tests.support.discord.server import Server

GUILD, CHANNEL = 10 << 22, 20
LEFT, THERE = 11 << 22, 30


def column(kept: Path, query: str) -> set[str]:
    database = connect(f"sqlite:///{kept / 'raise.db'}", connections=1, survive_power_cut=False)
    try:
        with database.connect() as connection:
            return set(connection.execute(sa.text(query)).scalars())
    finally:
        database.dispose()


def people(kept: Path) -> set[str]:
    """About whom something sealed is kept, by workspace."""
    return column(kept, "SELECT person FROM person_keys")


def servers(kept: Path) -> set[str]:
    """Those on record."""
    return column(kept, "SELECT workspace FROM workspaces_joined")


async def until(probe: Callable[[], bool]) -> None:
    """Another process writes there, so it is looked at again and again."""
    async with asyncio.timeout(PATIENCE):
        while not probe():  # noqa: ASYNC110 - no event of this process says so
            await asyncio.sleep(0.05)


def pointers(user: User) -> list[Json]:
    """The buttons that open what is for them alone."""
    found = [each for post in user.sees() for each in controls(post.components)]
    return [each for each in found if each["custom_id"].startswith(("r1p", "r1r"))]


async def test_a_new_process_opens_old_envelopes_and_forgets_a_server_it_was_removed_from(tmp_path: Path) -> None:
    world = World(SystemClock())
    world.channel(CHANNEL, GUILD)
    world.channel(THERE, LEFT)
    server = Server(world)
    async with server.running(), proxy(server) as through:
        ann, bob = User(server, 7_001, locale="de"), User(server, 7_002)
        command = Command(server, through.url, tmp_path)
        async with command.life():
            await ann.commands("raise help")
            await world.until(lambda: [post for post in ann.sees() if not post.waits], PATIENCE)
            world.closed_dms.add(ann.id)
            await ann.says(f"<@{BOT}> {HEARTBREAK}", CHANNEL)
            pointer = (await world.until(lambda: pointers(ann), PATIENCE))[0]
            await bob.says(f"<@{BOT}> hello", THERE)
            await world.until(lambda: any(post.reply_to for post in world.by_bot(THERE)), PATIENCE)
            await until(lambda: servers(command.kept) == {str(GUILD), str(LEFT)})
        assert pointer["label"] == "Privat antworten", "the language is known from the command"
        assert f"discord:{LEFT}:{bob.id}" in people(command.kept)
        del world.guilds[LEFT]
        async with command.life():
            await ann.clicks(pointer["custom_id"])
            form = await world.until(lambda: ann.pressed is not None and ann.pressed.modal, PATIENCE)
            assert form["title"] == "Privat antworten"
            await until(lambda: f"discord:{LEFT}:{bob.id}" not in people(command.kept))
            assert f"discord:{GUILD}:{ann.id}" in people(command.kept), "the other server keeps its own"
    assert world.registrations == 1, "the commands were not told again"


async def test_of_a_deleted_account_nothing_is_kept_in_any_server(tmp_path: Path) -> None:
    world = World(SystemClock())
    world.channel(CHANNEL, GUILD)
    world.channel(THERE, LEFT)
    server = Server(world)
    async with server.running(), proxy(server) as through:
        ann, bob = User(server, 7_001), User(server, 7_002)
        command = Command(server, through.url, tmp_path)
        async with command.life():
            for user, channel in ((ann, CHANNEL), (ann, THERE), (bob, CHANNEL)):
                asked = await user.says(f"<@{BOT}> hello", channel)
                await world.until(lambda asked=asked: [p for p in world.by_bot() if p.reply_to == asked.id], PATIENCE)
            theirs = {f"discord:{guild}:{ann.id}" for guild in (GUILD, LEFT)}
            assert theirs < people(command.kept)
            await ann.says(f"<@{BOT}> {HEARTBREAK}", CHANNEL)  # which is asked about in private, when she is gone
            world.deleted_users.add(ann.id)
            world.channels.pop(ann.direct)
            await until(lambda: not theirs & people(command.kept))
            assert f"discord:{GUILD}:{bob.id}" in people(command.kept), "somebody else's is kept"


async def test_what_a_worker_sent_from_another_process_is_opened_by_the_one_that_listens(tmp_path: Path) -> None:
    world = World(SystemClock())
    world.channel(CHANNEL, GUILD)
    server = Server(world)
    async with server.running(), proxy(server) as through:
        ann, bob = User(server, 7_001), User(server, 7_002)
        world.closed_dms.add(ann.id)
        command = Command(server, through.url, tmp_path)
        async with command.life():
            sessions = len(server.gateway.sessions)
            assert await command.sends(ann.id, GUILD, CHANNEL, "For you alone.") == "Delivered"
            assert len(server.gateway.sessions) == sessions, "the worker connected to no gateway"
            (pointer,) = pointers(ann)
            assert "For you alone." not in str([post.shown() for post in bob.sees()])
            await ann.clicks(pointer["custom_id"])
            opened = await world.until(
                lambda: [post for post in ann.sees() if "For you alone." in post.shown()], PATIENCE
            )
            assert [post.only for post in opened] == [ann.id]
