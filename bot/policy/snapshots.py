"""Policies as they were served: every file of each, so that an earlier one can be put back. Nothing of people."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.clock import Seconds
from bot.errors import PolicyError
from bot.policy.folder import INDEX, STAGED
from bot.policy.loader import identity, load
from bot.policy.schema import Index, Policy


@dataclass(frozen=True, slots=True)
class Served:
    """A policy came into force: ``at`` that moment, because of ``by`` (start, files, signal, or somebody's name)."""

    policy_id: str
    at: Seconds
    by: str


class Snapshots(Protocol):
    """All methods raise StoreUnavailable when the store cannot be reached."""

    async def note(self, served: Served, files: Mapping[str, str]) -> None:
        """Keep that a policy came into force; its files are kept once."""
        ...

    async def history(self, limit: int) -> tuple[Served, ...]:
        """What came into force, the latest first."""
        ...

    async def files(self, policy_id: str) -> Mapping[str, str] | None:
        """The files of a policy by name; None where it never served here."""
        ...


def files_of(folder: Path, policy: Policy) -> Mapping[str, str] | None:
    """The files of ``policy`` as they are in ``folder``; None where they are not those it was loaded from any more."""
    below: Mapping[str, str] | None = {}
    if policy.next is not None and policy.index.next is not None:
        below = files_of(folder / policy.index.next.folder, policy.next)
    try:
        found = {name: (folder / name).read_bytes() for name in own_names(policy.index)}
    except OSError:
        return None
    digest = hashlib.sha256()
    for name, content in found.items():
        digest.update(b"%d %s %d " % (len(name), name.encode(), len(content)))
        digest.update(content)
    if below is None or identity(digest, policy.next) != policy.id:
        return None
    own = {name: content.decode("utf-8") for name, content in found.items()}
    prefix = "" if policy.index.next is None else f"{policy.index.next.folder}/"
    return {**own, **{f"{prefix}{name}": text for name, text in below.items()}}


def names_of(policy: Policy) -> tuple[str, ...]:
    """Every file that makes the policy, those of its new version last."""
    following, named = policy.next, policy.index.next
    below = () if following is None or named is None else (f"{named.folder}/{each}" for each in names_of(following))
    return (*own_names(policy.index), *below)


def own_names(index: Index) -> tuple[str, ...]:
    """Its own files, in the order its id is made from."""
    single = (index.resources, *index.locales, index.cases, index.places)
    names = (INDEX, index.defaults, *index.domains, index.none, *index.risk, *single)
    return tuple(name for name in names if name is not None)


def put_back(folder: Path, policy_id: str, files: Mapping[str, str]) -> Policy:
    """Make ``folder`` hold the policy again. Raises PolicyError, with the folder as it was, where the files are not
    whole; nobody serves what is in it while they are moved into place (:data:`bot.policy.folder.STAGED`)."""
    root = folder.resolve()
    for name in files:
        if not (root / name).resolve().is_relative_to(root):
            raise PolicyError(
                f"the snapshot names {name[:80]!r}, which leads out of the policy folder; nothing was done"
            )
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".restoring-") as temporary:
            policy = restored(Path(temporary), policy_id, files)
            _moved(Path(temporary), folder, files)
    except OSError as problem:
        raise PolicyError(f"expected to write into {folder}: {problem.strerror}; check the permissions") from problem
    return policy


def restored(into: Path, policy_id: str, files: Mapping[str, str]) -> Policy:
    """Write a kept policy into an empty folder and load it. Raises PolicyError where its files are not whole."""
    for name, text in files.items():
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        (into / name).write_text(text, encoding="utf-8", newline="\n")
    policy = load(into)
    if policy.id != policy_id:
        raise PolicyError(f"expected the policy {policy_id}, its kept files make {policy.id}; nothing was done")
    return policy


def _moved(source: Path, folder: Path, files: Mapping[str, str]) -> None:
    """One file after the other, which is quick; the mark stays where it is broken off, until it is done again."""
    mark = folder / STAGED
    mark.touch()
    for name in (*(each for each in files if each != INDEX), INDEX):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            (source / name).chmod(target.stat().st_mode & 0o777)
        (source / name).replace(target)
    mark.unlink(missing_ok=True)
