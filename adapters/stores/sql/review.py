"""Cases in SQL: one row each, replaced only at the revision a step was decided on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from adapters.stores.contexts import errand_context, note_context
from adapters.stores.sql.database import SqlDatabase, add
from adapters.stores.sql.review_figures import SqlArchive
from adapters.stores.sql.review_papers import SqlErrands, SqlPapers
from adapters.stores.sql.review_rows import case_of, case_values, errand_values
from adapters.stores.sql.review_tables import (
    URGENCY,
    referrals,
    review_cases,
    review_errands,
    review_flags,
    review_notes,
)
from adapters.stores.sql.review_trail import SqlTrail
from adapters.stores.sql.tables import where
from bot.clock import Seconds
from bot.identity import ConversationKey, Person
from bot.profile.vault import Vault
from bot.review.cases import Case, CaseState
from bot.review.store import Cursor, Filter, Kept, ReviewStores, Step
from bot.review.trail import Seal
from bot.risk.flags import Flag
from bot.severity import Severity

_AT_ONCE: Final = 500
"""Cases named in one statement."""


def sql_review(database: SqlDatabase, vault: Vault, seal: Seal) -> ReviewStores:
    """Everything the desk keeps, in this database."""
    trail = SqlTrail(database, seal)
    return ReviewStores(
        cases=SqlCases(database, vault, trail),
        papers=SqlPapers(database, vault),
        errands=SqlErrands(database, vault, trail),
        trail=trail,
        archive=SqlArchive(database),
    )


class SqlCases:
    """Cases in SQL."""

    def __init__(self, database: SqlDatabase, vault: Vault, trail: SqlTrail) -> None:
        self._database = database
        self._vault = vault
        self._trail = trail

    async def keep(self, step: Step) -> Kept:
        papers = await self._sealed(step)

        def replace(connection: sa.Connection) -> Kept:
            # The head of the trail first, always: whoever waits, waits here, and never in a circle.
            head = self._trail.lock(connection)
            if step.flag is not None and _known(connection, step.flag):
                return Kept.KNOWN
            if not _replaced(connection, step.case):
                return Kept.OVERTAKEN
            _attach(connection, step, papers)
            self._trail.append(connection, head, step.case.id, step.events)
            return Kept.KEPT

        if step.case.gone is None:
            return await self._database.write(replace)
        # What an erasure removes must not linger in the log either: it counts as one item removed.
        kept: list[Kept] = []

        def erase(connection: sa.Connection) -> int:
            kept.append(replace(connection))
            return int(kept[-1] is Kept.KEPT)

        await self._database.erase(erase)
        return kept[-1]

    async def depart(self, steps: Sequence[Step]) -> int:
        def erase(connection: sa.Connection) -> int:
            head = self._trail.lock(connection)
            pieces = (steps[start : start + _AT_ONCE] for start in range(0, len(steps), _AT_ONCE))
            going = [step for some in pieces for step in _departed(connection, some)]
            lines = ((step.case.id, event) for step in going for event in step.events)
            self._trail.append_of_many(connection, head, lines)
            return len(going)

        return await self._database.erase(erase) if steps else 0

    async def find(self, case_id: str) -> Case | None:
        return await self._one(sa.select(review_cases).where(review_cases.c.case_id == case_id))

    async def living(self, conversation: ConversationKey) -> Case | None:
        living = review_cases.c.state != CaseState.CLOSED.value
        there = (review_cases.c[name] == value for name, value in where(conversation).items())
        return await self._one(sa.select(review_cases).where(*there, living))

    async def of(self, person: Person) -> tuple[Case, ...]:
        return await self._many(sa.select(review_cases).where(review_cases.c.person == str(person)))

    async def listed(self, wanted: Filter, after: Cursor | None, limit: int) -> tuple[Case, ...]:
        order = (review_cases.c.urgency, review_cases.c.deadline, review_cases.c.case_id)
        statement = sa.select(review_cases).where(*_conditions(wanted)).order_by(*order).limit(limit)
        if after is not None:
            place = sa.tuple_(URGENCY[after.severity.value], after.deadline, after.id)
            statement = statement.where(sa.tuple_(*order) > place)
        return await self._many(statement)

    async def due(self, now: Seconds, limit: int) -> tuple[Case, ...]:
        due = sa.select(review_cases).where(review_cases.c.wakes_at <= now)
        return await self._many(due.order_by(review_cases.c.wakes_at).limit(limit))

    async def _one(self, statement: sa.Select[Any]) -> Case | None:
        row = await self._database.read(lambda connection: connection.execute(statement).first())
        return None if row is None else case_of(row)

    async def _many(self, statement: sa.Select[Any]) -> tuple[Case, ...]:
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return tuple(case_of(row) for row in rows)

    async def _sealed(self, step: Step) -> dict[str, bytes | None]:
        """The texts of the step's papers, sealed with the person's key."""
        note, errand, conversation = step.note, step.errand, step.case.conversation
        sealed: dict[str, bytes | None] = {}
        if conversation is None:
            return sealed
        person = conversation.reveal().person
        if note is not None:
            sealed[note.id] = await self._vault.seal(person, note.text.reveal().encode(), note_context(note.id))
        if errand is not None and errand.text is not None:
            text = errand.text.reveal().encode()
            sealed[errand.id] = await self._vault.seal(person, text, errand_context(errand.id))
        return sealed


def _known(connection: sa.Connection, flag: Flag) -> bool:
    known = sa.select(review_flags.c.number).where(review_flags.c.flag_id == flag.id)
    return connection.execute(known).first() is not None


def _replaced(connection: sa.Connection, case: Case) -> bool:
    values = case_values(case)
    if case.revision == 1:
        return add(connection, review_cases, values, ())
    before = (review_cases.c.case_id == case.id, review_cases.c.revision == case.revision - 1)
    return connection.execute(sa.update(review_cases).where(*before).values(values)).rowcount == 1


def _attach(connection: sa.Connection, step: Step, papers: dict[str, bytes | None]) -> None:
    case, note, errand, ruled = step.case, step.note, step.errand, step.ruled
    if step.flag is not None:
        _count(connection, step.flag, case.id)
    if note is not None:
        values = {"note_id": note.id, "case_id": case.id, "kind": note.kind.value, "by": note.by, "at": note.at}
        connection.execute(sa.insert(review_notes).values(**values, sealed=papers[note.id]))
    if errand is not None:
        connection.execute(sa.insert(review_errands).values(errand_values(errand, papers.get(errand.id))))
    if ruled is not None:
        judged = sa.update(review_flags).where(review_flags.c.case_id == case.id, review_flags.c.at >= ruled.since)
        connection.execute(judged.values(ruling=None if ruled.ruling is None else ruled.ruling.value))
    if case.gone is not None:
        _strip(connection, [case.id])


def _strip(connection: sa.Connection, case_ids: Sequence[str]) -> None:
    """What belongs to these cases goes."""
    for table in (review_notes, review_errands):
        connection.execute(sa.delete(table).where(table.c.case_id.in_(case_ids)))
    anonymous = sa.update(review_flags).where(review_flags.c.case_id.in_(case_ids))
    connection.execute(anonymous.values(flag_id=None))


def _departed(connection: sa.Connection, steps: Sequence[Step]) -> Sequence[Step]:
    """Those of the steps whose cases still were at the revision they were decided on, taken. Behind the lock."""
    ids = [step.case.id for step in steps]
    found = sa.select(review_cases.c.case_id, review_cases.c.revision).where(review_cases.c.case_id.in_(ids))
    revisions = {row.case_id: row.revision for row in connection.execute(found)}
    going = [step for step in steps if revisions.get(step.case.id) == step.case.revision - 1]
    if going:
        replace = sa.update(review_cases).where(review_cases.c.case_id == sa.bindparam("of_case"))
        connection.execute(replace, [{**case_values(step.case), "of_case": step.case.id} for step in going])
        _strip(connection, [step.case.id for step in going])
    return going


def _count(connection: sa.Connection, flag: Flag, case_id: str) -> None:
    category = None if flag.category is None else flag.category.value
    values = {"flag_id": flag.id, "case_id": case_id, "rule": flag.rule, "category": category, "at": flag.at}
    connection.execute(sa.insert(review_flags).values(values))
    if flag.severity.rank >= Severity.HIGH.rank and flag.rule != "moderator":
        month = datetime.fromtimestamp(flag.at, UTC).strftime("%Y-%m")
        add(connection, referrals, {"month": month, "category": category or "", "count": 0}, ("month", "category"))
        this = (referrals.c.month == month, referrals.c.category == (category or ""))
        connection.execute(sa.update(referrals).where(*this).values(count=referrals.c.count + 1))


def _conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    cases = review_cases.c
    pending = frozenset((CaseState.OPEN, CaseState.CLAIMED))
    found: list[sa.ColumnElement[bool]] = []
    if wanted.states == pending:
        found.append(cases.pending.is_(True))
    elif wanted.states:
        found.append(cases.state.in_(sorted(wanted.states)))
    for column, values in (
        (cases.severity, wanted.severities),
        (cases.category, wanted.categories),
        (cases.queue, wanted.queues),
    ):
        if values:
            found.append(column.in_(sorted(values)))
    if wanted.workspaces is not None:
        found.append(cases.workspace.in_(sorted(wanted.workspaces)))
    if wanted.holder is not None:
        found.append(cases.claimed_by == wanted.holder)
    if wanted.held is not None:
        found.append(cases.held.is_(wanted.held))
    if wanted.opinion_wanted is not None:
        found.append(cases.opinion_wanted.is_(wanted.opinion_wanted))
    if wanted.overdue_at is not None:
        found.append(cases.deadline < wanted.overdue_at)
    return found
