"""The decision: ask or answer, for what reasons."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.errors import PolicyError
from bot.policy.schema import Modulation
from bot.raise_core.agent.acquire import Ask, Enough, Stop, decide
from bot.raise_core.state import ROOM, AttributeTerms, Table
from tests.support.tables import policy_with

NO_CONCERN = Modulation(attribute="mental", values=("none",), target="harm", factor=0.2)


def table(limit: int = 3, growth: float = 0.5) -> Table:
    return Table(
        domain="health",
        terms={
            "mental": AttributeTerms(gain=0.85, chance=0.8, price=0.2),
            "emotion": AttributeTerms(gain=0.78, chance=0.9, price=0.2),
            "harm": AttributeTerms(gain=0.71, chance=0.6, price=0.3),
            "age": AttributeTerms(gain=0.31, chance=1.0, price=0.05),
        },
        modulations=(NO_CONCERN,),
        price_growth=growth,
        limit=limit,
    )


def test_the_best_net_is_asked_not_the_best_gain() -> None:
    decision = decide(table(), {}, frozenset(), 0)
    assert isinstance(decision, Ask)
    assert decision.attribute == "emotion"
    assert [c.attribute for c in decision.reasons] == ["emotion", "mental", "age", "harm"]
    assert decision.reasons[0].net == pytest.approx(0.78 * 0.9 - 0.2)


def test_the_sentence_says_gain_price_and_the_next_best() -> None:
    assert decide(table(), {}, frozenset(), 0).sentence == "asked emotion: expected +0.70, price 0.20, next best +0.68"
    only = decide(table(), {}, frozenset({"mental", "harm", "age"}), 0)
    assert only.sentence == "asked emotion: expected +0.70, price 0.20, nothing else left to ask"


def test_returns_diminish_with_what_is_known() -> None:
    gains = table().gains({"emotion": "despair"})
    assert gains["age"] == pytest.approx(0.31 * (1 - 0.78 / ROOM))
    assert "emotion" not in gains


def test_answers_change_what_is_worth_asking() -> None:
    worried = decide(table(), {"mental": "anxiety"}, frozenset({"emotion", "age"}), 0)
    calm = decide(table(), {"mental": "none"}, frozenset({"emotion", "age"}), 0)
    unclear = decide(table(), {"mental": None}, frozenset({"emotion", "age"}), 0)
    assert isinstance(calm, Enough)
    assert worried.reasons == unclear.reasons
    assert calm.reasons[0].expected_gain == pytest.approx(0.2 * worried.reasons[0].expected_gain)


def test_a_known_value_is_modulated_too() -> None:
    plain = table().gains({"harm": "none"})["age"]
    assert table().gains({"harm": "none", "mental": "none"})["age"] > plain * (1 - 0.85 / ROOM)


def test_each_question_raises_the_price_until_it_is_not_worth_it() -> None:
    assert isinstance(decide(table(limit=9), {}, frozenset(), 0), Ask)
    late = decide(table(limit=20), {}, frozenset(), 12)
    assert isinstance(late, Enough)
    assert late.stop is Stop.NOT_WORTH_IT
    assert late.reasons[0].price == pytest.approx(table().terms[late.reasons[0].attribute].price * 7)


def test_a_declined_attribute_is_never_asked() -> None:
    decision = decide(table(), {}, frozenset({"emotion"}), 1)
    assert isinstance(decision, Ask)
    assert decision.attribute == "mental"
    assert "emotion" not in [c.attribute for c in decision.reasons]


def test_it_stops_at_the_limit_and_when_nothing_is_left() -> None:
    limited = decide(table(limit=2), {}, frozenset(), 2)
    done = decide(table(), {"mental": "none", "age": "55+"}, frozenset({"emotion", "harm"}), 1)
    assert isinstance(limited, Enough)
    assert isinstance(done, Enough)
    assert (limited.stop, done.stop) == (Stop.LIMIT, Stop.NOTHING_LEFT)
    assert limited.sentence == "answered: the limit of questions is reached"
    assert done.sentence == "answered: nothing left to ask"
    assert done.reasons == ()


def test_a_limit_of_nought_asks_nothing() -> None:
    assert isinstance(decide(table(limit=0), {}, frozenset(), 0), Enough)


def test_evidence_overrules_the_table() -> None:
    class Neighbours:
        def gains(self, known: Mapping[str, str | None], table: Mapping[str, float], left: int) -> Mapping[str, float]:
            assert left == 3
            return {**table, "age": 1.5}

    decision = decide(table(), {}, frozenset(), 0, Neighbours())
    assert isinstance(decision, Ask)
    assert decision.attribute == "age"


def test_a_price_above_the_gain_answers_at_once() -> None:
    dear = Table("life", {"age": AttributeTerms(0.3, 1.0, 0.4)}, (), 0.5, 3)
    decision = decide(dear, {}, frozenset(), 0)
    assert decision.sentence == "answered: best was age, expected +0.30, price 0.40"


def test_the_table_of_a_policy_falls_back_to_its_defaults() -> None:
    made = Table.of(
        policy_with({"age": {"gain": 0.3}, "gender": {"gain": 0.2, "price": 0.9, "answer_chance": 0.1}}), "life"
    )
    assert made.terms["age"] == AttributeTerms(gain=0.3, chance=0.8, price=0.1)
    assert made.terms["gender"] == AttributeTerms(gain=0.2, chance=0.1, price=0.9)
    assert (made.limit, made.price_growth) == (3, 0.5)
    assert Table.of(policy_with({"age": {"gain": 0.3}}, questions=5), "life").limit == 5


def test_the_table_of_an_unknown_domain_or_attribute_is_refused() -> None:
    policy = policy_with({"age": {"gain": 0.3}, "shoe_size": {"gain": 0.1}})
    with pytest.raises(PolicyError, match="expected one of the domains life, got 'sports'"):
        Table.of(policy, "sports")
    with pytest.raises(PolicyError, match=r"'shoe_size', which defaults\.yaml does not describe"):
        Table.of(policy, "life")
