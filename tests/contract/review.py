"""What every store of the review desk does with cases. Subclass and give ``store``."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.errors import CaseGone, CaseHeld
from bot.identity import ConversationKey, Place, Space
from bot.private import Private
from bot.review.cases import (
    Action,
    CaseState,
    Departure,
    Gone,
    NoteKind,
)
from bot.review.handling import claimed, decided, noted
from bot.review.judgements import NoRisk, Watch
from bot.review.store import Filter, Kept, Step
from bot.review.timers import departed
from bot.review.trail import Broken
from tests.contract.review_steps import held, opening
from tests.support.people import ANN, ANN_CHANNEL, ANN_DIRECT, BEN, BEN_DIRECT, NOW
from tests.support.reviewing import LEA, LIMITS, MIA, NOAH, ReviewStore, flag, room


class CasesContract:
    # -- cases ---------------------------------------------------------------------------------------------------------

    async def test_many_cases_lose_their_person_at_once_save_those_that_were_overtaken(
        self, store: ReviewStore
    ) -> None:
        spaces = [Space(Place.CHANNEL, f"C{number}") for number in range(20)]
        kept = [opening(number, conversation=ConversationKey(ANN, space)) for number, space in enumerate(spaces)]
        await asyncio.gather(*map(store.keep, kept))
        steps = [departed(step.case, Departure.FORGOTTEN, NOW + 1) for step in kept]
        overtaken = noted(kept[7].case, MIA, NoteKind.NOTE, Private("hm"), NOW)
        assert await store.keep(overtaken) is Kept.KEPT
        assert await store.depart(steps) == 19
        assert await store.depart(steps) == 0
        assert await store.of(ANN) == (overtaken.case,)
        assert await store.find("c1") == steps[1].case
        assert [entry.event.action for entry in await store.history("c1")] == [Action.OPENED, Action.GONE]
        assert not isinstance(await store.verify(), Broken)

    async def test_a_case_comes_back_as_it_was_kept(self, store: ReviewStore) -> None:
        step = opening()
        assert await store.keep(step) is Kept.KEPT
        assert await store.find("c1") == step.case
        assert await store.living(ANN_DIRECT) == step.case
        assert await store.of(ANN) == (step.case,)
        taken = decided(claimed(step.case, MIA, NOW + 1, LIMITS).case, MIA, Watch(), NOW + 2, LIMITS)
        between = claimed(step.case, MIA, NOW + 1, LIMITS)
        assert await store.keep(between) is Kept.KEPT
        assert await store.find("c1") == between.case
        assert await store.keep(taken) is Kept.KEPT
        assert await store.find("c1") == taken.case
        assert await store.find("c2") is None
        assert await store.living(BEN_DIRECT) is None

    async def test_only_the_first_of_two_steps_from_the_same_case_is_kept(self, store: ReviewStore) -> None:
        step = opening()
        await store.keep(step)
        mine, hers = claimed(step.case, MIA, NOW, LIMITS), claimed(step.case, NOAH, NOW, LIMITS)
        outcomes = await asyncio.gather(store.keep(mine), store.keep(hers))
        assert sorted(outcomes) == [Kept.KEPT, Kept.OVERTAKEN]
        assert len(await store.history("c1")) == 2

    async def test_one_living_case_for_a_conversation(self, store: ReviewStore) -> None:
        first, second = opening(1), opening(2)
        assert await store.keep(first) is Kept.KEPT
        assert await store.keep(second) is Kept.OVERTAKEN
        elsewhere = opening(3, conversation=ANN_CHANNEL)
        assert await store.keep(elsewhere) is Kept.KEPT
        closed = replace(first.case, state=CaseState.CLOSED, revision=2)
        assert await store.keep(Step(closed, ())) is Kept.KEPT
        assert await store.living(ANN_DIRECT) is None
        assert await store.keep(second) is Kept.KEPT

    async def test_a_flag_belongs_to_one_case_once(self, store: ReviewStore) -> None:
        step = opening()
        await store.keep(step)
        again = replace(step, case=replace(step.case, revision=2))
        assert await store.keep(again) is Kept.KNOWN
        assert await store.find("c1") == step.case

    # -- leaving -------------------------------------------------------------------------------------------------------

    async def test_a_case_that_is_gone_keeps_nothing_of_the_person(self, store: ReviewStore) -> None:
        case = await held(store)
        told = noted(case, MIA, NoteKind.NOTE, Private("Ann sounded calmer"), NOW + 3)
        await store.keep(told)
        await store.keep(departed(told.case, Departure.FORGOTTEN, NOW + 4))
        gone = await store.find("c1")
        assert gone is not None
        assert gone.gone == Gone(Departure.FORGOTTEN, NOW + 4)
        assert (gone.state, gone.conversation) == (CaseState.CLOSED, None)
        assert gone.decision is not None
        assert await store.of(ANN) == ()
        assert await store.notes(told.case) == ()
        assert await store.errands(told.case) == ()
        assert await store.take(frozenset({"slack"}), NOW + 5, NOW + 65) is None
        assert [entry.event.action for entry in await store.history("c1")][-1] is Action.GONE
        # The same flag again is a new one: nothing here remembers its id.
        assert await store.keep(opening(1, at=NOW + 9)) is Kept.OVERTAKEN  # the id of the case is taken
        assert await store.living(ANN_DIRECT) is None

    # -- the whole desk ------------------------------------------------------------------------------------------------

    async def test_many_flags_at_once_make_one_case(self, store: ReviewStore) -> None:
        desk = room(store)
        await asyncio.gather(*(desk.opening.take(flag(number % 10)) for number in range(40)))
        (case,) = await store.listed(Filter(), None, 10)
        assert (case.flags, len(case.reasons)) == (10, 10)
        assert len(await store.history(case.id)) == 10

    async def test_of_many_who_claim_one_gets_it(self, store: ReviewStore) -> None:
        desk = room(store)
        case = await desk.opened()

        async def try_claim(name: str) -> bool:
            try:
                await desk.desk.claim(replace(LEA, name=name), case.id)
            except CaseHeld:
                return False
            return True

        got = await asyncio.gather(*(try_claim(f"m{number}") for number in range(10)))
        assert got.count(True) == 1

    async def test_forgetting_a_person_while_others_work(self, store: ReviewStore) -> None:
        desk = room(store)
        case = await desk.opened(1)
        await desk.opened(2, BEN_DIRECT)
        await desk.desk.claim(MIA, case.id)
        assert await desk.departures.erase(ANN) == 1
        assert await desk.departures.erase(ANN) == 0
        assert await store.of(BEN)
        with pytest.raises(CaseGone, match="asked to be forgotten"):
            await desk.desk.decide(MIA, case.id, NoRisk())
        assert await store.verify() == await store.head()
