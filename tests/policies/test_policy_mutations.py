"""Mistakes made on purpose in the shipped policy: `policy check` finds each at its line, with a hint."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.policy.diagnostics import Diagnostic, Level
from bot.policy.loader import Cache
from bot.policy.trial_files import inspect_all
from tests.support.policy_mutations import mutants
from tests.support.policy_sources import Mutant, texts

POLICIES = Path(__file__).parents[2] / "policies"
TEXTS = texts(POLICIES)
MUTANTS = mutants(TEXTS)
ALONE = ("index.yaml", "defaults.yaml", "cases/routing.yaml", "places.yaml")
"""Others refer to them, or they refer to others that must be right."""
GOLDEN = yaml.safe_load((Path(__file__).parent / "golden_mutations.yaml").read_text(encoding="utf-8"))


@dataclass
class Copy:
    """A copy of the shipped policy. Files are read again only when they change."""

    folder: Path
    cache: Cache

    def check(self, changed: Mapping[str, str]) -> tuple[Diagnostic, ...]:
        """What is said with these files changed."""
        for file, content in changed.items():
            (self.folder / file).write_bytes(content.encode())
        try:
            return inspect_all(self.folder, self.cache).diagnostics
        finally:
            for file in changed:
                (self.folder / file).write_text(TEXTS[file], encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    folder = tmp_path_factory.mktemp("policy") / "policies"
    shutil.copytree(POLICIES, folder)
    for file in ("index.yaml", "places.yaml"):
        (folder / file).write_text(TEXTS[file], encoding="utf-8")
    return Copy(folder, Cache())


@pytest.fixture(scope="module")
def found(copy: Copy) -> dict[Mutant, tuple[Diagnostic, ...]]:
    """What is said about each mutant. Files that nothing else refers to are broken together, one mistake in each:
    everything is reported at once, so one look finds them all. Tests are looked at where the policy is right."""
    said: dict[Mutant, tuple[Diagnostic, ...]] = {}
    waiting = [[mutant for mutant in MUTANTS if mutant.file == file] for file in {m.file: None for m in MUTANTS}]
    alone = [mutant for mutants in waiting for mutant in mutants if mutant.file in ALONE]
    others = [mutants for mutants in waiting if mutants[0] not in alone]
    tests = [mutants for mutants in others if mutants[0].file.startswith("tests/")]
    together = [*zip_longest(*[mutants for mutants in others if mutants not in tests]), *zip_longest(*tests)]
    for batch in [*((mutant,) for mutant in alone), *together]:
        broken = {mutant.file: mutant for mutant in batch if mutant is not None}
        diagnostics = copy.check({file: mutant.applied(TEXTS[file]) for file, mutant in broken.items()})
        said.update(dict.fromkeys(broken.values(), diagnostics))
    return said


@pytest.fixture(scope="module")
def usual(copy: Copy) -> set[tuple[str, str]]:
    """What is said of the shipped policy as it is."""
    return {(each.file, each.message) for each in inspect_all(copy.folder, copy.cache).diagnostics}


def test_there_are_at_least_three_hundred_mutants_and_forty_golden_ones() -> None:
    assert len(MUTANTS) >= 300
    assert len(GOLDEN) >= 40
    assert len({mutant.file for mutant in MUTANTS}) == len(TEXTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.file}-{mutant.name}")
def test_a_mistake_is_found_in_its_line_with_a_hint(
    mutant: Mutant, found: dict[Mutant, tuple[Diagnostic, ...]]
) -> None:
    errors = [each for each in found[mutant] if each.severity is Level.ERROR and each.file == mutant.file]
    there = [each for each in errors if each.line == mutant.line]
    assert any(mutant.told in str(each) and each.hint for each in there), "\n".join(map(str, errors))


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["name"])
def test_what_check_says_is_golden(case: dict[str, Any], copy: Copy, usual: set[tuple[str, str]]) -> None:
    original = TEXTS[case["file"]]
    assert case["find"] in original
    content = original.replace(case["find"], case["replace"], 1)
    first = original[: original.index(case["find"])].count("\n") + 1
    touched = range(first, first + case["replace"].count("\n") + 1)
    said = []
    for each in copy.check({case["file"]: content}):
        if (each.file, each.message) in usual:
            continue
        text = content if each.file == case["file"] else TEXTS[each.file]
        word = (text.split("\n")[each.line - 1][each.column - 1 :].split() or [""])[0]
        elsewhere = "" if each.file == case["file"] and each.line in touched else " (elsewhere)"
        told = re.sub(r"line \d+", "line N", f"{each.severity.value}: {each.message} ({each.hint})")
        said.append(f"{each.file}{elsewhere} at {word} {told}")
    assert said == case["expect"]
