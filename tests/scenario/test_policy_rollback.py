"""Every policy that serves is kept, and an earlier one can be put back under somebody's name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bot.assembly.application import application
from bot.assembly.stage import Notes, StagePlatform
from bot.cli.main import main
from bot.clock import ManualClock
from bot.errors import PolicyError
from bot.policy.folder import STAGED
from bot.policy.loader import Cache, Inspected, inspect, load
from bot.policy.registry import Refused, Registry, Reloaded
from bot.policy.snapshots import files_of, names_of, put_back
from bot.settings import Settings
from bot.telemetry.logs import silent
from tests.support.policies import reloading

POLICIES = Path(__file__).parents[2] / "policies"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "policies"
    shutil.copytree(POLICIES, copy)
    return copy


def dearer(folder: Path) -> None:
    file = folder / "defaults.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("price: 0.06", "price: 0.16", 1), encoding="utf-8")


async def served(folder: Path, state: Path) -> tuple[str, str]:
    """Start, change a price, reload, stop; the ids of both policies."""
    settings = Settings(policies=folder, state=state)
    stage, book = [StagePlatform("web", Notes())], reloading(settings)
    async with application(settings, stage, clock=ManualClock(), telemetry=silent(), rulebook=book) as app:
        assert app.live is not None
        first = app.rules().policy.id
        dearer(folder)
        outcome = await app.live.reload("desk:ada")
        assert isinstance(outcome, Reloaded)
        return first, outcome.policy.id


async def test_history_is_kept_and_an_earlier_policy_comes_back(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from asyncio import to_thread

    state = tmp_path / "state"
    first, second = await served(folder, state)
    at = ["--state", str(state)]
    assert await to_thread(main, ["policy", "history", "--json", *at]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(each["policy"], each["by"]) for each in told] == [(second, "desk:ada"), (first, "start")]
    assert load(folder).id == second
    back = ["policy", "rollback", first[:8], "--policies", str(folder), "--by", "ada", *at]
    assert await to_thread(main, back) == 0
    assert load(folder).id == first
    assert (folder / "defaults.yaml").read_bytes() == (POLICIES / "defaults.yaml").read_bytes()
    capsys.readouterr()
    assert await to_thread(main, ["policy", "history", *at]) == 0
    assert "rollback by ada" in capsys.readouterr().out.splitlines()[0]
    for wrong in (["nothing", "--by", "ada"], [first]):
        assert await to_thread(main, ["policy", "rollback", *wrong, "--policies", str(folder), *at]) == 2
        assert capsys.readouterr().err


def test_only_the_files_that_were_loaded_are_kept(folder: Path) -> None:
    policy = load(folder)
    files = files_of(folder, policy)
    assert files is not None
    assert tuple(files) == names_of(policy)
    dearer(folder)
    assert files_of(folder, policy) is None
    (folder / "defaults.yaml").unlink()
    assert files_of(folder, policy) is None


def test_what_does_not_fit_is_not_put_back(folder: Path) -> None:
    policy = load(folder)
    files = dict(files_of(folder, policy) or {})
    with pytest.raises(PolicyError, match="leads out"):
        put_back(folder, policy.id, {**files, "../outside.yaml": "x"})
    with pytest.raises(PolicyError, match="nonsense"):
        put_back(folder, policy.id, {**files, "defaults.yaml": "nonsense: 1\n"})
    assert load(folder).id == policy.id
    assert not (folder.parent / "outside.yaml").exists()


def test_nothing_is_served_while_files_are_moved_back(folder: Path) -> None:
    """What another process sees half way: some files of the one policy, some of the other, and the mark."""
    first = load(folder)
    registry = Registry(folder)
    (folder / STAGED).touch()
    dearer(folder)
    outcome = registry.reload()
    assert isinstance(outcome, Refused)
    assert [each.code for each in outcome.diagnostics] == ["restoring"]
    assert registry.current().id == first.id
    with pytest.raises(PolicyError, match="being put back"):
        load(folder)


def test_a_rollback_that_was_broken_off_can_be_done_again(folder: Path) -> None:
    policy = load(folder)
    files = files_of(folder, policy) or {}
    dearer(folder)
    (folder / STAGED).touch()
    assert put_back(folder, policy.id, files).id == policy.id
    assert load(folder).id == policy.id
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == []


def test_files_that_change_while_they_are_read_are_not_served(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = Registry(folder)
    first = registry.current().id
    dearer(folder)

    def read_and_changed(where: Path, cache: Cache | None = None) -> Inspected:
        inspected = inspect(where, cache)
        dearer(folder)
        return inspected

    monkeypatch.setattr("bot.policy.registry.inspect", read_and_changed)
    outcome = registry.reload()
    assert isinstance(outcome, Refused)
    assert [each.code for each in outcome.diagnostics] == ["changing"]
    assert registry.current().id == first
    monkeypatch.undo()
    assert isinstance(registry.reload(), Reloaded)
