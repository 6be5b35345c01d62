"""The ways of getting to know a person that are compared, and the simulated person who is asked.

``context-free`` and ``context-rich`` are the paper's two; ``raise`` is this project's agent; ``static`` and ``random``
are the rivals that METHOD 6.4 wants always beside it; ``only:ATTRIBUTE`` gives one attribute (METHOD section 3).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import Final, assert_never

from bot.errors import InputError
from bot.evaluation.agents import Next, in_turn
from bot.evaluation.penguin.dataset import Scenario
from bot.profile.attributes import ATTRIBUTES, BUCKETS
from bot.raise_core.agent.acquire import Enough, decide
from bot.raise_core.paths.gains import EvidenceSource
from bot.raise_core.planner.baselines import static_order
from bot.raise_core.state import PUBLISHED_GAINS, Table

OWN_STOP: Final = 3
"""Static and random have no stop rule of their own: they ask three questions."""
SAME: Final = "raise"
"""``static@raise``: as many questions as ``raise`` puts to the same person."""
ANYTHING: Final = "any answer"
DECLINED: Final = "declined"
_WRITTEN: Final = re.compile(r"(?P<kind>[a-z-]+)(?:@(?P<limit>\d{1,2}|raise)|:(?P<attribute>\w+))?")


class Kind(StrEnum):
    CONTEXT_FREE = "context-free"
    CONTEXT_RICH = "context-rich"
    RAISE = "raise"
    STATIC = "static"
    RANDOM = "random"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class Mode:
    """``limit``: that many questions, whatever they cost; ``matched``: as many as ``raise`` asks; ``attribute``: the
    one that ONLY gives."""

    kind: Kind
    limit: int | None = None
    matched: bool = False
    attribute: str = ""

    @property
    def name(self) -> str:
        """As it is written on the command line."""
        if self.attribute:
            return f"{self.kind}:{self.attribute}"
        if self.matched:
            return f"{self.kind}@{SAME}"
        return self.kind.value if self.limit is None else f"{self.kind}@{self.limit}"


def parse_modes(text: str) -> tuple[Mode, ...]:
    """Modes with commas between them, each once. ``attributes`` stands for every ``only:ATTRIBUTE``. Raises
    InputError."""
    modes: list[Mode] = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        modes += [Mode(Kind.ONLY, attribute=name) for name in ATTRIBUTES] if part == "attributes" else [_mode(part)]
    if not modes:
        raise InputError(f"expected --modes, some of {', '.join(Kind)}; got none")
    return tuple(dict.fromkeys(modes))


def _mode(text: str) -> Mode:
    written = _WRITTEN.fullmatch(text)
    if written is None or written["kind"] not in set(Kind):
        raise InputError(f"expected --modes among {', '.join(Kind)} (static@2, static@raise, only:age), got {text!r}")
    kind, limit, attribute = Kind(written["kind"]), written["limit"], written["attribute"] or ""
    if (kind is Kind.ONLY) != (attribute in ATTRIBUTES) or (attribute and attribute not in ATTRIBUTES):
        raise InputError(f"expected only:ATTRIBUTE with one of {', '.join(ATTRIBUTES)}, got {text!r}")
    if limit and (kind not in (Kind.RAISE, Kind.STATIC, Kind.RANDOM) or (kind is Kind.RAISE and limit == SAME)):
        raise InputError(f"expected a number of questions behind raise, static or random only, got {text!r}")
    return Mode(kind, None if limit in (None, SAME) else int(limit), limit == SAME, attribute)


@dataclass(frozen=True, slots=True)
class User:
    """The simulated person: tells the truth about what is asked and nothing else, and keeps some of it to themselves.

    Who declines what is fixed by the seed, the same in every mode. What the data does not say cannot be told."""

    scenario: Scenario
    decline: float
    seed: int

    def answer(self, attribute: str) -> str | None:
        """The value, None where they decline or cannot say."""
        if self.keeps(attribute):
            return None
        return self.scenario.profile.get(attribute)

    def keeps(self, attribute: str) -> bool:
        """Whether they would rather not say."""
        digest = hashlib.blake2s(f"{self.seed}/{self.scenario.id}/{attribute}".encode(), digest_size=7).digest()
        return int.from_bytes(digest, "big") / float(1 << 56) < self.decline


@dataclass(frozen=True, slots=True)
class Met:
    """What a mode learned: ``asked`` in order, ``known`` (attribute -> value) in the catalogue's order."""

    asked: tuple[str, ...]
    known: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Branch:
    """A question, and what follows: ``after`` holds answers (buckets, ``declined``) that are followed by the same, and
    that; None where an answer is written then."""

    asked: str
    after: tuple[tuple[tuple[str, ...], Branch | None], ...]

    def json(self) -> dict[str, object]:
        after = [
            {"answers": list(answers), "then": None if then is None else then.json()} for answers, then in self.after
        ]
        return {"asked": self.asked, "after": after}


class Acquaintance:
    """Gets to know a person in a mode, without a model call: the policy's tables and planned evidence decide.

    ``tables`` (domain -> table) are the policy's; ``evidence`` what was planned (never of the very same query)."""

    def __init__(self, tables: Callable[[str], Table], evidence: EvidenceSource | None, seed: int) -> None:
        self._tables, self._evidence, self._seed = tables, evidence, seed

    def meet(self, mode: Mode, user: User) -> Met:
        profile = user.scenario.profile
        match mode.kind:
            case Kind.CONTEXT_FREE:
                return Met((), {})
            case Kind.CONTEXT_RICH:
                return Met((), profile)
            case Kind.ONLY:
                return Met((), {name: value for name, value in profile.items() if name == mode.attribute})
            case Kind.RAISE:
                return self._converse(self._raise(user.scenario, mode.limit), user)
            case Kind.STATIC:
                return self._converse(in_turn(_STATIC, self._limit(mode, user)), user)
            case Kind.RANDOM:
                order = list(ATTRIBUTES)
                Random(f"{self._seed}/{user.scenario.id}").shuffle(order)
                return self._converse(in_turn(order, self._limit(mode, user)), user)
            case _:
                assert_never(mode.kind)

    def branches(self, scenario: Scenario, depth: int) -> Branch | None:
        """What ``raise`` would ask about this query, whatever the answers: a tree of up to ``depth`` questions; None
        where it answers at once."""
        return _grown(self._raise(scenario, None), {}, frozenset(), depth)

    def _limit(self, mode: Mode, user: User) -> int:
        if mode.matched:
            return len(self._converse(self._raise(user.scenario, None), user).asked)
        return OWN_STOP if mode.limit is None else mode.limit

    def _raise(self, scenario: Scenario, limit: int | None) -> Next:
        table = self._tables(scenario.domain)
        if limit is not None:
            free = {name: replace(terms, price=0.0) for name, terms in table.terms.items()}
            table = replace(table, terms=free, limit=limit)
        evidence = None if self._evidence is None else self._evidence.about(scenario.query, scenario.domain)

        def ask(known: Mapping[str, str | None], closed: frozenset[str], asked: int) -> str | None:
            decision = decide(table, known, closed, asked, evidence)
            return None if isinstance(decision, Enough) else decision.attribute

        return ask

    def _converse(self, ask: Next, user: User) -> Met:
        told: dict[str, str] = {}
        known: dict[str, str | None] = {}
        closed: list[str] = []
        asked: list[str] = []
        while (name := ask(known, frozenset(closed), len(asked))) is not None:
            asked.append(name)
            value = user.answer(name)
            if value is None:
                closed.append(name)
            else:
                told[name], known[name] = value, user.scenario.buckets[name]
        # The same set in another order is the same prompt, and paid once.
        return Met(tuple(asked), {name: told[name] for name in ATTRIBUTES if name in told})


def _grown(ask: Next, known: Mapping[str, str | None], closed: frozenset[str], depth: int) -> Branch | None:
    name = ask(known, closed, len(known) + len(closed)) if depth else None
    if name is None:
        return None
    after: dict[Branch | None, list[str]] = {}
    for answer in BUCKETS[name] or (ANYTHING,):
        told = {**known, name: None if answer == ANYTHING else answer}
        after.setdefault(_grown(ask, told, closed, depth - 1), []).append(answer)
    after.setdefault(_grown(ask, known, closed | {name}, depth - 1), []).append(DECLINED)
    return Branch(name, tuple((tuple(answers), then) for then, answers in after.items()))


_STATIC: Final = static_order(ATTRIBUTES, PUBLISHED_GAINS)
