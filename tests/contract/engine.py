"""What every Engine does. Subclass and give an ``engine`` fixture; it is stopped here."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

import pytest

from bot.conversation.engine import Engine, Steps
from bot.errors import StoreUnavailable


class Diary:
    """Work that writes down what it does, and waits where it is told to."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.ended: list[str] = []
        self.stepped: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.reached: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.failures: dict[str, int] = {}

    def hold(self, turn_id: str) -> asyncio.Event:
        self.gates[turn_id] = asyncio.Event()
        return self.gates[turn_id]

    async def work(self, turn_id: str, steps: Steps) -> None:
        self.began.append(turn_id)

        async def first() -> str:
            self.stepped.append(f"{turn_id}.first")
            return f"result of {turn_id}"

        result = await steps.run("first", first)
        assert result == f"result of {turn_id}"
        self.reached[turn_id].set()
        if turn_id in self.gates:
            await self.gates[turn_id].wait()
        if self.failures.get(turn_id, 0) > 0:
            self.failures[turn_id] -= 1
            raise ValueError("the work broke")

        async def second() -> str:
            self.stepped.append(f"{turn_id}.second")
            return ""

        assert await steps.run("second", second) == ""
        self.ended.append(turn_id)


class EngineContract:
    @pytest.fixture
    def diary(self) -> Diary:
        return Diary()

    @pytest.fixture
    async def started(self, engine: Engine, diary: Diary) -> AsyncIterator[Engine]:
        await engine.start(diary.work)
        yield engine
        for gate in diary.gates.values():
            gate.set()
        await engine.stop(10)

    async def test_a_submitted_turn_runs_to_its_end(self, started: Engine, diary: Diary) -> None:
        assert await started.submit("t1", "c1")
        await started.finished("t1")
        assert diary.stepped == ["t1.first", "t1.second"]
        assert diary.ended == ["t1"]

    async def test_a_repeated_id_runs_once(self, started: Engine, diary: Diary) -> None:
        assert await started.submit("t1", "c1")
        assert not await started.submit("t1", "c1")
        await started.finished("t1")
        assert not await started.submit("t1", "c1")
        assert not await started.submit("t1", "c2")
        await started.submit("t2", "c1")
        await started.finished("t2")
        assert diary.ended == ["t1", "t2"]

    async def test_turns_of_one_conversation_keep_their_order(self, started: Engine, diary: Diary) -> None:
        names = [f"t{number}" for number in range(12)]
        for name in names:
            await started.submit(name, "c1")
        for name in names:
            await started.finished(name)
        assert diary.began == names
        assert diary.ended == names

    async def test_one_at_a_time_within_and_others_beside(self, started: Engine, diary: Diary) -> None:
        gate = diary.hold("t1")
        await started.submit("t1", "c1")
        await started.submit("t2", "c1")
        await started.submit("t3", "c2")
        await started.finished("t3")
        await diary.reached["t1"].wait()
        assert diary.ended == ["t3"]
        assert "t2" not in diary.began
        gate.set()
        await started.finished("t2")
        assert diary.ended == ["t3", "t1", "t2"]

    async def test_unknown_and_ended_turns_are_finished_at_once(self, started: Engine) -> None:
        await started.finished("never submitted")
        await started.submit("t1", "c1")
        await started.finished("t1")
        await started.finished("t1")

    async def test_several_may_wait_for_the_same_turn(self, started: Engine, diary: Diary) -> None:
        gate = diary.hold("t1")
        await started.submit("t1", "c1")
        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(started.finished("t1"))
            await diary.reached["t1"].wait()
            gate.set()
        assert diary.ended == ["t1"]

    async def test_a_running_turn_is_cancelled_and_the_next_one_runs(self, started: Engine, diary: Diary) -> None:
        diary.hold("t1")
        await started.submit("t1", "c1")
        await started.submit("t2", "c1")
        await diary.reached["t1"].wait()
        assert await started.cancel("t1")
        await started.finished("t1")
        await started.finished("t2")
        assert diary.ended == ["t2"]
        assert not await started.submit("t1", "c1")

    async def test_a_waiting_turn_is_cancelled_before_it_begins(self, started: Engine, diary: Diary) -> None:
        gate = diary.hold("t1")
        for name in ("t1", "t2", "t3"):
            await started.submit(name, "c1")
        await diary.reached["t1"].wait()
        assert await started.cancel("t2")
        await started.finished("t2")
        gate.set()
        await started.finished("t3")
        assert diary.began == ["t1", "t3"]

    async def test_there_is_nothing_to_cancel_in_an_ended_or_unknown_turn(self, started: Engine) -> None:
        assert not await started.cancel("unknown")
        await started.submit("t1", "c1")
        await started.finished("t1")
        assert not await started.cancel("t1")

    async def test_failing_work_is_tried_again_without_its_ended_steps(self, started: Engine, diary: Diary) -> None:
        diary.failures["t1"] = 1
        await started.submit("t1", "c1")
        await started.submit("t2", "c1")
        await started.finished("t2")
        assert diary.ended == ["t1", "t2"]
        assert diary.stepped[:2] == ["t1.first", "t1.second"]

    async def test_work_that_always_fails_does_not_hold_up_the_next(
        self, started: Engine, diary: Diary, caplog: pytest.LogCaptureFixture
    ) -> None:
        diary.failures["t1"] = 1_000
        await started.submit("t1", "c1")
        await started.submit("t2", "c1")
        await started.finished("t1")
        await started.finished("t2")
        assert diary.ended == ["t2"]
        assert "failed for good" in caplog.text
        assert "the work broke" not in caplog.text

    async def test_work_that_always_fails_is_given_up_with_its_steps_before_the_next_turn(
        self, engine: Engine, diary: Diary
    ) -> None:
        async def give_up(turn_id: str, steps: Steps) -> None:
            async def told() -> str:
                diary.ended.append(f"{turn_id} given up")
                return "told"

            assert await steps.run("failed", told) == "told"
            if diary.ended.count(f"{turn_id} given up") and not diary.reached["store"].is_set():
                diary.reached["store"].set()
                raise StoreUnavailable("down for a moment")

        diary.failures["t1"] = 1_000
        await engine.start(diary.work, give_up)
        await engine.submit("t1", "c1")
        await engine.submit("t2", "c1")
        await engine.finished("t2")
        assert diary.ended == ["t1 given up", "t2"]
        await engine.stop(10)

    async def test_ended_turns_are_forgotten_but_recognised(self, started: Engine, diary: Diary) -> None:
        await started.submit("t1", "c1")
        await started.finished("t1")
        await started.forget(("t1", "unknown"))
        await started.forget(("t1",))
        await started.finished("t1")
        assert diary.ended == ["t1"]

    async def test_erasing_a_conversation_stops_its_turns_but_the_spared_one(
        self, started: Engine, diary: Diary
    ) -> None:
        gate = diary.hold("own")
        other = diary.hold("other")
        for turn_id, conversation in (("ended", "c1"), ("own", "c1"), ("queued", "c1"), ("other", "c2")):
            await started.submit(turn_id, conversation)
        await diary.reached["own"].wait()
        await diary.reached["other"].wait()
        assert await started.erase("c1", "own") >= 1
        gate.set()
        other.set()
        for turn_id in ("own", "queued", "other"):
            await started.finished(turn_id)
        assert diary.ended == ["ended", "own", "other"] or diary.ended == ["ended", "other", "own"]
        assert not await started.submit("queued", "c1")

    async def test_erasing_a_conversation_ends_its_running_turn(self, started: Engine, diary: Diary) -> None:
        diary.hold("t1")
        await started.submit("t1", "c1")
        await diary.reached["t1"].wait()
        assert await started.erase("c1") == 1
        assert await started.erase("c1") == 0
        assert await started.erase("unknown") == 0
        assert diary.ended == []

    async def test_stopping_lets_running_turns_end(self, engine: Engine, diary: Diary) -> None:
        gate = diary.hold("t1")
        await engine.start(diary.work)
        await engine.submit("t1", "c1")
        await diary.reached["t1"].wait()
        async with asyncio.TaskGroup() as group:
            group.create_task(engine.stop(10))
            await asyncio.sleep(0)
            gate.set()
        assert diary.ended == ["t1"]
        with pytest.raises(StoreUnavailable):
            await engine.submit("t2", "c1")

    async def test_what_is_left_at_the_deadline_ends_after_the_next_start(self, engine: Engine, diary: Diary) -> None:
        diary.hold("t1")
        await engine.start(diary.work)
        for name in ("t1", "t2", "t3"):
            await engine.submit(name, "c1")
        await diary.reached["t1"].wait()
        await engine.stop(0.05)
        assert diary.ended == []
        diary.gates.clear()
        await engine.start(diary.work)
        for name in ("t1", "t2", "t3"):
            await engine.finished(name)
        assert diary.ended == ["t1", "t2", "t3"]
        assert diary.stepped.count("t1.first") == 1
        assert not await engine.submit("t1", "c1")
        await engine.stop(10)

    async def test_stopping_twice_and_before_the_start_is_harmless(self, engine: Engine, diary: Diary) -> None:
        await engine.stop(1)
        await engine.start(diary.work)
        await engine.stop(1)
        await engine.stop(1)

    async def test_two_hundred_conversations_at_once(self, started: Engine, diary: Diary) -> None:
        names = [(f"c{number % 50}.t{number}", f"c{number % 50}") for number in range(200)]
        for turn_id, conversation in names:
            await started.submit(turn_id, conversation)
        for turn_id, _ in names:
            await started.finished(turn_id)
        assert sorted(diary.ended) == sorted(turn_id for turn_id, _ in names)
        for number in range(50):
            own = [turn_id for turn_id in diary.ended if turn_id.startswith(f"c{number}.")]
            assert own == [turn_id for turn_id, conversation in names if conversation == f"c{number}"]
