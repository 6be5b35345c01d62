"""What a person takes back reaches no later prompt: not as a value, not in the words that told it, not by a turn that
was already running."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.assembly.stores import Stores
from bot.chat import Command, Inbound, Said, Verb
from bot.clock import Seconds
from bot.conversation.audit import Audit, Decided
from bot.identity import DIRECT, ConversationKey, Person
from bot.private import Private
from bot.raise_core.agent.model_reading import ReadReply, ReadValue, Stance
from bot.settings import Settings
from bot.severity import Severity
from tests.scenario.conversations import HEARTBREAK, JOB, last, until_answered
from tests.support.discord.face import discord_face
from tests.support.echo import Echo
from tests.support.face import Face
from tests.support.slack.face import slack_face
from tests.support.terminal_face import TerminalFace, terminal_face
from tests.support.web_face import web_face

ANN = Person("terminal", "w1", "ann")
CANARY = "97"
TOLD = f"I'm {CANARY}. {HEARTBREAK}"
SUBJECT = "My girlfriend left me"

FACES: dict[str, Callable[[Echo], AbstractAsyncContextManager[Face]]] = {
    "terminal": lambda model: terminal_face(provider=model),
    "web": lambda model: web_face(provider=model),
    "slack": lambda model: slack_face(provider=model),
    "discord": lambda model: discord_face(provider=model),
}


@pytest.mark.parametrize("name", FACES)
async def test_after_forgetting_one_thing_no_prompt_holds_it(name: str) -> None:
    model = Echo()
    async with FACES[name](model) as face:
        await face.say("ann", TOLD)
        await until_answered(face, "ann")
        assert CANARY in model.prompts[-1], "the value reached no prompt before, so nothing is tried"
        await face.say("ann", JOB)
        await until_answered(face, "ann")
        assert CANARY in model.prompts[-1], "the line that told it is not in the short memory, so nothing is tried"
        await face.command("ann", "/forget age")
        model.prompts.clear()
        await face.say(
            "ann", "She took the dog too and I miss our mornings together, how do I stop thinking about my ex"
        )
        await until_answered(face, "ann")
        assert SUBJECT in model.prompts[-1], "what else was said is gone as well"
        assert not [prompt for prompt in model.prompts if CANARY in prompt]


@pytest.mark.parametrize("name", FACES)
async def test_what_is_forgotten_before_the_answer_is_not_in_it(name: str) -> None:
    model = Echo()
    async with FACES[name](model) as face:
        await face.say("ann", TOLD)
        assert (await last(face, "ann"))["kind"] == "question"
        asked = (await last(face, "ann", "question"))["attribute"]
        await face.command("ann", "/forget age")
        model.prompts.clear()
        await face.choose("ann", f"{asked}:stop")
        assert (await last(face, "ann"))["kind"] == "answer"
        assert SUBJECT in model.prompts[-1]
        assert not [prompt for prompt in model.prompts if CANARY in prompt]


async def test_forgetting_what_is_being_asked_closes_the_question_and_answers() -> None:
    async with terminal_face() as face:
        await face.say("ann", HEARTBREAK)
        asked = (await last(face, "ann", "question"))["attribute"]
        await face.command("ann", f"/forget {asked}")
        assert asked not in await until_answered(face, "ann")
        assert asked not in (await last(face, "ann", "answer"))["used"]


async def test_what_only_a_model_understood_goes_with_the_whole_message() -> None:
    told = ReadValue(attribute="profession", value=None, said="drives a bus")
    model = Echo(ReadReply(stance=Stance.ANSWERS, values=[told], completeness=1, severity=Severity.NONE, category=None))
    async with terminal_face(provider=model) as face:
        await face.say("ann", HEARTBREAK)
        assert (await last(face, "ann"))["kind"] == "question"
        await face.say("ann", "well since I was moved to the number twelve line I have no evenings at all any more")
        await until_answered(face, "ann")
        await face.say("ann", JOB)
        await until_answered(face, "ann")
        assert "number twelve" in model.prompts[-1]
        await face.command("ann", "/forget profession")
        model.prompts.clear()
        await face.say(
            "ann", "She took the dog too and I miss our mornings together, how do I stop thinking about my ex"
        )
        await until_answered(face, "ann")
        assert not [prompt for prompt in model.prompts if "number twelve" in prompt or "drives a bus" in prompt]


@dataclass
class _Halting:
    """An Audit that halts the turn between deciding and the prompt: what was decided is saved by then."""

    audit: Audit
    kind: str = "answer"
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def record(self, turn_id: str, conversation: ConversationKey, at: Seconds, decided: Decided) -> None:
        await self.audit.record(turn_id, conversation, at, decided)
        if decided.kind == self.kind:
            self.reached.set()
            await self.go_on.wait()

    def __getattr__(self, name: str) -> object:
        return getattr(self.audit, name)


async def sent(face: TerminalFace, name: str, content: Said | Command) -> str:
    """Send without waiting for the turn; returns the turn."""
    face.clock.advance(1)
    inbound = Inbound(name, ANN, DIRECT, content, face.clock.now(), "en-US")
    return (await face.app.intake.accept(inbound)).turn_id


@pytest.mark.parametrize(
    ("verb", "argument"), [(Verb.FORGET, "age"), (Verb.FORGET, "emotional_state"), (Verb.PAUSE, "")]
)
async def test_withdrawing_between_decision_and_prompt_takes_effect(verb: Verb, argument: str) -> None:
    model, halts = Echo(), list[_Halting]()

    def around(kept: Stores) -> Stores:
        halts.append(_Halting(kept.audit))
        return replace(kept, audit=halts[0])  # type: ignore[arg-type]  # an Audit by its shape

    async with terminal_face(provider=model, around=around) as face:
        await face.command("ann", "/correct emotional_state anxious")
        await face.command("ann", "/correct age 97")
        question = await sent(face, "question", Said(Private(f"I feel anxious. {TOLD}")))
        while not halts[0].reached.is_set():
            await asyncio.sleep(0)
            if (seen := await face.seen("ann")) and seen[-1]["kind"] == "question":
                question = await sent(face, f"stop-{len(seen)}", Said(Private("just answer me")))
                await halts[0].reached.wait()
        assert model.prompts == []
        request = await sent(face, "request", Command(verb, Private(argument)))
        halts[0].go_on.set()
        for turn in (question, request):
            await face.app.intake.finished(turn)
        (prompt,) = model.prompts
        assert SUBJECT in prompt
        taken = {"age": CANARY, "emotional_state": "anxious"}
        assert not argument or taken.pop(argument) not in prompt
        assert all(word in prompt for word in taken.values()) or verb is Verb.PAUSE
        used = (await last(face, "ann", "answer"))["used"]
        assert argument not in used
        assert used == [] or verb is Verb.FORGET


async def test_what_is_withdrawn_while_a_model_reads_is_not_kept_and_not_used() -> None:
    told = ReadValue(attribute="age", value="55+", said="born in 1929")
    model = Echo(ReadReply(stance=Stance.ANSWERS, values=[told], completeness=1, severity=Severity.NONE, category=None))
    async with terminal_face(provider=model) as face:
        await face.say("ann", HEARTBREAK)
        assert (await last(face, "ann"))["kind"] == "question"
        model.close_gate()
        reply = await sent(face, "reply", Said(Private("well I was born in 1929 so what would you expect of me")))
        await model.reached.wait()
        request = await sent(face, "request", Command(Verb.FORGET, Private("age")))
        model.prompts.clear()
        model.open.set()
        for turn in (reply, request):
            await face.app.intake.finished(turn)
        await face.say("ann", JOB)
        await until_answered(face, "ann")
        assert model.prompts
        assert not [prompt for prompt in model.prompts if "1929" in prompt]
        await face.command("ann", "/privacy")
        assert "1929" not in (await last(face, "ann", "notice"))["text"]


async def test_a_turn_taken_up_by_the_next_start_writes_without_what_was_withdrawn(tmp_path: Path) -> None:
    settings, first, second = Settings(state=tmp_path), Echo(), Echo()
    async with terminal_face(provider=first, settings=settings) as face:
        await face.say("ann", TOLD)
        first.close_gate()
        await sent(face, "stop", Said(Private("just answer me")))
        await first.reached.wait()
        assert CANARY in first.prompts[-1]
        await sent(face, "request", Command(Verb.FORGET, Private("age")))
    async with terminal_face(provider=second, settings=settings) as face:
        await face.app.intake.finished("terminal:w1:stop")
        await face.app.intake.finished("terminal:w1:request")
        assert [SUBJECT in prompt for prompt in second.prompts] == [True]
        assert CANARY not in second.prompts[0]


async def test_forgetting_everything_inside_a_running_turn_ends_it_and_nothing_comes_back() -> None:
    model = Echo()
    async with terminal_face(provider=model) as face:
        await face.say("ann", TOLD)
        model.close_gate()
        running = await sent(face, "stop", Said(Private("just answer me")))
        await model.reached.wait()
        await face.app.forget(ANN)
        model.open.set()
        await face.app.intake.finished(running)
        assert [line for line in await face.seen("ann") if line["kind"] == "answer" and CANARY in line["text"]] == []
        model.prompts.clear()
        await face.say("ann", JOB)
        await until_answered(face, "ann")
        assert not [prompt for prompt in model.prompts if CANARY in prompt or SUBJECT in prompt]
