"""Steps of cases, for the contracts of the review desk's store."""

from __future__ import annotations

from bot.identity import DIRECT, ConversationKey
from bot.review.cases import (
    SYSTEM,
    Action,
    Case,
    Event,
)
from bot.review.handling import claimed, decided
from bot.review.judgements import Judgement, TakeOver
from bot.review.store import Kept, Step
from tests.support.people import NOW
from tests.support.reviewing import LIMITS, MIA, ReviewStore, case_of, flag, person

OPENED = Event(Action.OPENED, SYSTEM, NOW)


def opening(number: int = 1, **values: object) -> Step:
    raised = flag(number, **values)  # type: ignore[arg-type]  # fields of a flag
    return Step(case_of(raised, f"c{number}"), (OPENED,), raised)


def conversation_of(number: int) -> ConversationKey:
    return ConversationKey(person(number), DIRECT)


async def kept(store: ReviewStore, step: Step) -> Case:
    assert await store.keep(step) is Kept.KEPT
    return step.case


async def held(store: ReviewStore) -> Case:
    """A case whose conversation is taken over."""
    case = await kept(store, opening())
    case = await kept(store, claimed(case, MIA, NOW + 1, LIMITS))
    return await kept(store, decided(case, MIA, TakeOver(), NOW + 2, LIMITS))


async def ruled(store: ReviewStore, number: int, judgement: Judgement, **values: object) -> Case:
    """The case of somebody, looked at ``number`` times ten seconds later, and decided."""
    case = await kept(store, opening(number, conversation=conversation_of(number), **values))
    at = NOW + 10 * number
    case = await kept(store, claimed(case, MIA, at, LIMITS))
    return await kept(store, decided(case, MIA, judgement, at + 1, LIMITS))
