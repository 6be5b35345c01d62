"""Counting messages, turns and money: by every implementation alike, together where possible."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.models.scripted import Scripted
from adapters.stores.redis_counts import RedisCounts
from bot.chat import Chose, Command, Inbound, Said, Stopped, Verb
from bot.chat.inbound import Content
from bot.clock import ManualClock
from bot.conversation.limits import DAY, MINUTE, Counts, Limiter, Limits, OwnCounts, Together
from bot.errors import BudgetExceeded, StoreUnavailable
from bot.identity import DIRECT
from bot.llm.provider import Chunk, Message, Prompt, Provider, Purpose, Reply, Role, Shape, Structured
from bot.llm.purse import Pursed
from bot.private import Private
from tests.support.people import ANN, BEN, NOW


class CountsContract:
    async def test_sums_belong_to_a_key_and_a_window(self, counts: Counts) -> None:
        assert await counts.add("a", 1, MINUTE, NOW) == 1
        assert await counts.add("a", 2, MINUTE, NOW + 1) == 3
        assert await counts.add("b", 1, MINUTE, NOW) == 1
        assert await counts.add("a", 0.25, DAY, NOW) == 0.25
        assert await counts.add("a", 0, MINUTE, NOW) == 3
        assert await counts.add("a", 1, MINUTE, NOW + MINUTE) == 1

    async def test_what_is_forgotten_begins_anew_and_the_rest_stays(self, counts: Counts) -> None:
        for key in ("a", "b"):
            await counts.add(key, 2, MINUTE, NOW)
        assert await counts.forget(("a", "unknown"), MINUTE, NOW + 1) == 1
        assert await counts.forget(("a",), MINUTE, NOW + 1) == 0
        assert await counts.add("a", 1, MINUTE, NOW + 1) == 1
        assert await counts.add("b", 0, MINUTE, NOW + 1) == 2


class TestOwnCounts(CountsContract):
    @pytest.fixture
    def counts(self) -> Counts:
        return OwnCounts()


class TestRedisCounts(CountsContract):
    @pytest.fixture
    async def counts(self, redis_url: str) -> AsyncIterator[Counts]:
        counts = RedisCounts(redis_url)
        await counts._redis.flushall()
        yield counts
        await counts.close()

    async def test_nothing_stays_behind(self, counts: RedisCounts) -> None:
        await counts.add("a", 1, MINUTE, NOW)
        (key,) = await counts._redis.keys("raise:count:*")
        assert 0 < await counts._redis.ttl(key) <= 2 * MINUTE


class TestCountsTogetherWithoutRedis(CountsContract):
    @pytest.fixture
    async def counts(self) -> AsyncIterator[Counts]:
        away = RedisCounts("redis://127.0.0.1:1/0")
        yield Together(away, ManualClock(NOW))
        await away.close()

    async def test_what_is_forgotten_begins_anew_and_the_rest_stays(self, counts: Counts) -> None:
        """Here at once; and whoever asked does it again, because it may still be in Redis."""
        await counts.add("a", 2, MINUTE, NOW)
        with pytest.raises(StoreUnavailable):
            await counts.forget(("a",), MINUTE, NOW + 1)
        assert await counts.add("a", 1, MINUTE, NOW + 1) == 1


async def test_two_processes_count_together(redis_url: str) -> None:
    clock, shared = ManualClock(NOW), RedisCounts(redis_url)
    await shared._redis.flushall()
    one, other = Together(shared, clock), Together(shared, clock)
    await one.add("a", 1, MINUTE, NOW)
    assert await other.add("a", 1, MINUTE, NOW) == 2
    await shared.close()


def event(content: Content | None = None) -> Inbound:
    return Inbound("e1", ANN, DIRECT, content or Said(Private("hello")), NOW)


async def nobody_waits() -> int:
    return 0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


async def test_one_person_is_told_once_a_minute_and_others_go_on(clock: ManualClock) -> None:
    limiter = Limiter(Limits(person=2), OwnCounts(), nobody_waits, clock)
    assert [await limiter.refused(event()) for _ in range(5)] == [None, None, "notice.slower", "", ""]
    assert await limiter.refused(replace(event(), person=BEN)) is None
    clock.advance(MINUTE)
    assert await limiter.refused(event()) is None


async def test_a_workspace_has_a_limit_of_its_own(clock: ManualClock) -> None:
    limiter = Limiter(Limits(workspace=2), OwnCounts(), nobody_waits, clock)
    first = [await limiter.refused(event()), await limiter.refused(replace(event(), person=BEN))]
    assert (first, await limiter.refused(event())) == ([None, None], "notice.overloaded")
    elsewhere = replace(ANN, workspace="elsewhere")
    assert await limiter.refused(replace(event(), person=elsewhere)) is None


@pytest.mark.parametrize(
    "content",
    [Command(Verb.FORGET_ME), Command(Verb.FORGET), Command(Verb.HUMAN), Command(Verb.PAUSE), Stopped()],
)
async def test_what_must_always_work_is_never_refused(content: Content, clock: ManualClock) -> None:
    limiter = Limiter(Limits(person=1, workspace=1), OwnCounts(), nobody_waits, clock)
    for each in (event(), event(Chose("age:20s")), event(Command(Verb.HELP))):
        await limiter.refused(each)
    assert await limiter.refused(event(content)) is None
    assert await limiter.refused(event()) == ""


async def test_when_too_many_turns_wait_people_are_told(clock: ManualClock) -> None:
    waiting = 11

    async def count() -> int:
        return waiting

    limiter = Limiter(Limits(waiting=10), OwnCounts(), count, clock)
    assert await limiter.refused(event()) == "notice.overloaded"
    waiting = 10
    clock.advance(1)
    assert await limiter.refused(event()) is None


async def test_what_cannot_be_counted_is_let_in(clock: ManualClock) -> None:
    async def count() -> int:
        raise StoreUnavailable("away")

    assert await Limiter(Limits(waiting=10), OwnCounts(), count, clock).refused(event()) is None


class Dear:
    """A provider whose calls cost 40 cents."""

    def __init__(self, provider: Provider) -> None:
        self.provider, self.name = provider, provider.name

    async def complete(self, prompt: Prompt) -> Reply:
        reply = await self.provider.complete(prompt)
        return replace(reply, usage=replace(reply.usage, usd=0.4))

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        async for piece in self.provider.stream(prompt):
            yield replace(piece, usage=replace(piece.usage, usd=0.4)) if isinstance(piece, Reply) else piece

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        answer = await self.provider.structured(prompt, shape)
        return replace(answer, usage=replace(answer.usage, usd=0.4))

    async def close(self) -> None:
        await self.provider.close()


async def test_a_workspace_spends_so_much_a_day_and_no_more(clock: ManualClock) -> None:
    whose, counts = "slack:T1", OwnCounts()
    prompt = Prompt(Purpose.ANSWER, "Be kind.", (Message(Role.USER, Private("hello")),))

    async def spent(name: str, usd: float) -> float:
        return await counts.add(name, usd, DAY, clock.now())

    provider = Pursed(Dear(Scripted.of({"text": "Hello.", "repeat": True})), 1.0, spent, lambda: whose)
    await provider.complete(prompt)
    assert [piece async for piece in provider.stream(prompt)]
    await provider.complete(prompt)
    with pytest.raises(BudgetExceeded, match=r"budget of \$1 for today is spent"):
        await provider.complete(prompt)
    with pytest.raises(BudgetExceeded):
        [piece async for piece in provider.stream(prompt)]
    whose = "slack:T2"
    await provider.complete(prompt)
    whose = "slack:T1"
    clock.advance(DAY)
    await provider.complete(prompt)
