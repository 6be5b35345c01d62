"""Reading the tests beside a policy. They are no part of it: its id, its reload and its turns know nothing of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bot.policy.checks.trials import check_trials
from bot.policy.diagnostics import Diagnostic, Level, ordered
from bot.policy.document import Document, parse
from bot.policy.folder import INDEX
from bot.policy.loader import Cache, Inspected, inspect
from bot.policy.reading import decode, read
from bot.policy.schema import Policy
from bot.policy.trials import Trials


@dataclass(frozen=True, slots=True)
class TrialFile:
    """One file of tests, with the tree that knows its lines."""

    document: Document
    trials: Trials


@dataclass(frozen=True, slots=True)
class InspectedTrials:
    """``files`` holds those that can be run; ``diagnostics`` what is wrong with the others."""

    files: tuple[TrialFile, ...]
    diagnostics: tuple[Diagnostic, ...]


def inspect_all(folder: Path, cache: Cache | None = None) -> Inspected:
    """What ``policy check`` says: of the policy, and where that is right, of the tests beside it."""
    kept = Cache() if cache is None else cache
    inspected = inspect(folder, kept)
    if inspected.policy is None:
        return inspected
    beside = inspect_trials(folder, inspected.policy, kept).diagnostics
    return replace(inspected, diagnostics=ordered((*inspected.diagnostics, *beside)))


def inspect_trials(folder: Path, policy: Policy, cache: Cache | None = None) -> InspectedTrials:
    """Every file of tests that the index of ``policy`` (loaded from ``folder``) lists, checked against it."""
    files: list[TrialFile] = []
    problems: list[Diagnostic] = []
    kept = Cache() if cache is None else cache
    index = _document(folder, INDEX)
    for number, name in enumerate(policy.index.tests):
        at = index.at("tests", number) if isinstance(index, Document) else (1, 1)
        content = read(folder, name, (INDEX, *at))
        if isinstance(content, Diagnostic):
            problems.append(content)
            continue
        file, found = kept.file(Trials, name, content)
        problems += found
        if file.part is not None and not file.document.problems:
            wrong = list(check_trials(file, policy))
            problems += wrong
            if not any(each.severity is Level.ERROR for each in wrong):
                files.append(TrialFile(file.document, file.part))
    problems += _listed_twice(policy, index)
    return InspectedTrials(tuple(files), ordered(problems))


def _document(folder: Path, name: str) -> Document | Diagnostic:
    content = read(folder, name, (name, 1, 1))
    if isinstance(content, Diagnostic):
        return content
    text = decode(content, name)
    return text if isinstance(text, Diagnostic) else parse(text, name)


def _listed_twice(policy: Policy, index: Document | Diagnostic) -> Iterator[Diagnostic]:
    names = policy.index.tests
    for number, name in enumerate(names):
        if name in names[:number] and isinstance(index, Document):
            message, hint = f"{name!r} is listed twice", "keep one of the two"
            yield Diagnostic(INDEX, *index.at("tests", number), message, hint, code="duplicate")
