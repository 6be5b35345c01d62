"""One snapshot at a time: swapped whole, refused whole."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from bot.errors import PolicyError
from bot.policy.diagnostics import BrokenPolicy, Diagnostic, Level
from bot.policy.loader import Cache, inspect, load
from bot.policy.registry import Refused, Registry, Reloaded, Unchanged

POLICIES = Path(__file__).parents[2] / "policies"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(POLICIES, tmp_path / "policies"))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_same_files_have_the_same_id_wherever_they_are(folder: Path) -> None:
    assert load(folder).id == load(POLICIES).id
    edit(folder, "defaults.yaml", "  cooldown: 30m", "  cooldown: 31m")
    assert load(folder).id != load(POLICIES).id


def test_a_good_change_is_swapped_in_and_the_old_snapshot_stays_whole(folder: Path) -> None:
    registry = Registry(folder)
    pinned = registry.current()
    edit(folder, "defaults.yaml", "  cooldown: 30m", "  cooldown: 31m")
    outcome = registry.reload()
    assert isinstance(outcome, Reloaded)
    assert outcome.previous == pinned.id
    assert registry.current() is outcome.policy
    assert registry.current().defaults.crisis.cooldown == "31m"
    assert pinned.defaults.crisis.cooldown == "30m"
    assert all(each.severity is Level.WARNING for each in outcome.diagnostics)


def test_a_bad_change_is_refused_with_its_diagnostics_and_the_old_one_serves(folder: Path) -> None:
    registry = Registry(folder)
    before = registry.current()
    edit(folder, "defaults.yaml", "  cooldown: 30m", "  cooldwn: 31m")
    outcome = registry.reload()
    assert isinstance(outcome, Refused)
    assert registry.current() is before is outcome.policy
    assert "did you mean 'cooldown'?" in "\n".join(map(str, outcome.diagnostics))
    edit(folder, "defaults.yaml", "  cooldwn: 31m", "  cooldown: 31m")
    assert isinstance(registry.reload(), Reloaded)


def test_nothing_changed_means_the_same_snapshot(folder: Path) -> None:
    registry = Registry(folder)
    before = registry.current()
    assert isinstance(registry.reload(), Unchanged)
    assert registry.current() is before


def test_a_vanished_folder_is_refused(folder: Path) -> None:
    registry = Registry(folder)
    shutil.rmtree(folder)
    assert isinstance(registry.reload(), Refused)
    assert registry.current().domains


def test_the_first_load_must_be_good(folder: Path) -> None:
    edit(folder, "index.yaml", "schema_version: 1", "schema_version: 9")
    with pytest.raises(BrokenPolicy, match="schema version 9") as raised:
        Registry(folder)
    assert isinstance(raised.value, PolicyError)
    assert raised.value.diagnostics[0].code == "schema-version"


def test_readers_in_other_threads_see_one_of_the_snapshots_and_never_a_mixture(folder: Path) -> None:
    registry = Registry(folder)
    seen: set[tuple[str, str]] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.wait(0.001):
            policy = registry.current()
            seen.add((policy.id, policy.defaults.crisis.cooldown))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        expected = {(registry.current().id, "30m")}
        for minutes in range(31, 35):
            edit(folder, "defaults.yaml", f"  cooldown: {minutes - 1}m", f"  cooldown: {minutes}m")
            outcome = registry.reload()
            assert isinstance(outcome, Reloaded)
            expected.add((outcome.policy.id, f"{minutes}m"))
    finally:
        stop.set()
        reader.join()
    assert seen <= expected


def test_the_cache_holds_one_generation(folder: Path) -> None:
    cache = Cache()
    inspect(folder, cache)
    first = len(cache)
    assert first > 20
    edit(folder, "defaults.yaml", "  cooldown: 30m", "  cooldown: 31m")
    inspect(folder, cache)
    assert len(cache) == first


def test_every_problem_of_every_file_is_in_one_message(folder: Path) -> None:
    edit(folder, "defaults.yaml", "  cooldown: 30m", "  cooldwn: 30m")
    edit(folder, "resources/countries.yaml", "fallback:\n", "fallbak:\n")
    edit(folder, "locales/de.yaml", "locale: de", "locale: 5")
    (folder / "domains" / "health.yaml").unlink()
    with pytest.raises(BrokenPolicy) as raised:
        load(folder)
    said = str(raised.value)
    for part in ("has 4 errors", "defaults.yaml:", "resources/countries.yaml:", "locales/de.yaml:2:9", "health.yaml"):
        assert part in said


def test_thousands_of_errors_give_a_message_that_can_be_read() -> None:
    many = tuple(Diagnostic("a.yaml", line, 1, "wrong") for line in range(1, 5001))
    error = BrokenPolicy("policies", many)
    assert len(str(error).splitlines()) == 52
    assert "and 4950 more" in str(error)
    assert error.diagnostics == many
