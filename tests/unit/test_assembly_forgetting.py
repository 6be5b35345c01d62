"""What several processes do about an erasure: the one that was asked ends it, and another one when that is dead."""

from __future__ import annotations

import pytest

from adapters.stores.memory_erasures import MemoryErasures
from bot.assembly.forgetting import LEFT_ALONE, Completion
from bot.clock import ManualClock
from bot.conversation.speaking import Speaker
from bot.profile.erasure import Forgetting
from bot.telemetry.events import Telemetry
from tests.support.people import ANN, BEN, NOW
from tests.support.policies import shipped


@pytest.mark.parametrize("crowded", [False, True])
async def test_a_fresh_erasure_is_left_to_the_living_process_that_was_asked(crowded: bool) -> None:
    async def others_live() -> bool:
        return crowded

    clock, ended = ManualClock(NOW), list[str]()
    telemetry = Telemetry(lambda event, fields: ended.append(event))
    forget = Forgetting(lambda spared: (), MemoryErasures(), clock)
    completion = Completion(forget, shipped(), Speaker({}), telemetry, others_live)
    await forget.log.begin(ANN, clock.now(), "en-US")
    await forget.note([BEN])
    await completion.catch_up()
    assert ended.count("forgotten") == (1 if crowded else 2)
    clock.advance(LEFT_ALONE)
    await completion.catch_up()
    assert ended.count("forgotten") == 2
    assert await forget.interrupted() == ()


async def test_no_two_erasures_have_the_same_moment_even_while_the_clock_stands_still() -> None:
    """Their receipts are told apart by it."""
    forget = Forgetting(lambda spared: (), MemoryErasures(), ManualClock())
    moments = set[str]()
    for person in (ANN, BEN, ANN):
        pending, receipt = await forget.erase(person)
        await forget.finish(person, receipt)
        moments.add(f"{pending.asked_at:.6f}")
    assert len(moments) == 3


async def test_until_its_person_was_told_nobody_else_here_takes_an_erasure_up() -> None:
    """What they write after the receipt would go with a second one."""
    ended = list[str]()
    forget = Forgetting(lambda spared: (), MemoryErasures(), ManualClock(NOW))
    completion = Completion(forget, shipped(), Speaker({}), Telemetry(lambda event, fields: ended.append(event)))
    with forget.alone(ANN):
        await forget.erase(ANN, "en-US")
        await completion.catch_up()
        assert ended == []
    await completion.catch_up()
    assert ended.count("forgotten") == 1
