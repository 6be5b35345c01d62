"""The moderators' desk served on a free port of this machine: a real desk on a scripted conversation."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher

from adapters.stores.memory_review import memory_review
from adapters.stores.sql.accounts import SqlAccounts
from adapters.stores.sql.database import SqlDatabase
from adapters.web.desk import DeskAddress, DeskApp
from adapters.web.desk.sessions import Lifetimes
from adapters.web.desk.signon import SignOn
from bot.chat import Undelivered
from bot.clock import Clock, ManualClock
from bot.identity import DIRECT, ConversationKey, Place, Space
from bot.private import Private
from bot.review.accounts import AccountBook
from bot.review.cases import Case
from bot.review.chat.store import Postings
from bot.review.judgements import NoRisk, Watch
from bot.review.trail import Seal
from bot.review.transcript import Line, Voice
from bot.severity import Category, Severity
from tests.support.databases import in_sqlite
from tests.support.people import ANN_DIRECT, BEN, HOUR, NOW
from tests.support.reviewing import (
    ELSEWHERE,
    KEYS,
    LEA,
    MIA,
    MINUTE,
    NOAH,
    OTTO,
    ReviewStore,
    Room,
    joined,
    person,
    room,
)

PASSWORD: Final = "correct horse battery"
CHEAP: Final = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


@dataclass(slots=True)
class DeskSite:
    url: str
    room: Room
    accounts: SqlAccounts
    app: DeskApp

    @property
    def clock(self) -> ManualClock:
        return self.room.clock

    def of(self, case: Case | str) -> str:
        return f"{self.url}/cases/{case if isinstance(case, str) else case.id}"


@asynccontextmanager
async def desk_site(
    *,
    store: ReviewStore | None = None,
    address: DeskAddress | None = None,
    lifetimes: Lifetimes | None = None,
    postings: Postings | None = None,
    sign_on: Callable[[AccountBook, Clock], SignOn] | None = None,
) -> AsyncIterator[DeskSite]:
    """Accounts mia and noah (moderators of slack:T1), eve (of slack:T2), lea (lead), otto (operator)."""
    made = room(store or joined(memory_review(Seal(KEYS))))
    with tempfile.TemporaryDirectory() as folder:
        database = SqlDatabase(in_sqlite(Path(folder) / "accounts.db"))
        await database.open()
        accounts = SqlAccounts(database, CHEAP)
        for moderator in (MIA, NOAH, ELSEWHERE, LEA, OTTO):
            await accounts.save(moderator, Private(PASSWORD), made.clock.now())
        desk = replace(made.desk, roster=accounts, postings=postings)
        single = None if sign_on is None else sign_on(accounts, made.clock)
        place = address or DeskAddress(port=0)
        app = DeskApp(desk, accounts, place, lifetimes=lifetimes or Lifetimes(), sign_on=single)
        url = await app.start()
        try:
            yield DeskSite(url, made, accounts, app)
        finally:
            await app.stop()
            await database.close()


async def a_morning(site: DeskSite) -> Case:
    """A queue as it may look in the morning; returns its gravest case."""
    room, clock = site.room, site.clock
    older = [
        (Severity.HIGH, Category.ABUSE_SUFFERED, "abuse"),
        (Severity.CONCERN, Category.EATING_DISORDER, "starving_or_purging"),
        (Severity.HIGH, Category.MEDICAL_EMERGENCY, "needs_help_soon"),
        (Severity.CONCERN, Category.FINANCIAL_DESPERATION, "money_worry"),
        (Severity.HIGH, Category.SELF_HARM, "wants_to_die"),
        (Severity.HIGH, Category.SELF_HARM, "wants_to_die"),
    ]
    cases = []
    for number, (severity, category, rule) in enumerate(older, 10):
        key = ConversationKey(person(number), DIRECT if number % 2 else Space(Place.CHANNEL, "C1"))
        cases.append(await room.opened(number, key, severity=severity, category=category, rule=rule))
        clock.advance(7 * MINUTE)
    for case, judgement in zip(cases[3:6], (NoRisk(), Watch(), Watch()), strict=True):
        await room.desk.claim(NOAH, case.id)
        await room.desk.decide(NOAH, case.id, judgement)
    await room.desk.claim(NOAH, cases[0].id)
    await room.desk.second_opinion(NOAH, cases[0].id, Private("Is this about now, or about years ago?"))
    for voice, text in (
        (Voice.PERSON, "My name is Ann. I lost my job in spring and everything has been too much since."),
        (Voice.BOT, "I am sorry, that is a lot to carry. Is there somebody near you tonight?"),
        (Voice.PERSON, "No. I have the pills here and I do not want to wake up tomorrow."),
        (Voice.BOT, "Thank you for telling me. You can call or text 988 at any time, day or night."),
    ):
        room.said.spoken[ANN_DIRECT] = (*room.said.spoken.get(ANN_DIRECT, ()), Line(voice, Private(text)))
    grave = await room.opened(1, severity=Severity.IMMINENT, rule="plan_with_means")
    clock.advance(2 * MINUTE)
    return grave


async def forgotten(site: DeskSite) -> Case:
    """A case whose person asked to be forgotten."""
    key = ConversationKey(BEN, DIRECT)
    case = await site.room.opened(2, key)
    await site.room.departures.erase(BEN)
    return case


__all__ = ["HOUR", "NOW", "PASSWORD", "DeskSite", "Undelivered", "a_morning", "desk_site", "forgotten"]
