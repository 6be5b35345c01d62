"""The house keeps its shape: rings, file sizes, and the command line's start-up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 350
SDKS = ("anthropic", "openai", "slack_bolt", "slack_sdk", "discord", "dbos", "sqlalchemy", "redis", "aiohttp", "numpy")


def test_import_contracts_are_kept() -> None:
    # In a process of its own: the linter sets up logging for itself, and disables every other logger.
    script = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_logo=True))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("room", ["bot", "adapters"])
def test_files_stay_small(room: str) -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in (ROOT / room).rglob("*.py")
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


@pytest.mark.parametrize("room", ["bot", "adapters"])
def test_every_room_says_what_it_is(room: str) -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in (ROOT / room).glob("*/__init__.py")
        if not file.read_text(encoding="utf-8").startswith('"""')
    ]
    assert silent == []


def test_the_help_needs_no_sdk() -> None:
    script = f"import sys; from bot.cli.main import main; main([]); print([m for m in {SDKS!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
