"""The moderators' desk in a channel, the same way on every platform: a person in trouble, and moderators with cards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Protocol

from argon2 import PasswordHasher

from adapters.stores.sql.accounts import SqlAccounts
from adapters.stores.sql.cards import SqlPostings
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.links import SqlLinks
from bot.assembly.application import Application
from bot.assembly.moderating import Moderating
from bot.assembly.rulebook import Rulebook
from bot.assembly.stores import ChannelStores, Stores, in_memory
from bot.clock import Clock, ManualClock
from bot.identity import Person
from bot.policy.cases import ChannelPolicy
from bot.private import Private
from bot.review.chat.board import Board
from bot.review.moderators import EVERYWHERE, Moderator, Role
from tests.support.channels import with_channels
from tests.support.databases import in_sqlite
from tests.support.policies import rulebook

CHEAP = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
PASSWORD = Private("correct horse battery")
MIA = Moderator("mia", Role.MODERATOR, EVERYWHERE)
NOAH = Moderator("noah", Role.MODERATOR, EVERYWHERE)
LEA = Moderator("lea", Role.LEAD, EVERYWHERE)


class ChatDesk(Protocol):
    """``mia`` and ``noah`` are moderators, ``zoe`` is in the channel without an account."""

    app: Application
    clock: ManualClock
    moderating: Moderating

    async def says(self, user: str, text: str) -> None:
        """A person writes to the bot in private; returns when it has answered, and the cards have followed."""
        ...

    async def presses(self, moderator: str, press: str) -> str:
        """Press a button of the newest card; the answer for the one who pressed, empty when a form opened."""
        ...

    async def fills(self, moderator: str, choice: str = "", words: str = "", note: str = "") -> str:
        """Send the form that is open; the answer for the one who did."""
        ...

    async def follows(self) -> None:
        """The cards follow the cases."""
        ...

    async def heard(self, user: str) -> str:
        """Everything the bot said to a person in private."""
        ...

    def card(self) -> str:
        """All text of the newest card."""
        ...

    def buttons(self) -> list[str]:
        """The labels of its buttons."""
        ...

    def cards(self) -> int:
        """How many cards there are."""
        ...

    def cuts(self, when: str) -> None:
        """The connection breaks at the next card, ``before`` the platform has it or ``after``."""
        ...

    def loses_the_card(self) -> None:
        """Somebody deletes the newest card."""
        ...

    def public(self) -> str:
        """Everything that ever went to the channel for all to see."""
        ...


@cache
def book_with(*channels: ChannelPolicy) -> Rulebook:
    """The shipped policy with channels of moderators, compiled once."""
    book = rulebook(model_reads=False)
    policy = with_channels(*channels)
    return Rulebook(lambda: policy, book.embedder, book.bounds, model_reads=False)


def board_of(moderating: Moderating) -> Board:
    (board,) = moderating.boards
    return board


@asynccontextmanager
async def kept_in(folder: Path, clock: Clock) -> AsyncIterator[Stores]:
    """Stores in memory, but cards, accounts and links in SQL."""
    database = SqlDatabase(in_sqlite(folder / "cards.db"))
    await database.open()
    try:
        async with in_memory(clock) as stores:
            channels = ChannelStores(SqlPostings(database), SqlLinks(database))
            yield replace(stores, accounts=SqlAccounts(database, CHEAP), channels=channels)
    finally:
        await database.close()


async def enrolled(stores: Stores, clock: Clock, people: dict[str, Person]) -> None:
    """Accounts for mia, noah and lea, linked where they are among ``people``."""
    assert stores.accounts is not None
    assert stores.channels is not None
    for each in (MIA, NOAH, LEA):
        await stores.accounts.save(each, PASSWORD, clock.now())
        if each.name in people:
            assert await stores.channels.links.link(people[each.name], each.name)
