"""A new version of the policy decides for a stable part of the people; both are on record, and nobody is noted."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.assembly.application import Application, application
from bot.assembly.stage import Notes, StagePlatform
from bot.chat import Inbound, Said
from bot.clock import ManualClock
from bot.conversation.rules import Trial
from bot.identity import DIRECT, Person
from bot.policy.loader import inspect, load
from bot.policy.registry import Refused, Reloaded
from bot.policy.snapshots import files_of, put_back
from bot.private import Private
from bot.settings import Settings
from bot.telemetry.logs import silent
from tests.support.policies import reloading, rulebook

POLICIES = Path(__file__).parents[2] / "policies"
EXAM = "I failed my final exam and my parents don't know yet"
SHARE = "next: {folder: spring, share: 50%}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped policy, and beside it a version that asks for something else in education, for half of the people."""
    copy = tmp_path / "policies"
    shutil.copytree(POLICIES, copy)
    shutil.copytree(POLICIES, copy / "spring")
    edit(copy / "spring/domains/education.yaml", "gain: 1.0", "gain: 0.0")
    with (copy / "index.yaml").open("a", encoding="utf-8") as index:
        index.write(SHARE)
    return copy


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


class Talk:
    def __init__(self, app: Application, notes: Notes) -> None:
        self.app, self.notes, self._number = app, notes, 0

    async def ask(self, person: Person) -> None:
        self._number += 1
        arrived = Inbound(f"e{self._number}", person, DIRECT, Said(Private(EXAM)), ManualClock().now(), "en")
        receipt = await self.app.intake.accept(arrived)
        await self.app.intake.finished(receipt.turn_id)

    async def tally(self) -> dict[tuple[str, str | None], int]:
        assert self.app.stores.tallies is not None
        found = await self.app.stores.tallies.tally(0.0, None)
        return {(each.policy, each.attribute): each.count for each in found if each.kind == "ask"}


@pytest.fixture
async def talk(folder: Path, tmp_path: Path) -> AsyncIterator[Talk]:
    notes, settings = Notes(), Settings(policies=folder, state=tmp_path / "state")
    stage, book = [StagePlatform("web", notes)], reloading(settings)
    async with application(settings, stage, clock=ManualClock(), telemetry=silent(), rulebook=book) as app:
        yield Talk(app, notes)


def people(count: int) -> list[Person]:
    return [Person("web", "w1", f"u{number}") for number in range(count)]


async def test_each_person_has_one_version_and_the_record_says_which(talk: Talk) -> None:
    rules = talk.app.rules()
    assert rules.trial is not None
    old, new = rules.policy.id, rules.trial.rules.policy.id
    takes = {person: rules.trial.takes(person) for person in people(8)}
    assert len(set(takes.values())) == 2
    for person in takes:
        await talk.ask(person)
    chosen = sum(takes.values())
    assert await talk.tally() == {(new, "emotional_state"): chosen, (old, "education_level"): 8 - chosen}


async def test_who_is_forgotten_leaves_nothing(talk: Talk) -> None:
    trial = talk.app.rules().trial
    assert trial is not None
    person = next(each for each in people(50) if trial.takes(each))
    await talk.ask(person)
    assert set(await talk.tally()) == {(trial.rules.policy.id, "emotional_state")}
    await talk.app.forget(person)
    assert await talk.tally() == {}
    assert talk.app.stores.counts is not None
    assert sum((await talk.app.stores.counts(person)).values()) == 0


async def test_the_new_version_is_read_again_and_refused_like_the_other(talk: Talk, folder: Path) -> None:
    assert talk.app.live is not None
    before = talk.app.rules()
    assert before.trial is not None
    assert before.trial.rules.screen is before.screen
    edit(folder / "spring/defaults.yaml", "price: 0.06", "prize: 0.06")
    refused = await talk.app.live.reload("test")
    assert isinstance(refused, Refused)
    assert any(each.file == "spring/defaults.yaml" for each in refused.diagnostics)
    assert talk.app.rules().policy.id == before.policy.id
    edit(folder / "spring/defaults.yaml", "prize: 0.06", "price: 0.07")
    assert isinstance(await talk.app.live.reload("test"), Reloaded)
    after = talk.app.rules()
    assert after.trial is not None
    assert after.policy.id != before.policy.id
    assert after.trial.rules.policy.id != before.trial.rules.policy.id
    assert [after.trial.takes(each) for each in people(50)] == [before.trial.takes(each) for each in people(50)]


def test_the_share_is_what_was_asked_for() -> None:
    rules = rulebook(model_reads=False).current()
    for portion in (0.0, 0.1, 0.5, 1.0):
        trial = Trial(rules, portion, b"key")
        assert sum(trial.takes(person) for person in people(5_000)) / 5_000 == pytest.approx(portion, abs=0.02)
    few, more = Trial(rules, 0.1, b"key"), Trial(rules, 0.2, b"key")
    assert all(more.takes(person) for person in people(1_000) if few.takes(person))
    assert any(Trial(rules, 0.1, b"other").takes(person) != few.takes(person) for person in people(1_000))


def test_it_is_put_back_with_the_policy(folder: Path) -> None:
    policy = load(folder)
    assert policy.next is not None
    files = files_of(folder, policy)
    assert files is not None
    assert "spring/index.yaml" in files
    edit(folder / "spring/defaults.yaml", "price: 0.06", "price: 0.07")
    assert files_of(folder, policy) is None
    again = put_back(folder, policy.id, files)
    assert again.next is not None
    assert (again.id, again.next.id) == (policy.id, policy.next.id)


@pytest.mark.parametrize("wrong", ["spring2", "../policies"])
def test_a_folder_that_is_not_there_is_an_error(folder: Path, wrong: str) -> None:
    edit(folder / "index.yaml", "folder: spring", f"folder: {wrong}")
    line = (folder / "index.yaml").read_text(encoding="utf-8").count("\n")
    found = inspect(folder)
    assert found.policy is None
    assert {(each.file, each.line) for each in found.diagnostics if each.severity == "error"} == {("index.yaml", line)}


def test_a_new_version_has_none_itself(folder: Path) -> None:
    with (folder / "spring/index.yaml").open("a", encoding="utf-8") as index:
        index.write(SHARE)
    assert any(each.code == "next" and each.file == "spring/index.yaml" for each in inspect(folder).diagnostics)


@pytest.mark.parametrize("share", ["10", "101%", "ten", "-1%"])
def test_a_share_is_a_whole_percent(folder: Path, share: str) -> None:
    edit(folder / "index.yaml", "50%", share)
    assert inspect(folder).policy is None
