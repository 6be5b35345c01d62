"""What operators do at the desk: look at the policy, try a message, put an earlier policy back, read the figures.

The port that the pages call; the assembly implements it. Nothing here leads to a person, but for a message that an
operator typed, which is answered and forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Final, Protocol

from bot.clock import Seconds
from bot.policy.diagnostics import Diagnostic
from bot.policy.registry import Outcome
from bot.policy.snapshots import Served
from bot.private import Private

LONGEST_TRIAL: Final = 4_000
"""Characters of a message that is tried."""
DAY: Final[Seconds] = 86_400.0
SERVING: Final = "serving"
"""The version that serves, among those a message can be tried on."""


@dataclass(frozen=True, slots=True)
class Standing:
    """``serving`` is the id of the policy in force here. ``in_folder`` is the id of what the folder holds, None where
    it has errors; ``diagnostics`` are what is wrong or odd with that; ``refused`` why the last reload was, if it was.
    ``trial`` says which new version decides for how many of the people. ``history``: what came into force, the latest
    first."""

    serving: str
    title: str
    in_folder: str | None
    diagnostics: tuple[Diagnostic, ...]
    refused: tuple[Diagnostic, ...]
    trial: str | None
    files: tuple[str, ...]
    history: tuple[Served, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """One file as it is in the folder, and what is wrong with it."""

    name: str
    lines: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What could be asked: points of the safety scale, and how likely an answer is (0-1)."""

    attribute: str
    gain: float
    chance: float
    price: float
    net: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What the screen found, whether or not it decided."""

    category: str
    rule: str
    severity: str
    score: float


@dataclass(frozen=True, slots=True)
class Tried:
    """What would happen to a message. ``kind`` is ask, answer, crisis or another word of the audit; ``changes`` say
    what would change it, the nearest first."""

    policy: str
    kind: str
    attribute: str | None
    because: str
    severity: str
    category: str | None
    rule: str | None
    domain: str | None
    domain_score: float
    margin: float | None
    runner_up: str | None
    place: str
    candidates: tuple[Candidate, ...]
    found: tuple[Finding, ...]
    changes: tuple[str, ...]
    beside: Beside | None = None
    """What differs from the version that serves; None of that one itself."""


@dataclass(frozen=True, slots=True)
class Unlike:
    """One thing that comes out differently: what it is in the version that serves, and in the one that was tried."""

    what: str
    serving: str
    tried: str


@dataclass(frozen=True, slots=True)
class Beside:
    """``unlike`` is empty where the outcome is the same; ``changes`` say in words how the policies differ."""

    unlike: tuple[Unlike, ...]
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the policy that a message can be tried on: what it is called in a form, and by people."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many decisions of one day (from midnight UTC, in seconds) are alike in these features."""

    day: Seconds
    kind: str
    attribute: str | None
    rule: str | None
    policy: str
    count: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What one model was used for on one day (from midnight UTC, in seconds). ``unpriced`` calls are missing from
    ``usd``: the price of the model is not known."""

    day: Seconds
    model: str
    calls: int
    tokens: int
    usd: float
    unpriced: int


class Tallies(Protocol):
    """Decisions on record, counted. Raises StoreUnavailable."""

    async def tally(self, since: Seconds, workspaces: Set[str] | None) -> tuple[Tally, ...]:
        """Those taken since a moment in these workspaces (``platform:workspace``); None: in all."""
        ...


class Costs(Protocol):
    """What models cost, by day. Raises StoreUnavailable."""

    async def add(self, spent: Iterable[Spent]) -> None:
        """Count these in."""
        ...

    async def since(self, moment: Seconds) -> tuple[Spent, ...]:
        """Those of the days that were not over at that moment, the earliest first."""
        ...


class Console(Protocol):
    """What the pages need. All methods raise StoreUnavailable where the store cannot be reached."""

    async def standing(self) -> Standing:
        """The policy as it serves and as it is in the folder."""
        ...

    async def source(self, name: str) -> Source | None:
        """A file of the policy; None where it has no file of that name."""
        ...

    async def reload(self, by: str) -> Outcome:
        """Read the folder again and serve it if it is right; ``by`` is the operator's name."""
        ...

    async def roll_back(self, policy_id: str, by: str) -> Outcome:
        """Put an earlier policy back into the folder and serve it. Raises InputError for one that never served,
        PolicyError where its files are not whole."""
        ...

    async def changes(self, policy_id: str) -> tuple[str, ...]:
        """What rolling back to it would change, in words. Raises as :meth:`roll_back`."""
        ...

    async def versions(self) -> tuple[Version, ...]:
        """What a message can be tried on: the policy that serves, its new version, its rules on trial, what waits in
        the folder, and policies that served before; only those there are."""
        ...

    async def tried(
        self, text: Private[str], workspace: str, channel: str, locale: str, version: str = SERVING
    ) -> Tried:
        """What would happen to it as the first message of somebody; an empty ``channel`` is a direct message. Calls no
        model and keeps nothing. Raises InputError, and PolicyError where a version that served cannot be put together
        again."""
        ...

    async def tally(self, since: Seconds, workspaces: Set[str] | None) -> tuple[Tally, ...]:
        """As :class:`Tallies`."""
        ...

    async def spent(self, since: Seconds) -> tuple[Spent, ...]:
        """What models cost, by day."""
        ...
