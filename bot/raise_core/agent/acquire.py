"""Ask, or answer? The value of information with a price on privacy (METHOD 6.2).

An attribute is asked for only if what it is expected to bring, times the chance of an answer, is more than its price.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from operator import attrgetter
from typing import Final, NamedTuple

from bot.frozen import dataclass
from bot.raise_core.paths.gains import MarginalGains
from bot.raise_core.state import Table


class Candidate(NamedTuple):
    """One attribute that could be asked for: ``expected_gain`` in points if it is answered, ``price`` in points now,
    ``net`` = expected_gain * chance - price."""

    attribute: str
    expected_gain: float
    chance: float
    price: float
    net: float

    @property
    def expected(self) -> float:
        """Points expected from asking, the chance of no answer included."""
        return self.expected_gain * self.chance


_NET: Final = attrgetter("net")


class Stop(StrEnum):
    """Why nothing more is asked."""

    LIMIT = "limit"
    NOTHING_LEFT = "nothing_left"
    NOT_WORTH_IT = "not_worth_it"
    SUFFICIENT = "sufficient"
    DISTRESSED = "distressed"
    UNANSWERED = "unanswered"
    CONTINUED = "continued"


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for ``attribute``. ``reasons`` are all candidates, best first."""

    attribute: str
    reasons: tuple[Candidate, ...]

    @property
    def sentence(self) -> str:
        best = self.reasons[0]
        told = f"asked {best.attribute}: expected {best.expected:+.2f}, price {best.price:.2f}"
        if len(self.reasons) == 1:
            return f"{told}, nothing else left to ask"
        return f"{told}, next best {self.reasons[1].expected:+.2f}"


@dataclass(frozen=True, slots=True)
class Enough:
    """Answer now. ``reasons`` are what could still have been asked, best first."""

    stop: Stop
    reasons: tuple[Candidate, ...]

    @property
    def sentence(self) -> str:
        if self.stop is Stop.NOTHING_LEFT:
            return "answered: nothing left to ask"
        if self.stop is Stop.LIMIT:
            return "answered: the limit of questions is reached"
        if self.stop is Stop.DISTRESSED:
            return "answered: distress was heard where a question was open"
        if self.stop is Stop.UNANSWERED:
            return "answered: replies to the questions told nothing"
        if self.stop is Stop.CONTINUED:
            return "answered: it goes on with what was said, and brings nothing new to ask about"
        if self.stop is Stop.SUFFICIENT:
            return "answered: the model says that enough is known"
        best = self.reasons[0]
        return f"answered: best was {best.attribute}, expected {best.expected:+.2f}, price {best.price:.2f}"


def decide(
    table: Table,
    known: Mapping[str, str | None],
    closed: frozenset[str],
    asked: int,
    evidence: MarginalGains | None = None,
) -> Ask | Enough:
    """The next question, or none.

    ``known`` maps attribute -> bucket (None where the value fits no bucket); ``closed`` holds attributes that must not
    be asked for (declined, or not allowed here); ``asked`` counts the questions already put about this query. Pure and
    deterministic: equal candidates keep the order of the table. Without ``evidence`` the domain's table decides."""
    gains: Mapping[str, float] = table.gains(known)
    if evidence is not None:
        open_gains = {name: gain for name, gain in gains.items() if name not in closed}
        gains = evidence.gains(known, open_gains, max(table.limit - asked, 1))
    candidates: list[Candidate] = []
    dearer = 1.0 + table.price_growth * asked
    for attribute, terms in table.terms.items():
        if attribute in known or attribute in closed or attribute in table.never:
            continue
        gain, price = gains[attribute], terms.price * dearer
        candidates.append(Candidate(attribute, gain, terms.chance, price, gain * terms.chance - price))
    return chosen(candidates, table.limit, asked)


def chosen(candidates: Iterable[Candidate], limit: int, asked: int) -> Ask | Enough:
    """The best of ``candidates``, if it is worth its price and ``asked`` is below the ``limit`` of questions."""
    reasons = tuple(sorted(candidates, key=_NET, reverse=True))
    if not reasons:
        return Enough(Stop.NOTHING_LEFT, reasons)
    if asked >= limit:
        return Enough(Stop.LIMIT, reasons)
    if reasons[0].net <= 0:
        return Enough(Stop.NOT_WORTH_IT, reasons)
    return Ask(reasons[0].attribute, reasons)
