"""Abstention in its three modes; the released code's two mistakes are not made (METHOD section 5, 1 and 2)."""

from __future__ import annotations

import pytest

from bot.policy.schema import Abstention, AbstentionMode
from bot.raise_core.agent.abstain import Scored, Sufficiency, Unasked, Unscorable, settle, sufficient
from bot.raise_core.agent.acquire import Ask, Candidate, Enough, Stop

BEST = Candidate("emotional_state", 0.6, 0.9, 0.2, 0.34)
NEXT = Candidate("age", 0.3, 0.8, 0.3, -0.06)
ASK = Ask("emotional_state", (BEST, NEXT))
DEAR = Enough(Stop.NOT_WORTH_IT, (NEXT, BEST))
LIMIT = Enough(Stop.LIMIT, (BEST,))
NOTHING = Enough(Stop.NOTHING_LEFT, ())


def mode(name: AbstentionMode) -> Abstention:
    return Abstention(mode=name, threshold=4)


@pytest.mark.parametrize("score", [Scored(0), Scored(3.9), Unscorable("the model was down"), Unasked()])
def test_anything_but_a_high_score_is_not_enough(score: Sufficiency) -> None:
    assert not sufficient(score, mode(AbstentionMode.MODEL))


@pytest.mark.parametrize("score", [Scored(4), Scored(5)])
def test_a_score_from_the_threshold_is_enough(score: Sufficiency) -> None:
    assert sufficient(score, mode(AbstentionMode.MODEL))


@pytest.mark.parametrize("score", [Scored(5), Scored(0), Unscorable("x"), Unasked()])
def test_the_plan_alone_decides_in_planned_mode(score: Sufficiency) -> None:
    for plan in (ASK, DEAR, LIMIT, NOTHING):
        assert settle(plan, score, mode(AbstentionMode.PLANNED)) is plan


def test_a_high_score_stops_and_a_low_one_asks_on_in_model_mode() -> None:
    model = mode(AbstentionMode.MODEL)
    assert settle(ASK, Scored(5), model) == Enough(Stop.SUFFICIENT, ASK.reasons)
    assert settle(ASK, Scored(1), model) is ASK
    asked_on = settle(DEAR, Scored(1), model)
    assert isinstance(asked_on, Ask)
    assert asked_on.attribute == "emotional_state"
    assert asked_on.reasons == (BEST, NEXT)


def test_a_failure_of_the_model_is_never_taken_for_enough() -> None:
    for failed in (Unscorable("timeout"), Unasked()):
        assert isinstance(settle(ASK, failed, mode(AbstentionMode.MODEL)), Ask)
        assert isinstance(settle(ASK, failed, mode(AbstentionMode.BOTH)), Ask)


def test_hard_limits_hold_whatever_the_model_says() -> None:
    for plan in (LIMIT, NOTHING):
        for name in AbstentionMode:
            assert isinstance(settle(plan, Scored(0), mode(name)), Enough)


def test_both_asks_only_what_is_worth_it_and_stops_early_when_the_model_says_enough() -> None:
    both = mode(AbstentionMode.BOTH)
    assert settle(DEAR, Scored(0), both) is DEAR
    assert settle(ASK, Scored(5), both) == Enough(Stop.SUFFICIENT, ASK.reasons)
    assert settle(ASK, Scored(2), both) is ASK
