"""Tests beside a policy, run over the real core: intake, screen, engine, runner; prepared answers instead of a model.

Each test is a conversation with a person of its own; all share one application, a clock that is moved, and stores in
memory. Nothing leaves the process.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from time import perf_counter
from typing import Final

from bot.assembly import models, stores
from bot.assembly.application import Application, application
from bot.assembly.rulebook import Rulebook
from bot.assembly.stage import NotedAudit, Notes, Observed, StagePlatform
from bot.chat import Chose, Content, Inbound, Said
from bot.chat.commands import parse_command
from bot.clock import ManualClock
from bot.identity import DIRECT, Person, Place, Space
from bot.policy.durations import seconds
from bot.policy.schema import Policy
from bot.policy.trial_files import TrialFile
from bot.policy.trials import Expected, Trial, TrialStep
from bot.private import Private
from bot.profile.retention import Bounds
from bot.settings import Settings
from bot.telemetry.logs import silent

_BETWEEN_STEPS: Final = 5.0
"""Seconds a person takes for one step."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One expectation that did not come true. ``line`` and ``column`` are those of what was expected."""

    line: int
    column: int
    step: int
    key: str
    expected: str
    actual: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one test; it passed where there is no mismatch."""

    file: str
    line: int
    name: str
    mismatches: tuple[Mismatch, ...]
    seconds: float


async def rehearse(settings: Settings, policy: Policy, files: Sequence[TrialFile]) -> tuple[Outcome, ...]:
    """Run every test of ``files`` under ``policy``, in order."""
    wanted = {trial.workspace.partition(":")[0] for file in files for trial in file.trials.tests}
    async with _stage(settings, policy, wanted) as stage:
        return tuple([await stage.perform(file, number) for file in files for number in range(len(file.trials.tests))])


@asynccontextmanager
async def _stage(settings: Settings, policy: Policy, platforms: set[str]) -> AsyncIterator[_Stage]:
    clock, notes = ManualClock(), Notes()
    bounds = Bounds(settings.retention_floor, settings.retention_ceiling)
    book = Rulebook(lambda: policy, models.embedder(settings), bounds, model_reads=False)
    telemetry = silent()
    async with stores.in_memory(clock) as kept:
        noted = replace(kept, audit=NotedAudit(kept.audit, notes))
        async with application(
            replace(settings, provider="offline"),
            [StagePlatform(name, notes) for name in sorted(platforms)],
            clock=clock,
            telemetry=telemetry,
            rulebook=book,
            on_flag=notes.flag,
            kept=noted,
        ) as app:
            yield _Stage(app, clock, notes)


class _Stage:
    def __init__(self, app: Application, clock: ManualClock, notes: Notes) -> None:
        self._app = app
        self._clock = clock
        self._notes = notes
        self._people = count(1)

    async def perform(self, file: TrialFile, number: int) -> Outcome:
        trial = file.trials.tests[number]
        platform, _, workspace = trial.workspace.partition(":")
        person = Person(platform, workspace, f"person{next(self._people)}")
        began, found = perf_counter(), list[Mismatch]()
        for place, step in enumerate(trial.steps):
            observed = await self._step(trial, person, place, step)
            if observed is None or step.expect is None:
                continue
            for key, expected, actual in compared(step.expect, observed):
                line, column = file.document.at("tests", number, "steps", place, "expect", key)
                found.append(Mismatch(line, column, place + 1, key, expected, actual, observed.because))
        line, _ = file.document.at("tests", number)
        return Outcome(file.document.file, line, trial.name, tuple(found), perf_counter() - began)

    async def _step(self, trial: Trial, person: Person, number: int, step: TrialStep) -> Observed | None:
        if step.wait is not None:
            self._clock.advance(seconds(step.wait))
            return None
        self._clock.advance(_BETWEEN_STEPS)
        content, space = self._content(trial, person, step)
        inbound = Inbound(f"{person.user}-{number}", person, space, content, self._clock.now(), trial.locale)
        receipt = await self._app.intake.accept(inbound)
        await self._app.intake.finished(receipt.turn_id)
        return self._notes.observed(receipt.turn_id)

    def _content(self, trial: Trial, person: Person, step: TrialStep) -> tuple[Content, Space]:
        place = step.place or trial.place
        space = DIRECT if place == Place.DM else Space(Place.CHANNEL, trial.channel)
        if step.choose is not None:
            asked = self._notes.question(person)
            choice = step.choose if ":" in step.choose or asked is None else f"{asked[0]}:{step.choose}"
            return Chose(choice), asked[1] if asked is not None and step.place is None else space
        text = step.say or step.command or ""
        command = parse_command(text) if step.command is not None else None
        return command or Said(Private(text)), space


def compared(expected: Expected, observed: Observed) -> list[tuple[str, str, str]]:
    """What differs: key, expected, actual, each as an operator would write it."""
    actual, differing = observed.as_written(), list[tuple[str, str, str]]()
    for key, value in expected.written.items():
        if key == "says":
            missing = [text for text in expected.says if text.lower() not in observed.said.lower()]
            differing += [(key, repr(text), repr(observed.said)) for text in missing]
            continue
        wanted = tuple(sorted(expected.used or ())) if key == "used" else value
        if wanted != actual[key]:
            differing.append((key, shown(wanted), shown(actual[key])))
    return differing


def shown(value: object) -> str:
    """A value as it stands in YAML."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case tuple():
            return f"[{', '.join(map(str, value))}]"
        case _:
            return str(value)
