"""The runbook names every setting, and the wheel carries the policies."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import fields
from pathlib import Path

from bot.settings import FILE_VARIABLE, Settings

ROOT = Path(__file__).resolve().parents[2]


def test_the_runbook_names_every_setting() -> None:
    runbook = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    named = [FILE_VARIABLE, *(str(each.metadata["env"]) for each in fields(Settings))]
    assert [name for name in named if f"`{name}`" not in runbook] == []


def test_the_wheel_carries_the_policies_and_the_pages(tmp_path: Path) -> None:
    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    with zipfile.ZipFile(tmp_path / done.stdout.splitlines()[-1]) as wheel:
        names = set(wheel.namelist())
    assert "bot/_policies/index.yaml" in names
    assert any(name.startswith("adapters/web/templates/") for name in names)
    assert any(name.startswith("adapters/web/static/") for name in names)
    assert any(name.startswith("adapters/stores/sql/migrations/") for name in names)
    assert not any(name.startswith("tests/") for name in names)
