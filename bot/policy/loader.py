"""From a folder of YAML to one checked snapshot, or to everything that is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol, TypeVar

from bot.policy.base import Part
from bot.policy.cases import CasesPolicy
from bot.policy.crosscheck import crosscheck
from bot.policy.diagnostics import BrokenPolicy, Diagnostic, Level, ordered
from bot.policy.document import Document, parse
from bot.policy.folder import INDEX, STAGED
from bot.policy.nodes import Step
from bot.policy.parts import Parts, Read
from bot.policy.places import Places
from bot.policy.reading import decode, read
from bot.policy.schema import (
    Defaults,
    DomainPolicy,
    Index,
    Locale,
    OrdinaryTalk,
    Policy,
    Resources,
    RiskPolicy,
)
from bot.policy.validation import validate

P = TypeVar("P", bound=Part)


class Digest(Protocol):
    """What ``hashlib`` gives."""

    def update(self, content: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


_RESTORING: Final = Diagnostic(
    STAGED,
    1,
    1,
    "an earlier policy is just being put back into this folder",
    "wait a moment; where that was broken off, run `raise-bot policy rollback` again",
    code="restoring",
)


@dataclass(frozen=True, slots=True)
class Inspected:
    """The outcome of looking at a folder. ``policy`` is None as soon as one diagnostic is an error."""

    policy: Policy | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(slots=True)
class Cache:
    """Files already read, by content: loading again costs only what changed. One per folder; holds one generation."""

    _files: dict[tuple[str, str, bytes], tuple[Document, Part | None, tuple[Diagnostic, ...]]] = field(
        default_factory=dict
    )
    _used: set[tuple[str, str, bytes]] = field(default_factory=set)

    def file(self, model: type[P], name: str, content: bytes) -> tuple[Read[P], tuple[Diagnostic, ...]]:
        """Parse and validate, unless exactly this was seen before."""
        key = (model.__name__, name, hashlib.sha256(content).digest())
        self._used.add(key)
        if key not in self._files:
            self._files[key] = _examine(model, name, content)
        document, part, problems = self._files[key]
        return Read(document, part if isinstance(part, model) else None), problems

    def __len__(self) -> int:
        return len(self._files)

    def trim(self) -> None:
        """Drop what the last load did not use."""
        self._files = {key: value for key, value in self._files.items() if key in self._used}
        self._used = set()


def load(folder: Path) -> Policy:
    """The policy in ``folder``, checked whole. Raises BrokenPolicy (a PolicyError) with every diagnostic."""
    inspected = inspect(folder)
    if inspected.policy is None:
        raise BrokenPolicy(str(folder), inspected.diagnostics)
    return inspected.policy


def inspect(folder: Path, cache: Cache | None = None) -> Inspected:
    """Read, validate and cross-check everything; never raises for what is in the folder."""
    if (folder / STAGED).exists():
        return Inspected(None, (_RESTORING,))
    kept = Cache() if cache is None else cache
    inspected = _inspected(folder, kept)
    kept.trim()
    return inspected


def _inspected(folder: Path, cache: Cache, *, is_next: bool = False) -> Inspected:
    gathering = _Gathering(folder, cache)
    parts, following = gathering.parts(), None
    problems = list(gathering.problems)
    if parts is not None:
        problems += crosscheck(parts)
        problems += _unlisted(folder, parts)
        following, found = _next_of(folder, parts, cache, is_next=is_next)
        problems += found
    diagnostics = ordered(problems)
    if parts is None or any(d.severity is Level.ERROR for d in diagnostics):
        return Inspected(None, diagnostics)
    return Inspected(_assembled(parts, identity(gathering.digest, following), following), diagnostics)


def identity(digest: Digest, following: Policy | None) -> str:
    """The id of a policy from the digest of its files, and its new version."""
    if following is not None:
        digest.update(b"next %s" % following.id.encode())
    return digest.hexdigest()[:16]


def _next_of(folder: Path, parts: Parts, cache: Cache, *, is_next: bool) -> tuple[Policy | None, list[Diagnostic]]:
    """The new version that the index names, and what is wrong with it; its files are told by their folder."""
    named = parts.listed.next
    if named is None:
        return None, []
    place = (INDEX, *parts.index.at("next", "folder"))
    if is_next:
        return None, [Diagnostic(*place, "a new version has no new version of its own", "remove it", code="next")]
    below = folder / named.folder
    if below.is_symlink() or not below.is_dir():
        message = f"{named.folder!r} is not a folder in this one"
        return None, [Diagnostic(*place, message, "put a whole policy there", code="next")]
    inspected = _inspected(below, cache, is_next=True)
    return inspected.policy, [replace(each, file=f"{named.folder}/{each.file}") for each in inspected.diagnostics]


def _examine(model: type[P], name: str, content: bytes) -> tuple[Document, P | None, tuple[Diagnostic, ...]]:
    text = decode(content, name)
    if isinstance(text, Diagnostic):
        return Document(name, problems=(text,)), None, (text,)
    document = parse(text, name)
    part, found = validate(model, document)
    if part is not None:
        document.forget()
    return document, part, document.problems + found


class _Gathering:
    """Reads the index and what it lists, collecting problems on the way."""

    def __init__(self, folder: Path, cache: Cache) -> None:
        self._folder = folder
        self.cache = cache
        self.digest = hashlib.sha256()
        self.problems: list[Diagnostic] = []

    def parts(self) -> Parts | None:
        index = self._file(Index, INDEX, None)
        if index is None or index.part is None:
            return None
        listed = index.part
        place = self._placed(index.document)
        parts = Parts(
            index=index.document,
            listed=listed,
            defaults=self._file(Defaults, listed.defaults, place("defaults")),
            domains=self._files(DomainPolicy, listed.domains, "domains", place),
            none=self._file(OrdinaryTalk, listed.none, place("none")),
            risk=self._files(RiskPolicy, listed.risk, "risk", place),
            resources=self._file(Resources, listed.resources, place("resources")),
            locales=self._files(Locale, listed.locales, "locales", place),
            cases=None if listed.cases is None else self._file(CasesPolicy, listed.cases, place("cases")),
            places=None if listed.places is None else self._file(Places, listed.places, place("places")),
            complete=True,
        )
        if not self.problems:
            return parts
        return replace(parts, complete=False)

    def _placed(self, document: Document) -> Callable[..., tuple[str, int, int]]:
        def place(*path: Step) -> tuple[str, int, int]:
            return (document.file, *document.at(*path))

        return place

    def _files(
        self, model: type[P], names: tuple[str, ...], key: str, place: Callable[..., tuple[str, int, int]]
    ) -> tuple[Read[P], ...]:
        found = (self._file(model, name, place(key, number)) for number, name in enumerate(names))
        return tuple(file for file in found if file is not None)

    def _file(self, model: type[P], name: str, asked_at: tuple[str, int, int] | None) -> Read[P] | None:
        content = read(self._folder, name, asked_at or (name, 1, 1))
        if isinstance(content, Diagnostic):
            self.problems.append(content)
            return None
        self.digest.update(b"%d %s %d " % (len(name), name.encode(), len(content)))
        self.digest.update(content)
        file, problems = self.cache.file(model, name, content)
        self.problems += problems
        return file


def _unlisted(folder: Path, parts: Parts) -> list[Diagnostic]:
    """Files beside the listed ones that nobody reads: most often a forgotten line in the index."""
    index = parts.listed
    single = {index.defaults, index.resources, index.none, index.cases, index.places}
    listed = {*single, *index.domains, *index.risk, *index.locales, *index.tests}
    keys = {
        name.rpartition("/")[0]: key for key in ("domains", "risk", "locales", "tests") for name in getattr(index, key)
    }
    found = []
    for below, key in sorted(keys.items()):
        line, column = parts.index.key_at(key)
        for path in sorted((folder / below).glob("*.yaml")):
            name = path.relative_to(folder).as_posix()
            if name not in listed and name != INDEX:
                message = f"{name!r} is in the folder but not in this list"
                hint = "add it, or move it away"
                found.append(Diagnostic(INDEX, line, column, message, hint, Level.WARNING, "unlisted"))
    return found


def _assembled(parts: Parts, policy_id: str, following: Policy | None) -> Policy:
    defaults, none, resources = parts.defaults, parts.none, parts.resources
    if defaults is None or defaults.part is None or resources is None or resources.part is None:
        raise AssertionError("parts without errors are whole")
    if none is None or none.part is None:
        raise AssertionError("parts without errors are whole")
    return Policy(
        id=policy_id,
        index=parts.listed,
        defaults=defaults.part,
        domains={d.part.id: d.part for d in parts.domains if d.part is not None},
        none=none.part,
        risk={r.part.category: r.part for r in parts.risk if r.part is not None},
        resources=resources.part,
        locales={locale.part.locale: locale.part for locale in parts.locales if locale.part is not None},
        cases=parts.cases.part if parts.cases is not None and parts.cases.part is not None else CasesPolicy(),
        places=parts.places.part if parts.places is not None and parts.places.part is not None else Places(),
        next=following,
    )
