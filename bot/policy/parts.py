"""A policy taken apart: each file with the tree that knows its lines and the part it describes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from bot.policy.base import Part
from bot.policy.cases import CasesPolicy
from bot.policy.diagnostics import Diagnostic, Level
from bot.policy.document import Document
from bot.policy.nodes import Step
from bot.policy.places import Places
from bot.policy.schema import Defaults, DomainPolicy, Index, Locale, OrdinaryTalk, Resources, RiskPolicy

P = TypeVar("P", bound=Part)
KEY: Final = "[key]"
"""At the end of a path: the key, not its value."""
BESIDE_RULES: Final = ("likeness", "model", "person", "moderator", "screen_failed")
"""What can raise a flag and is no rule of risk/*.yaml."""


@dataclass(frozen=True, slots=True)
class Read(Generic[P]):
    """One file. ``part`` is None when the file has errors of its own."""

    document: Document
    part: P | None


@dataclass(frozen=True, slots=True)
class Parts:
    """Every file the index lists that could be read, in its order."""

    index: Document
    listed: Index
    defaults: Read[Defaults] | None
    domains: tuple[Read[DomainPolicy], ...]
    none: Read[OrdinaryTalk] | None
    risk: tuple[Read[RiskPolicy], ...]
    resources: Read[Resources] | None
    locales: tuple[Read[Locale], ...]
    cases: Read[CasesPolicy] | None
    places: Read[Places] | None
    complete: bool
    """Whether every listed file could be read and is right by itself: only then does absence mean anything."""


def error(document: Document, path: tuple[Step, ...], message: str, hint: str, code: str) -> Diagnostic:
    """An error at the value at ``path``; a path ending in ``KEY`` points at the key itself."""
    return _diagnostic(document, path, message, hint, code, Level.ERROR)


def warning(document: Document, path: tuple[Step, ...], message: str, hint: str, code: str) -> Diagnostic:
    return _diagnostic(document, path, message, hint, code, Level.WARNING)


def _diagnostic(
    document: Document, path: tuple[Step, ...], message: str, hint: str, code: str, level: Level
) -> Diagnostic:
    line, column = document.key_at(*path[:-1]) if path and path[-1] == KEY else document.at(*path)
    return Diagnostic(document.file, line, column, message, hint, level, code)
