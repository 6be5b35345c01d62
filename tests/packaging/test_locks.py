"""The lock files pin everything the project asks for, by version and hash, and name no package host."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = {
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-dev.lock": PROJECT["dependency-groups"]["dev"],
}


def pinned(lock: str) -> dict[str, list[str]]:
    """Every requirement of a lock file with its hashes."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.findall(r"^([A-Za-z0-9_.\[\]-]+)==(\S+)(.*(?:\n[ \t]+.*)*)", text, re.MULTILINE)
    return {
        f"{normal(name)}=={version}": re.findall(r"--hash=sha256:[0-9a-f]{64}\b", rest)
        for name, version, rest in entries
    }


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_has_a_version_and_hashes(lock: str) -> None:
    found = pinned(lock)
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    assert len(found) == len([line for line in lines if line and not line.startswith((" ", "#"))])
    assert [name for name, hashes in found.items() if not hashes] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_host_and_no_other_place_is_named(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|--index-url|--find-links|\bfile:|^-e", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_what_the_project_asks_for_is_in_the_lock(lock: str) -> None:
    there = {name.partition("==")[0] for name in pinned(lock)}
    wanted = {normal(re.split(r"[<>=!~ ;]", asked)[0]) for asked in LOCKS[lock]}
    assert wanted - there == set()
