"""A storm of cases in a channel: two processes post and edit over a bad connection while moderators work, one of them
is killed on the way, and in the end every case has one card, which says how the case stands.

``RAISE_CARDS`` sets how many cases there are (1,000 for the full run).
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from adapters.slack import case_cards
from adapters.stores.memory_ledger import MemoryVault
from adapters.stores.sql.cards import SqlPostings
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.review import sql_review
from bot.errors import CaseHeld, NotHeld, TooLate
from bot.identity import DIRECT, ConversationKey
from bot.policy.cases import ChannelPolicy
from bot.review.cases import Case
from bot.review.chat.board import Board
from bot.review.chat.cards import card_of
from bot.review.judgements import NoRisk, Watch
from bot.review.moderators import Moderator
from bot.review.store import Filter
from bot.review.trail import Seal
from tests.support.channels import with_channels
from tests.support.reviewing import KEYS, LEA, MIA, NOAH, Room, flag, joined, person, room
from tests.support.slack.bot import Heard, make_app, running, until_health
from tests.support.slack.model import Fault, Workspace
from tests.support.slack.server import Server

CASES = int(os.environ.get("RAISE_CARDS", "40"))
CHANNEL = "CMODS"
POLICY = with_channels(ChannelPolicy(channel=f"slack:T1:{CHANNEL}"))
FAULTS = (
    {"error": "internal_error"},
    {"error": "fatal_error"},
    {"cut": "before"},
    {"cut": "after"},
    {"retry_after": 0.01},
)


@asynccontextmanager
async def a_board(server: Server, process: str, desk: Room, database: SqlDatabase) -> AsyncIterator[Board]:
    app = make_app(server, "http", process, clock=desk.clock)
    async with running(server, app, Heard(), desk.people, "http", process):
        await until_health(app)
        yield Board(
            platform="slack",
            surface=app.surface,
            postings=SqlPostings(database),
            cases=desk.store,
            trail=desk.store,
            policy=lambda: POLICY,
            clock=desk.clock,
            report=lambda channel, problem: None,
        )


async def worked_on(desk: Room, numbers: random.Random) -> None:
    """Moderators claim, decide and release what they find."""

    async def one(who: Moderator) -> None:
        for case in (await desk.desk.list(who, limit=CASES)).cases:
            if numbers.random() < 0.5:
                continue
            try:
                await desk.desk.claim(who, case.id)
                if numbers.random() < 0.6:
                    await desk.desk.decide(who, case.id, NoRisk() if numbers.random() < 0.5 else Watch())
                elif numbers.random() < 0.5:
                    await desk.desk.release(who, case.id)
            except (CaseHeld, NotHeld, TooLate):
                continue  # somebody else was there first

    async with asyncio.TaskGroup() as group:
        for who in (MIA, NOAH, LEA):
            group.create_task(one(who))


async def test_every_case_has_one_card_that_is_right(tmp_path: Path) -> None:
    numbers = random.Random(7)
    workspace = Workspace()
    workspace.add_channel(CHANNEL)
    database = SqlDatabase(f"sqlite:///{tmp_path / 'raise.db'}")
    await database.open()
    desk = room(joined(sql_review(database, MemoryVault(), Seal(KEYS))), platforms=frozenset())
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        server = await stack.enter_async_context(Server(workspace).running())
        first = await stack.enter_async_context(a_board(server, "p0", desk, database))
        second = await stack.enter_async_context(a_board(server, "p1", desk, database))
        await first.look()  # before anything has happened, so that what is decided early needs no card
        async with asyncio.TaskGroup() as group:
            for number in range(CASES):
                conversation = ConversationKey(person(number), DIRECT)
                group.create_task(desk.opening.take(flag(number, conversation=conversation, at=desk.clock.now())))
        for step in range(4):
            faults = [numbers.choice(FAULTS) for _ in range(CASES // 4)]
            workspace.faults += [Fault(numbers.choice(("chat.postMessage", "chat.update")), **each) for each in faults]
            at_work = asyncio.create_task(worked_on(desk, numbers))
            if step == 2:
                server.kill("p0")  # nothing that it does from now on has any effect
            await asyncio.gather(first.look(), second.look(), at_work)
            desk.clock.advance(60)
        workspace.faults.clear()
        for _ in range(6):  # leases of the dead end, pauses end
            desk.clock.advance(120)
            await second.look()
    cards = [post for post in workspace.posts[CHANNEL] if post.metadata is not None]
    shown = {post.metadata["event_payload"]["case"]: post for post in cards if post.metadata is not None}
    assert len(shown) == len(cards), "a case with two cards"
    cases = await listed(tmp_path)
    pending = {case.id for case in cases if case.pending}
    assert pending <= shown.keys(), "a case that waits without a card"
    for case in cases:
        if case.id in shown:
            assert shown[case.id].blocks == case_cards.blocks(card_of(case, "Moderators")), case.id


async def listed(folder: Path) -> list[Case]:
    """Read anew from the disk."""
    database = SqlDatabase(f"sqlite:///{folder / 'raise.db'}")
    await database.open()
    try:
        store = sql_review(database, MemoryVault(), Seal(KEYS))
        return list(await store.cases.listed(Filter(states=frozenset()), None, 2 * CASES))
    finally:
        await database.close()
