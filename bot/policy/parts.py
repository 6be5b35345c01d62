"""A policy taken apart: each file with the tree that knows its lines and the part it describes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.policy.document import Document
from bot.policy.schema import Defaults, DomainPolicy, Index, Locale, OrdinaryTalk, Part, Resources, RiskPolicy

P = TypeVar("P", bound=Part)


@dataclass(frozen=True, slots=True)
class Read(Generic[P]):
    """One file. ``part`` is None when the file has errors of its own."""

    document: Document
    part: P | None


@dataclass(frozen=True, slots=True)
class Parts:
    """Every file the index lists that could be read, in its order."""

    index: Read[Index]
    defaults: Read[Defaults] | None
    domains: tuple[Read[DomainPolicy], ...]
    none: Read[OrdinaryTalk] | None
    risk: tuple[Read[RiskPolicy], ...]
    resources: Read[Resources] | None
    locales: tuple[Read[Locale], ...]
    complete: bool
    """Whether every listed file could be read and is right by itself: only then does absence mean anything."""
