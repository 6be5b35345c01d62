"""Consent withdrawn while a turn runs, stores that are down or damaged, clocks that jump: what the person sees."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis.asyncio import Redis

from adapters.database import connect
from bot.chat import Command, Inbound, Said, Verb
from bot.clock import SystemClock
from bot.errors import MalformedReply
from bot.identity import DIRECT, Person
from bot.llm import Chunk, Prompt, Reply, Usage
from bot.private import Private
from bot.settings import Settings
from tests.scenario.conversations import ERRAND, HEARTBREAK, JOB, last, until_answered, values
from tests.support.echo import Echo
from tests.support.servers import free_port, redis_server
from tests.support.terminal_face import terminal_face

ANN = Person("terminal", "w1", "ann")


class _Gate:
    """A model that waits to be let through, and keeps what it was asked with."""

    name = "gate"

    def __init__(self) -> None:
        self.prompts: list[Prompt] = []
        self.reached, self.open = asyncio.Event(), asyncio.Event()

    async def complete(self, prompt: Prompt) -> Reply:
        raise MalformedReply("nothing completes here")

    async def structured(self, prompt: Prompt, shape: object) -> object:
        raise MalformedReply("nothing is read here")

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        self.prompts.append(prompt)
        self.reached.set()
        await self.open.wait()
        yield Reply(Private("take care"), "gate", Usage())

    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("verb", [Verb.FORGET, Verb.PAUSE])
async def test_what_is_withdrawn_is_out_of_answers_before_the_request_has_its_turn(verb: Verb) -> None:
    gate = _Gate()
    async with terminal_face(provider=gate) as face:  # type: ignore[arg-type]  # a provider by its shape
        await face.command("ann", "/correct emotional_state anxious")
        running = asyncio.create_task(face.say("ann", ERRAND))
        await gate.reached.wait()  # one answer is being written; what follows waits its turn
        question = Inbound("question", ANN, DIRECT, Said(Private(HEARTBREAK)), face.clock.now(), "en-US")
        argument = Private("emotional_state" if verb is Verb.FORGET else "")
        request = Inbound("withdraw", ANN, DIRECT, Command(verb, argument), face.clock.now(), "en-US")
        receipts = [await face.app.intake.accept(each) for each in (question, request)]
        gate.open.set()
        await running
        for receipt in receipts:
            await face.app.intake.finished(receipt.turn_id)
        answers = [line for line in await face.seen("ann") if line["kind"] == "answer"]
        assert not [line for line in answers if line["used"]]
        assert not [prompt for prompt in gate.prompts if "anxious" in prompt.messages[-1].text.reveal()]


@pytest.mark.redis
async def test_with_redis_gone_people_are_answered_without_their_profile_and_told_so(tmp_path: Path) -> None:
    port = free_port()
    state, folder = tmp_path / "state", tmp_path / "redis"
    folder.mkdir()
    settings = Settings(state=state, redis_url=f"redis://127.0.0.1:{port}/0")
    with redis_server(folder, port):
        async with terminal_face(settings=settings) as face:
            await face.say("ann", f"I'm 34. {HEARTBREAK}")
            await until_answered(face, "ann")
            await face.command("ann", "/privacy")
            assert "34" in (await last(face, "ann", "notice"))["text"]
    async with terminal_face(settings=settings) as face:
        await face.say("ann", HEARTBREAK, event="again-1")
        if (await last(face, "ann"))["kind"] == "question":
            await face.say("ann", "just answer me", event="again-2")
        shown = [line["text"] for line in await face.seen("ann") if line["kind"] == "notice"]
        assert any("can't reach what you told me" in text for text in shown)
        answer = await last(face, "ann", "answer")
        assert "age" not in answer["used"]
        await face.say("ann", "/privacy", event="again-3")
        assert "can't reach" in (await last(face, "ann", "notice"))["text"]


@pytest.mark.redis
async def test_a_turn_asks_redis_once_to_read_and_once_to_write(redis_url: str, tmp_path: Path) -> None:
    async with Redis.from_url(redis_url) as admin:
        await admin.flushdb()
        async with terminal_face(settings=Settings(state=tmp_path, redis_url=redis_url)) as face:
            await face.say("ann", HEARTBREAK)
            await admin.config_resetstat()
            await face.say("ann", "anxious, and I'm 34 and divorced")
            stats = await admin.info("commandstats")
            await face.command("ann", "/privacy")
            assert "34" in (await last(face, "ann", "notice"))["text"]
    # A script reads the hash once more, within its one call; the sweeper asks by a script of its own.
    assert stats["cmdstat_hvals"]["calls"] == 2
    assert stats["cmdstat_hset"]["calls"] == 3
    assert stats["cmdstat_zadd"]["calls"] == 1


@pytest.mark.redis
async def test_redis_goes_and_comes_back_in_the_middle_of_a_conversation(tmp_path: Path) -> None:
    port, model, events = free_port(), Echo(), list[str]()
    (tmp_path / "redis").mkdir()
    settings = Settings(state=tmp_path / "state", redis_url=f"redis://127.0.0.1:{port}/0")
    async with AsyncExitStack() as stack:
        with redis_server(tmp_path / "redis", port):
            # Redis is empty at every start, as a deployment's is after a crash of its machine.
            face = await stack.enter_async_context(terminal_face(provider=model, settings=settings, events=events))
            await face.command("ben", "/correct profession zaunkoenig")
            await face.command("ann", "/correct profession zugvogel")
            await face.say("ann", JOB)
            await until_answered(face, "ann")
            assert "zugvogel" in model.prompts[-1]
            assert "profession" in (await last(face, "ann", "answer"))["used"]
        model.prompts.clear()
        await face.say("ann", HEARTBREAK)
        await until_answered(face, "ann")
        answer = await last(face, "ann", "answer")
        assert "profession" not in answer["used"]
        assert any("can't reach what you told me" in line["text"] for line in (await face.seen("ann"))[-3:])
        assert "profiles_down" in events
        with redis_server(tmp_path / "redis", port):
            before = len(await face.seen("ann"))
            await face.command("ann", "/correct profession zilpzalp")
            await face.say("ann", JOB)
            await until_answered(face, "ann")
            assert "zilpzalp" in model.prompts[-1]
            assert "profession" in (await last(face, "ann", "answer"))["used"]
            since = (await face.seen("ann"))[before:]
            assert not [line for line in since if "can't reach" in line.get("text", "")]
        assert not [prompt for prompt in model.prompts if "zaunkoenig" in prompt]


@pytest.mark.redis
async def test_what_redis_evicts_under_pressure_is_simply_not_known(redis_url: str, tmp_path: Path) -> None:
    async with Redis.from_url(redis_url) as admin:
        await admin.flushdb()
        async with terminal_face(settings=Settings(state=tmp_path, redis_url=redis_url)) as face:
            await face.say("ann", f"I'm 34. {HEARTBREAK}")
            await until_answered(face, "ann")
            await admin.delete(f"raise:profile:{ANN}")  # as an eviction does
            await face.command("ann", "/privacy")
            assert "don't know anything" in (await last(face, "ann", "notice"))["text"]
            await face.say("ann", JOB)
            assert (await last(face, "ann"))["kind"] in ("question", "answer")


async def test_a_damaged_conversation_is_given_up_and_the_person_served(tmp_path: Path) -> None:
    async with terminal_face(settings=Settings(state=tmp_path)) as face:
        await face.say("ann", HEARTBREAK)
        database = connect(f"sqlite:///{tmp_path / 'raise.db'}", connections=1, survive_power_cut=True)
        with database.begin() as connection:
            connection.exec_driver_sql("UPDATE states SET state = zeroblob(100)")
        database.dispose()
        await face.say("ann", HEARTBREAK)
        assert (await last(face, "ann"))["kind"] == "question"
        await face.command("ann", "/forget me")
        await face.choose("ann", "do:forget_me_yes")
        assert "entries about you were deleted" in (await last(face, "ann", "notice"))["text"]


async def test_an_export_of_nothing_is_a_file_all_the_same() -> None:
    async with terminal_face() as face:
        await face.command("ann", "/export")
        shown = await last(face, "ann", "notice")
        assert "Here is everything" in shown["text"]
        assert "Traceback" not in json.dumps(shown)


async def test_when_the_clock_was_set_back_before_a_start_withdrawals_and_forgetting_still_count(
    tmp_path: Path,
) -> None:
    settings, model = Settings(state=tmp_path), Echo()
    async with terminal_face(provider=model, settings=settings) as face:
        await face.advance(40 * 86_400)
        await face.command("ann", "/correct emotional_state anxious")
        await face.say("ann", f"I feel anxious, and I'm 97. {HEARTBREAK}", event="ahead-1")
    async with terminal_face(provider=model, settings=settings) as face:  # its clock begins where the first one did
        model.prompts.clear()
        await face.say("ann", "/forget emotional_state", event="back-1")
        await face.say("ann", "/forget age", event="back-2")
        await face.say("ann", JOB, event="back-3")
        while (newest := await last(face, "ann"))["kind"] == "question":
            assert newest["attribute"] not in ("emotional_state", "age")
            await face.say("ann", "just answer me", event=f"back-{len(await face.seen('ann')) + 4}")
        assert not [prompt for prompt in model.prompts if "anxious" in prompt or "97" in prompt]
        assert not {"emotional_state", "age"} & set((await last(face, "ann", "answer"))["used"])
        assert (await face.app.forget(ANN)).total > 0
        assert await face.app.stores.erasures.pending() == ()


def test_within_a_process_time_never_goes_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, told = SystemClock(), iter([1_000.0, 400.0, 999.0, 1_001.0])
    monkeypatch.setattr(time, "time", lambda: next(told))
    assert [clock.now() for _ in range(4)] == [1_000.0, 1_000.0, 1_000.0, 1_001.0]


async def test_when_the_clock_jumps_ahead_what_has_expired_is_hidden_at_once() -> None:
    async with terminal_face() as face:
        await face.say("ann", f"I'm 34. {HEARTBREAK}")
        question = await last(face, "ann", "question")
        await face.choose("ann", values(question)[0])
        await face.advance(400 * 86_400)
        await face.command("ann", "/privacy")
        assert "don't know anything" in (await last(face, "ann", "notice"))["text"]
