"""Twenty moderators in several processes that are killed on the way: no case is held twice, none is lost, every
deadline is honoured, once.

The trail is the witness: it is written in the same transaction as each step, in one order for all processes.
``RAISE_REVIEW_CASES`` sets how many cases there are (1,000 for the full run).
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.stores.sql.database import SqlDatabase
from bot.identity import DIRECT, ConversationKey
from bot.review.cases import Action, Case, CaseState, Event
from bot.review.store import Filter
from bot.severity import Severity
from tests.support.moderators_at_work import FASTER, at_work, desk_of, keep_time
from tests.support.reviewing import LIMITS, Room, flag, person

CASES = int(os.environ.get("RAISE_REVIEW_CASES", "60"))
PROCESSES = 4 if CASES >= 1_000 else 2
EACH = 20 // PROCESSES
SEVERITIES = (Severity.IMMINENT, Severity.HIGH, Severity.CONCERN)
LATE = 20.0 * FASTER
"""Seconds of the fast clock (20 on the wall) within which a deadline is noticed even on a very busy machine."""


async def test_no_case_is_held_twice_none_is_lost_and_every_deadline_is_honoured(tmp_path: Path) -> None:
    await simulated(f"sqlite:///{tmp_path}/raise.sqlite")


@pytest.mark.postgres
async def test_the_same_on_postgres(postgres_database: str) -> None:
    await simulated(postgres_database)


async def simulated(url: str) -> None:
    began = time.time()
    database = SqlDatabase(url)
    await database.open()
    here = desk_of(database, began)
    async with asyncio.TaskGroup() as group:
        for number in range(CASES):
            conversation, severity = ConversationKey(person(number), DIRECT), SEVERITIES[number % 3]
            raised = flag(number, conversation=conversation, severity=severity, at=here.clock.now())
            group.create_task(here.opening.take(raised))
    timers = asyncio.create_task(keep_time(here))
    killed = await killed_at_work(here, url, began)
    assert killed == PROCESSES, "a process ended before it was killed: give them more cases"
    await at_work(url, "last", EACH, 1, began)  # who is left finishes
    await timers
    cases = await here.store.listed(Filter(states=frozenset()), None, CASES + 1)
    entries = await here.store.since(0, 100 * CASES)
    assert await here.store.verify() == await here.store.head()
    await database.close()
    assert len(cases) == CASES
    latest = 0.0
    for case in cases:
        witness = Witness(case)
        witness.hear([entry.event for entry in entries if entry.case_id == case.id])
        latest = max(latest, witness.late)
    print(f"{CASES} cases, {len(entries)} steps, {killed} processes killed, {time.time() - began:.1f} s; ", end="")
    print(f"the latest deadline was noticed after {latest / FASTER:.2f} s")


async def killed_at_work(here: Room, url: str, began: float) -> int:
    """Moderators in processes of their own, killed one after the other while the rest go on; returns how many."""
    arguments = [sys.executable, "-m", "tests.support.moderators_at_work", url]
    running = [
        await asyncio.create_subprocess_exec(*arguments, f"p{number}", str(EACH), "7", str(began))
        for number in range(PROCESSES)
    ]
    killed = 0
    try:
        async with asyncio.timeout(100):
            for number, process in enumerate(running, 1):
                enough = CASES * number / (PROCESSES + 1)
                while process.returncode is None and await decisions(here) < enough:  # noqa: ASYNC110 - in other processes
                    await asyncio.sleep(0.02)
                killed += process.returncode is None
                if process.returncode is None:
                    process.kill()
                await process.wait()
    finally:
        for process in running:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return killed


async def decisions(here: Room) -> int:
    entries = await here.store.since(0, 100 * CASES)
    return sum(entry.event.action is Action.DECIDED for entry in entries)


class Witness:
    """Goes through what happened to one case, in order."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.deadline = case.opened_at + LIMITS.deadlines[case.severity]
        self.escalated = False
        self.pending = True
        self.holder, self.until = "", 0.0
        self.late = 0.0

    def hear(self, events: Sequence[Event]) -> None:
        assert events[0].action is Action.OPENED
        for event in events[1:]:
            if self.pending and not self.escalated:
                assert event.at < self.deadline + LATE, "a deadline passed unheeded"
            self.claims(event)
            self.deadlines(event)
        assert not self.pending
        assert self.case.state is not CaseState.OPEN
        assert self.case.decision is not None, "a case was lost"

    def claims(self, event: Event) -> None:
        match event.action:
            case Action.CLAIMED | Action.EXTENDED:
                free = not self.holder or event.at >= self.until
                assert free or event.by == self.holder, "a case was held twice"
                self.holder, self.until = event.by, event.at + LIMITS.claim
            case Action.DECIDED | Action.RELEASED:
                assert event.by == self.holder, "somebody decided what they did not hold"
                assert event.at < self.until, "a decision after the claim ran out"
                self.holder = ""
            case Action.CLAIM_RAN_OUT:
                assert event.at >= self.until
                self.holder = ""
            case _:
                pass

    def deadlines(self, event: Event) -> None:
        if event.action is Action.DEADLINE_PASSED:
            assert self.pending
            assert not self.escalated, "one deadline escalated twice"
            assert event.at >= self.deadline
            self.late = max(self.late, event.at - self.deadline)
            self.escalated = True
        elif event.action is Action.DECIDED and event.details["ruling"] == "escalate":
            self.deadline, self.escalated = event.at + LIMITS.deadlines[self.case.severity], False
        elif event.action is Action.DECIDED:
            self.pending = False
