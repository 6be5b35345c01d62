"""The policy is read again while people talk: whole or not at all, and a turn keeps the one it began with."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.assembly.application import Application, application
from bot.assembly.stage import NotedAudit, Notes, StagePlatform
from bot.assembly.stores import in_memory
from bot.chat import Inbound, Said
from bot.clock import ManualClock
from bot.identity import DIRECT, Person
from bot.policy.registry import Refused, Reloaded, Unchanged
from bot.private import Private
from bot.settings import Settings
from bot.telemetry.events import Plain, Telemetry
from tests.support.policies import reloading

POLICIES = Path(__file__).parents[2] / "policies"
EXAM = "I failed my final exam and my parents don't know yet"


class Running:
    """An application over a policy folder of its own."""

    def __init__(
        self, app: Application, folder: Path, notes: Notes, events: list[dict[str, Plain]], loaded: asyncio.Event
    ) -> None:
        assert app.live is not None
        self.app, self.live, self.folder, self.notes, self.events = app, app.live, folder, notes, events
        self._people = 0
        self.loaded = loaded

    def edit(self, name: str, old: str, new: str) -> None:
        file = self.folder / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    async def ask(self, text: str = EXAM) -> str:
        self._people += 1
        person = Person("web", "w1", f"u{self._people}")
        receipt = await self.app.intake.accept(
            Inbound(f"e{self._people}", person, DIRECT, Said(Private(text)), 1_767_225_600.0, "en")
        )
        await self.app.intake.finished(receipt.turn_id)
        return receipt.turn_id


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    folder = tmp_path / "policies"
    shutil.copytree(POLICIES, folder)
    notes, events, clock = Notes(), list[dict[str, Plain]](), ManualClock()
    loaded = asyncio.Event()

    def sink(event: str, fields: dict[str, Plain]) -> None:
        events.append({"event": event, **fields})
        if event == "policy_loaded":
            loaded.set()

    settings, telemetry = Settings(policies=folder), Telemetry(sink)
    book = reloading(settings)
    async with in_memory(clock) as kept:
        noted = replace(kept, audit=NotedAudit(kept.audit, notes))
        async with application(
            settings, [StagePlatform("web", notes)], clock=clock, telemetry=telemetry, rulebook=book, kept=noted
        ) as app:
            yield Running(app, folder, notes, events, loaded)


async def test_a_new_price_decides_the_next_turn_and_is_on_its_record(running: Running) -> None:
    first = await running.ask()
    assert running.notes.observed(first).asked == "education_level"
    running.edit("domains/education.yaml", "gain: 1.0", "gain: 0.0")
    outcome = await running.live.reload("desk:ada")
    assert isinstance(outcome, Reloaded)
    second = await running.ask()
    assert running.notes.observed(second).asked == "emotional_state"
    assert running.notes.decided[first][0].policy_id == outcome.previous
    assert running.notes.decided[second][0].policy_id == outcome.policy.id
    loaded = next(each for each in running.events if each["event"] == "policy_loaded")
    assert (loaded["kind"], loaded["policy"]) == ("desk:ada", outcome.policy.id)


async def test_a_wrong_one_is_refused_and_the_old_serves(running: Running) -> None:
    before = running.live.rules().policy.id
    running.edit("domains/education.yaml", "gain: 1.0", "gian: 1.0")
    outcome = await running.live.reload("signal")
    assert isinstance(outcome, Refused)
    assert running.live.latest is outcome
    assert any("gian" in str(each) for each in outcome.diagnostics)
    refused = next(each for each in running.events if each["event"] == "policy_refused")
    assert "domains/education.yaml" in str(refused["problem"])
    turn = await running.ask()
    assert running.notes.decided[turn][0].policy_id == before
    running.edit("domains/education.yaml", "gian: 1.0", "gain: 1.0")
    assert isinstance(await running.live.reload("signal"), Unchanged)


async def test_a_model_that_cannot_be_made_is_refused(running: Running) -> None:
    running.edit("domains/education.yaml", "id: education\n", "id: education\nmodel: nobody:knows\n")
    outcome = await running.live.reload("signal")
    assert isinstance(outcome, Refused)
    assert "nobody" in str(outcome.diagnostics[0])


async def test_files_are_watched_and_a_signal_is_heard(running: Running) -> None:
    running.edit("domains/education.yaml", "gain: 1.0", "gain: 0.9")
    before = running.live.rules().policy.id
    running.live.ask("signal")
    async with asyncio.timeout(20):
        await running.loaded.wait()
    assert running.live.rules().policy.id != before


async def test_the_watch_itself_sees_a_change(running: Running) -> None:
    watching = asyncio.create_task(running.live.watch(every=0.01))
    await asyncio.sleep(0.05)
    running.edit("defaults.yaml", "price: 0.06", "price: 0.07")
    os.utime(running.folder / "defaults.yaml", ns=(1, 1))
    async with asyncio.timeout(20):
        await running.loaded.wait()
    watching.cancel()
    assert next(each for each in running.events if each["event"] == "policy_loaded")["kind"] == "files"


async def test_no_turn_sees_a_mixture_while_policies_change(running: Running) -> None:
    """Each policy asks for one attribute only; every record must name the policy that asks for what was asked."""
    wanted: dict[str, str] = {running.live.rules().policy.id: "education_level"}
    turns: list[str] = []
    done = False

    async def talk() -> None:
        while not done:
            turns.append(await running.ask())

    talking = [asyncio.create_task(talk()) for _ in range(3)]
    for number in range(6):
        old, new = ("gain: 1.0", "gain: 0.0") if number % 2 == 0 else ("gain: 0.0", "gain: 1.0")
        running.edit("domains/education.yaml", old, new)
        outcome = await running.live.reload("test")
        assert isinstance(outcome, Reloaded)
        wanted[outcome.policy.id] = "emotional_state" if number % 2 == 0 else "education_level"
        await running.ask()
    done = True
    await asyncio.gather(*talking)
    seen = {running.notes.decided[turn][0].policy_id for turn in turns}
    assert len(seen) == 2
    for turn in turns:
        decided = running.notes.decided[turn][0]
        assert decided.attribute == wanted[decided.policy_id]
        assert running.notes.observed(turn).asked == decided.attribute


async def test_what_did_not_change_is_taken_over(running: Running) -> None:
    before = running.live.rules()
    running.edit("domains/education.yaml", "gain: 1.0", "gain: 0.9")
    await running.live.reload("test")
    after = running.live.rules()
    assert after.screen is before.screen
    assert after.locator is before.locator
    assert after.reader is before.reader
    assert after.tables["education"].terms["education_level"].gain == 0.9
    running.edit("domains/education.yaml", "  exemplars:\n", "  exemplars:\n    - my thesis on moss is stuck\n")
    outcome = await running.live.reload("test")
    assert isinstance(outcome, Reloaded), outcome
    assert running.live.rules().locator is not after.locator
    assert running.live.rules().screen is after.screen
