"""What stores of the operators' own data do: policies that served, what was decided by day, what models cost."""

from __future__ import annotations

import asyncio
from typing import Protocol

import pytest

from bot.clock import Seconds
from bot.conversation.audit import Decided
from bot.identity import DIRECT, ConversationKey, Person
from bot.policy.snapshots import Served, Snapshots
from bot.review.operating import DAY, Costs, Spent, Tallies, Tally
from bot.severity import Category, Severity

MORNING = 20_000 * DAY
FILES = {"index.yaml": "title: Größe 1\n", "domains/life.yaml": "id: life\n" * 5_000}


class Recording(Tallies, Protocol):
    async def record(self, turn_id: str, conversation: ConversationKey, at: Seconds, decided: Decided) -> None: ...


def decided(kind: str = "ask", attribute: str | None = "age", rule: str | None = None, policy: str = "p1") -> Decided:
    severity, category = (Severity.HIGH, Category.SELF_HARM) if rule else (Severity.NONE, None)
    return Decided(kind, policy, "health", 0.5, attribute, "because", 0, (), severity, category, rule)


def spent(model: str, calls: int, tokens: int, usd: float, unpriced: int = 0, *, day: float = 0) -> Spent:
    return Spent(MORNING + day * DAY, model, calls, tokens, usd, unpriced)


class SnapshotsContract:
    async def test_the_files_of_a_policy_come_back_as_they_were(self, snapshots: Snapshots) -> None:
        assert await snapshots.files("p1") is None
        await snapshots.note(Served("p1", MORNING, "start"), FILES)
        await snapshots.note(Served("p2", MORNING + 1, "desk:ada"), {"index.yaml": "title: 2\n"})
        assert await snapshots.files("p1") == FILES
        assert await snapshots.files("p2") == {"index.yaml": "title: 2\n"}

    async def test_one_that_serves_again_is_kept_once_and_listed_twice(self, snapshots: Snapshots) -> None:
        for number, policy in enumerate(("p1", "p2", "p1")):
            await snapshots.note(Served(policy, MORNING + number, f"by {number}"), FILES)
        history = await snapshots.history(2)
        assert history == (Served("p1", MORNING + 2, "by 2"), Served("p2", MORNING + 1, "by 1"))
        assert len(await snapshots.history(10)) == 3


class TalliesContract:
    async def test_decisions_are_counted_by_day_and_features(self, tallies: Recording) -> None:
        made = [
            (MORNING + 1, decided()),
            (MORNING + DAY - 1, decided()),
            (MORNING + DAY, decided()),
            (MORNING + 5, decided("crisis", None, "plan", "p2")),
        ]
        for number, (at, each) in enumerate(made):
            person = Person("slack", "T1", f"u{number}")
            await tallies.record(f"t{number}", ConversationKey(person, DIRECT), at, each)
        found = await tallies.tally(MORNING, None)
        assert set(found) == {
            Tally(MORNING, "ask", "age", None, "p1", 2),
            Tally(MORNING + DAY, "ask", "age", None, "p1", 1),
            Tally(MORNING, "crisis", None, "plan", "p2", 1),
        }
        assert [each.day for each in found] == sorted(each.day for each in found)
        assert await tallies.tally(MORNING + DAY, None) == (Tally(MORNING + DAY, "ask", "age", None, "p1", 1),)

    @pytest.mark.parametrize(
        ("workspaces", "count"),
        [(frozenset({"slack:T1"}), 1), (frozenset({"slack:T1", "slack:T10"}), 2), (frozenset({"slack:T_"}), 0)],
    )
    async def test_only_the_workspaces_asked_for_are_counted(
        self, tallies: Recording, workspaces: frozenset[str], count: int
    ) -> None:
        for workspace in ("T1", "T10"):
            conversation = ConversationKey(Person("slack", workspace, "u"), DIRECT)
            await tallies.record(workspace, conversation, MORNING, decided())
        assert sum(each.count for each in await tallies.tally(0, workspaces)) == count

    async def test_no_workspaces_have_no_decisions(self, tallies: Recording) -> None:
        await tallies.record("t", ConversationKey(Person("slack", "T1", "u"), DIRECT), MORNING, decided())
        assert await tallies.tally(0, frozenset()) == ()


class CostsContract:
    async def test_costs_add_up_by_day_and_model(self, costs: Costs) -> None:
        await costs.add([spent("a:x", 1, 100, 0.5), spent("a:y", 2, 10, 0.25, 1), spent("a:x", 1, 1, 0.5, day=0.9)])
        await costs.add([spent("a:x", 3, 5, 1.0), spent("a:x", 1, 7, 0.125, day=1)])
        assert await costs.since(MORNING) == (
            spent("a:x", 5, 106, 2.0),
            spent("a:y", 2, 10, 0.25, 1),
            spent("a:x", 1, 7, 0.125, day=1),
        )
        assert await costs.since(MORNING + DAY + 5) == (spent("a:x", 1, 7, 0.125, day=1),)

    async def test_nothing_is_lost_when_several_count_at_once(self, costs: Costs) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                both = [spent("b:y", 1, 10, 0.5), spent("a:x", 1, 10, 0.5)]
                group.create_task(costs.add(both if number % 2 else reversed(both)))
        assert [(each.model, each.calls) for each in await costs.since(0)] == [("a:x", 20), ("b:y", 20)]

    async def test_large_numbers_are_kept(self, costs: Costs) -> None:
        await costs.add([spent("a:x", 1, 3_000_000_000, 0.5)])
        await costs.add([spent("a:x", 1, 3_000_000_000, 0.5)])
        assert (await costs.since(0))[0].tokens == 6_000_000_000
