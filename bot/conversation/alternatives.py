"""What would have changed a decision: the nearest price, limit or threshold at which it turns out otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from bot.conversation.audit import Decided
from bot.frozen import dataclass
from bot.policy.schema import Policy, RiskPolicy
from bot.raise_core.agent.acquire import Ask, Candidate, Enough, Stop
from bot.raise_core.state import Table
from bot.risk.verdicts import Verdict
from bot.severity import Severity


@dataclass(frozen=True, slots=True)
class Alternative:
    """``outcome`` would come, if ``key`` of the policy were ``word`` (below, above, at least) ``bound`` instead of
    ``now``."""

    outcome: str
    key: str
    word: str
    bound: float
    now: float

    @property
    def sentence(self) -> str:
        return f"{self.outcome} if {self.key} were {self.word} {self.bound:g} (now {self.now:g})"

    @property
    def distance(self) -> float:
        """How far the value would have to move, as a share of what it is."""
        return abs(self.bound - self.now) / max(abs(self.now), 1e-6)


def alternatives(
    policy: Policy, decided: Decided, decision: Ask | Enough | None, verdict: Verdict
) -> tuple[Alternative, ...]:
    """The nearest first."""
    found = list(_of_danger(policy, verdict))
    table = Table.of(policy, decided.domain) if decided.domain in policy.domains else None
    if table is not None and decision is not None:
        asked = max(decided.asked - isinstance(decision, Ask), 0)
        found += _of_asking(policy, table, decision, asked, decided.completeness)
    if decided.domain is not None:
        floor = policy.defaults.routing.floor
        if decided.domain_score > floor:
            above = round(decided.domain_score, 4)
            found.append(Alternative("belongs to no domain", "routing.floor", "above", above, floor))
    return tuple(sorted(found, key=lambda each: each.distance))


def _of_asking(
    policy: Policy, table: Table, decision: Ask | Enough, asked: int, completeness: float | None
) -> Iterator[Alternative]:
    growth = 1.0 + table.price_growth * asked
    if isinstance(decision, Ask):
        yield from _instead(table, decision, growth)
        yield Alternative(
            f"asks nothing more in {table.domain}",
            _limit_key(policy, table),
            "at most",
            float(asked),
            float(table.limit),
        )
        return
    match decision.stop:
        case Stop.NOT_WORTH_IT:
            for each in decision.reasons:
                yield from _dearer_than_worth(table, each, growth)
        case Stop.LIMIT:
            best = decision.reasons[0]
            if best.net > 0:
                key = _limit_key(policy, table)
                yield Alternative(f"asks {best.attribute}", key, "at least", float(asked + 1), float(table.limit))
        case Stop.SUFFICIENT:
            key, now = "abstention.threshold", policy.defaults.abstention.threshold
            yield Alternative(f"asks {decision.reasons[0].attribute}", key, "above", completeness or 0.0, now)
        case Stop.NOTHING_LEFT | Stop.DISTRESSED | Stop.UNANSWERED | Stop.CONTINUED:
            return


def _instead(table: Table, decision: Ask, growth: float) -> Iterator[Alternative]:
    """What is asked instead, or nothing, if the first choice cost more; and what if another cost less."""
    best, *others = decision.reasons
    second = others[0] if others else None
    floor = max(second.net, 0.0) if second is not None else 0.0
    outcome = f"asks {second.attribute}" if second is not None and second.net > 0 else "answers"
    yield _price(table, best, outcome, "above", (best.expected - floor) / growth)
    for other in others:
        bound = (other.expected - best.net) / growth
        if bound > 0:
            yield _price(table, other, f"asks {other.attribute}", "below", bound)


def _dearer_than_worth(table: Table, each: Candidate, growth: float) -> Iterator[Alternative]:
    if each.expected > 0:
        yield _price(table, each, f"asks {each.attribute}", "below", each.expected / growth)
    if each.chance > 0 and each.expected_gain > 0:
        now = table.terms[each.attribute].gain
        # A gain counts after what is known already took its share, so the bound is scaled the same way.
        bound = now * each.price / each.expected
        if bound <= 4:
            yield Alternative(f"asks {each.attribute}", f"{_in(table, each)}.gain", "above", round(bound, 3), now)


def _price(table: Table, each: Candidate, outcome: str, word: str, bound: float) -> Alternative:
    now = table.terms[each.attribute].price
    return Alternative(outcome, f"{_in(table, each)}.price", word, round(bound, 3), now)


def _in(table: Table, each: Candidate) -> str:
    return f"{table.domain}.attributes.{each.attribute}"


def _limit_key(policy: Policy, table: Table) -> str:
    return "budget.questions" if policy.domains[table.domain].questions is None else f"{table.domain}.questions"


def _of_danger(policy: Policy, verdict: Verdict) -> Iterator[Alternative]:
    risk = policy.risk.get(verdict.category) if verdict.category is not None else None
    if risk is None or verdict.score <= 0:
        return
    for severity, threshold in sorted(risk.escalate_at.items(), key=lambda each: each[0].rank):
        yield from _threshold(risk, verdict, severity, threshold)


def _threshold(risk: RiskPolicy, verdict: Verdict, severity: Severity, threshold: float) -> Iterator[Alternative]:
    score, key = round(verdict.score, 3), f"risk.{risk.category}.escalate_at.{severity}"
    if score < threshold and severity.rank >= verdict.severity.rank:
        yield Alternative(f"counts as {severity} built up", key, "at most", score, threshold)
    elif score >= threshold and severity is verdict.severity and verdict.built_up:
        yield Alternative(f"counts as {severity} no more by what built up", key, "above", score, threshold)
