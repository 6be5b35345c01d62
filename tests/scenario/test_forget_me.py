"""Forget me reaches everything: filled to the brim, cut off anywhere, asked for twice, while turns run."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from redis.asyncio import Redis

from adapters.database import connect
from bot.assembly import stores
from bot.assembly.forgetting import Completion, forgetting
from bot.assembly.privacy import requests
from bot.chat import Notice, Outbound
from bot.clock import ManualClock
from bot.conversation.audit import Decided
from bot.conversation.speaking import Speaker
from bot.errors import StoreUnavailable
from bot.identity import ConversationKey, Person, Place, Space
from bot.private import Private
from bot.profile.attributes import Scope
from bot.profile.consent import Agreement, Standing, with_consent
from bot.profile.erasure import Erasable, Forgetting, Holding, in_order
from bot.profile.inventory import INVENTORY, NAMES, OF_NOBODY
from bot.profile.record import Record, Source, Value
from bot.profile.store import Changes
from bot.review.cases import SYSTEM, Action, Event, Note, NoteKind
from bot.review.store import Step
from bot.settings import Settings
from bot.telemetry.events import Telemetry
from tests.scenario.conversations import CRISIS, HEARTBREAK, JOB, last, until_answered
from tests.support.face import Seen
from tests.support.policies import shipped
from tests.support.reviewing import case_of, flag
from tests.support.samples import conversation, event, journal
from tests.support.terminal_face import TerminalFace, terminal_face
from tests.support.traces import in_files, in_redis, in_tables, tables

CANARIES = ("zugvogel", "terminal:w1:ann-canary", "ann-canary")
ANN, BEN = Person("terminal", "w1", "ann-canary"), Person("terminal", "w1", "ben")
MANY = ("profile", "audit", "review", "threads", "envelopes")
COUNTED = hashlib.blake2b(str(ANN).encode(), digest_size=16).hexdigest()
"""What the limits count that person under."""
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


async def tell_everything(face: TerminalFace, user: str) -> None:
    """A conversation that leaves something in every store that a conversation can reach."""
    await face.say(user, f"I'm 34 and call it zugvogel. {HEARTBREAK}")
    await until_answered(face, user)
    await face.command(user, "/correct profession zugvogel")
    await face.say(user, f"zugvogel {CRISIS}")
    await face.say(user, f"zugvogel. {JOB}", "channel")
    await face.command(user, "/human")
    await face.command(user, "/forget gender")


def receipt_of(seen: Seen) -> str:
    assert seen["kind"] == "notice"
    assert "entries about you were deleted" in seen["text"]
    return seen["text"]


async def test_no_canary_is_left_in_any_table_file_or_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    async with terminal_face(settings=Settings(state=tmp_path)) as face:
        await tell_everything(face, "ann-canary")
        await face.say("ben", f"zaunkoenig. {HEARTBREAK}")
        assert in_files(tmp_path, ["terminal:w1:ann-canary"]), "nothing was kept, so nothing can be forgotten"
        await face.command("ann-canary", "/forget me")
        await face.choose("ann-canary", "do:forget_me_yes")
        told = receipt_of(await last(face, "ann-canary", "notice"))
        assert "our conversations: " in told
        assert "Kept, without your name: this receipt" in told
        await face.app.stores.engine.purge(face.clock.now(), 1_000)  # type: ignore[attr-defined]  # the durable one
        for database in ("raise.db", "turns.db"):
            assert in_tables(f"sqlite:///{tmp_path / database}", CANARIES) == []
            assert in_tables(f"sqlite:///{tmp_path / 'raise.db'}", ["terminal:w1:ben"])
        await face.command("ann-canary", "/privacy")
        assert "don't know anything" in (await last(face, "ann-canary", "notice"))["text"]
    async with requests(Settings(state=tmp_path), ManualClock()) as asked:
        await asked.forget(ANN)
    assert in_files(tmp_path, CANARIES) == []
    output = capfd.readouterr()
    assert not [word for word in CANARIES if word in caplog.text + output.out + output.err]


@pytest.mark.postgres
@pytest.mark.redis
async def test_no_canary_is_left_in_postgres_or_redis(
    postgres_database: str, redis_url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    async with Redis.from_url(redis_url) as admin:
        await admin.flushdb()
    settings = Settings(database_url=postgres_database, redis_url=redis_url, key=KEY, person_per_minute=100)
    async with terminal_face(settings=settings) as face:
        await tell_everything(face, "ann-canary")
        assert await in_redis(redis_url, [f"person:{COUNTED}"]), "nothing was counted in Redis"
        await face.say("ben", f"I'm 34, zaunkoenig. {HEARTBREAK}")
        assert in_tables(postgres_database, ["terminal:w1:ann-canary"]), "nothing was kept in SQL"
        assert await in_redis(redis_url, ["terminal:w1:ann-canary"]), "nothing was kept in Redis"
        await face.command("ann-canary", "/forget me")
        await face.choose("ann-canary", "do:forget_me_yes")
        receipt_of(await last(face, "ann-canary", "notice"))
        await face.app.stores.engine.purge(face.clock.now(), 1_000)  # type: ignore[attr-defined]  # the durable one
        assert in_tables(postgres_database, CANARIES) == []
        assert await in_redis(redis_url, [*CANARIES, COUNTED]) == []
        assert in_tables(postgres_database, ["terminal:w1:ben"])
        assert await in_redis(redis_url, ["terminal:w1:ben"])
    output = capfd.readouterr()
    assert not [word for word in CANARIES if word in caplog.text + output.out + output.err]


async def test_forgetting_twice_is_harmless_and_says_that_nothing_was_left(tmp_path: Path) -> None:
    async with terminal_face(settings=Settings(state=tmp_path)) as face:
        await face.say("ann", HEARTBREAK)
        for _ in range(2):
            await face.command("ann", "/forget me")
            await face.choose("ann", "do:forget_me_yes")
            receipt_of(await last(face, "ann", "notice"))
        past = await face.app.stores.erasures.receipts(Person("terminal", "w1", "ann"))
        assert [each.receipt.total > 0 for each in past] == [True, True]  # asking again is itself a conversation
        assert await face.app.stores.erasures.pending() == ()


async def test_forgetting_while_a_question_is_open_closes_it() -> None:
    async with terminal_face() as face:
        await face.say("ann", HEARTBREAK)
        question = await last(face, "ann", "question")
        await face.command("ann", "/forget me")
        await face.choose("ann", "do:forget_me_yes")
        await face.choose("ann", question["choices"][0]["id"])
        assert "earlier question" in (await last(face, "ann"))["text"]


async def fill(kept: stores.Stores, person: Person, items: int) -> None:
    """That many items in every store that can hold many."""
    spaces = [Space(Place.CHANNEL, f"C{number}") for number in range(items)]
    records = tuple(
        Record("age", Value(Private("zugvogel"), None), Source.TEXT, Scope.USER, space, "c", 0.0, 9e12)
        for space in spaces
    )
    await kept.profiles.write(person, Changes(put=records), 0.0)
    standing = Standing()
    for number in range(items):
        standing = with_consent(standing, f"attribute{number}", Agreement.GRANTED, 0.0)
    await kept.consents.write(person, standing)
    await asyncio.gather(*(_item(kept, ConversationKey(person, space), f"{items}-{space.id}") for space in spaces))


async def _item(kept: stores.Stores, key: ConversationKey, name: str) -> None:
    person, turn = key.person, f"turn-{name}"
    await kept.ledger.claim(turn, key, event(person, "zugvogel"), 0.0)
    await kept.ledger.save(turn, key, conversation("zugvogel"), journal("zugvogel"), 9e12)
    await kept.audit.record(turn, key, 0.0, Decided("answer", "p", known=("age",)))
    raised = replace(flag(conversation=key), id=f"flag-{turn}")
    note = Note(f"note-{turn}", f"case-{turn}", NoteKind.NOTE, "mia", 0.0, Private("zugvogel"))
    opened = Event(Action.OPENED, SYSTEM, 0.0)
    await kept.review.cases.keep(Step(case_of(raised, f"case-{turn}"), (opened,), raised, note))
    if kept.threads is not None:
        await kept.threads.join(person, f"thread-{name}", 0.0)
    if kept.discord is not None:
        letter = Outbound(turn, person, key.space, Notice(Private("zugvogel"), private=True), turn)
        await kept.discord.envelopes.keep(turn, letter, 9e12)


class _Door:
    async def erase(self, person: Person) -> int:
        return 0


async def filled_and_forgotten(settings: Settings, url: str) -> Mapping[str, int]:
    clock = ManualClock()
    async with stores.in_sql(settings, clock) as kept:
        for person in (ANN, BEN):
            await fill(kept, person, 1_000 if person == ANN else 3)
        forget = forgetting(kept, clock, _Door(), ())
        _, receipt = await forget.erase(ANN)
        await forget.finish(ANN, receipt)
        assert in_tables(url, CANARIES) == []
        assert len(await kept.profiles.read(BEN, 0.0)) == 3
    return dict(receipt.removed)


async def test_a_thousand_items_in_every_store_go(tmp_path: Path) -> None:
    removed = await filled_and_forgotten(Settings(state=tmp_path), f"sqlite:///{tmp_path / 'raise.db'}")
    assert removed["conversation"] == 2_000
    assert {name: removed[name] for name in MANY} == dict.fromkeys(MANY, 1_000)
    assert removed["keys"] == 1


@pytest.mark.postgres
async def test_a_thousand_items_in_every_store_go_on_postgres(postgres_database: str) -> None:
    removed = await filled_and_forgotten(Settings(database_url=postgres_database, key=KEY), postgres_database)
    assert removed["conversation"] == 2_000
    assert {name: removed[name] for name in MANY} == dict.fromkeys(MANY, 1_000)


class Interrupted(Exception):  # noqa: N818 - it says what happens
    """Stands for the process being killed between two stores."""


class _Killer:
    async def erase(self, person: Person) -> int:
        raise Interrupted


def cut_off(whole: Forgetting, after: int) -> Forgetting:
    """The same, but ending in an error after so many stores."""

    def holdings(spared: str) -> list[Holding]:
        return [*list(whole.holdings(spared))[:after], Holding("none", _Killer())]

    return replace(whole, holdings=holdings)


async def test_cut_off_after_any_store_it_is_ended_by_the_next_look(tmp_path: Path) -> None:
    clock, silent = ManualClock(), Telemetry(lambda event, fields: None)
    async with stores.in_sql(Settings(state=tmp_path), clock) as kept:
        whole = forgetting(kept, clock, _Door(), ())
        for after in range(len(list(whole.holdings("")))):
            await fill(kept, ANN, 2)
            with pytest.raises(Interrupted):
                await cut_off(whole, after).erase(ANN, "en")
            assert len(await kept.erasures.pending()) == 1
            await Completion(whole, shipped(), Speaker({}), silent).catch_up()
            assert await kept.erasures.pending() == ()
            assert in_tables(f"sqlite:///{tmp_path / 'raise.db'}", CANARIES) == []


async def test_cut_off_the_next_start_ends_it_before_any_turn_and_tells_the_person(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path)
    async with terminal_face(settings=settings) as face:
        await tell_everything(face, "ann-canary")
        whole = forgetting(face.app.stores, face.clock, face.app.intake, ())
        with pytest.raises(Interrupted):
            await cut_off(whole, 6).erase(ANN, "en")
    async with terminal_face(settings=settings) as face:
        receipt_of(await last(face, "ann-canary", "notice"))
        assert await face.app.stores.erasures.pending() == ()
        assert in_tables(f"sqlite:///{tmp_path / 'raise.db'}", CANARIES) == []


@pytest.mark.parametrize("delay", [0.005, 0.05])
def test_killed_at_any_moment_forgetting_ends_after_the_restart(tmp_path: Path, delay: float) -> None:
    command = [sys.executable, "-m", "bot.cli.main", "chat", "--json", "--state", str(tmp_path)]
    lines = [
        {"id": "e1", "text": f"zugvogel, I'm 34. {HEARTBREAK}"},
        {"id": "e2", "text": "/forget me"},
        {"id": "e3", "choose": "do:forget_me_yes"},
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in lines:
            process.stdin.write(json.dumps({"user": "ann-canary", "workspace": "w1", **line}) + "\n")
            process.stdin.flush()
            while line["id"] != "e3" and f'"done", "id": "{line["id"]}"' not in process.stdout.readline():
                pass
        time.sleep(delay)  # the moment of the kill is what varies
        os.kill(process.pid, signal.SIGKILL)
    again = [{"user": "ann-canary", "workspace": "w1", **lines[-1]}]
    result = subprocess.run(
        command, input="".join(f"{json.dumps(line)}\n" for line in again), capture_output=True, text=True, check=True
    )
    assert '"done", "id": "e3"' in result.stdout
    database = connect(f"sqlite:///{tmp_path / 'raise.db'}", connections=1, survive_power_cut=True)
    with database.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM erasures")).scalar() == 0
    database.dispose()
    assert in_tables(f"sqlite:///{tmp_path / 'raise.db'}", CANARIES) == []


async def test_every_table_is_declared_and_every_declared_store_is_erased(tmp_path: Path) -> None:
    declared = {table for each in INVENTORY for table in each.tables} | OF_NOBODY.keys()
    async with terminal_face(settings=Settings(state=tmp_path)) as face:
        erased = {each.name for each in forgetting(face.app.stores, face.clock, _Door(), ()).holdings("")}
    of_faces, of_limits, of_itself = {"pages"}, {"counts"}, {"receipt"}
    assert set(NAMES) - of_faces - of_limits - of_itself == erased
    for name in ("raise.db", "turns.db"):
        database = connect(f"sqlite:///{tmp_path / name}", connections=1, survive_power_cut=True)
        with database.connect() as connection:
            undeclared = {table for _, table in tables(connection)} - declared
            assert undeclared == set(), f"say in bot.profile.inventory what {name} keeps there, and how it is erased"
            named = {table for _, table in tables(connection) if _names_people(connection, table)}
        database.dispose()
        assert not named & OF_NOBODY.keys(), "a table with a person in it is said to name nobody"


def _names_people(connection: sa.Connection, table: str) -> bool:
    return any(column["name"] == "person" for column in sa.inspect(connection).get_columns(table))


def test_an_undeclared_store_is_refused_at_start() -> None:
    stray: dict[str, Erasable] = {"diary": _Door()}
    with pytest.raises(ValueError, match="diary"):
        in_order(stray)


class _DownOnce:
    """A store that cannot be reached the first time."""

    def __init__(self, store: Erasable) -> None:
        self._store, self._down = store, True

    async def erase(self, person: Person) -> int:
        if self._down:
            self._down = False
            raise StoreUnavailable("down for this test")
        return await self._store.erase(person)


async def test_what_cannot_be_reached_is_forgotten_as_soon_as_it_is_back() -> None:
    clock = ManualClock()
    async with stores.in_memory(clock) as kept:
        weak = replace(kept, erasable={**kept.erasable, "audit": _DownOnce(kept.erasable["audit"])})
        forget = forgetting(weak, clock, _Door(), ())
        with pytest.raises(StoreUnavailable):
            await forget.erase(ANN)
        assert [each.person for each in await forget.interrupted()] == [ANN]
        _, receipt = await forget.erase(ANN)
        await forget.finish(ANN, receipt)
        assert await forget.interrupted() == ()
        await forget.finish(BEN, receipt)
        assert await kept.erasures.receipts(BEN) == ()
