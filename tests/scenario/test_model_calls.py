"""What a turn costs (METHOD 6.3): a planned question no model call, a free-text reply at most one, an answer one."""

from __future__ import annotations

import pytest

from adapters.models.scripted import Scripted
from bot.llm import Purpose
from tests.scenario.conversations import HEARTBREAK, last, values
from tests.support.terminal_face import terminal_face

ANSWER = {"purpose": "answer", "text": "That sounds hard. Call a friend tonight.", "repeat": True}


def reading(**fields: object) -> dict[str, object]:
    form: dict[str, object] = {
        "stance": "answers",
        "values": [],
        "completeness": 2,
        "severity": "none",
        "category": None,
    }
    return {"purpose": "extract", "json": {**form, **fields}}


async def test_a_planned_question_and_a_pressed_choice_cost_nothing() -> None:
    provider = Scripted.of(ANSWER)
    async with terminal_face(provider=provider) as face:
        await face.say("ann", HEARTBREAK)
        question = await last(face, "ann", "question")
        assert sum(provider.calls.values()) == 0
        await face.choose("ann", values(question)[0])
        while (newest := await last(face, "ann"))["kind"] == "question":
            assert sum(provider.calls.values()) == 0
            await face.choose("ann", f"{newest['attribute']}:skip")
        assert provider.calls[Purpose.ANSWER] == 1
        assert sum(provider.calls.values()) == 1


async def test_a_reply_the_rules_can_read_costs_nothing() -> None:
    provider = Scripted.of(ANSWER)
    async with terminal_face(provider=provider) as face:
        await face.say("ann", HEARTBREAK)
        await face.say("ann", "anxious")
        assert provider.calls.get(Purpose.EXTRACT, 0) == 0


async def test_a_reply_in_free_words_costs_one_call_that_does_everything() -> None:
    told = reading(values=[{"attribute": "emotional_state", "value": "despair", "said": "like the floor is gone"}])
    provider = Scripted.of(told, ANSWER)
    async with terminal_face(provider=provider) as face:
        await face.say("ann", HEARTBREAK)
        assert (await last(face, "ann", "question"))["attribute"] == "emotional_state"
        await face.say("ann", "as though somebody took the floor away from under me")
        assert provider.calls[Purpose.EXTRACT] == 1
        while (newest := await last(face, "ann"))["kind"] == "question":
            await face.choose("ann", f"{newest['attribute']}:skip")
        assert provider.calls == {Purpose.EXTRACT: 1, Purpose.ANSWER: 1}
        answer = await last(face, "ann", "answer")
        assert "emotional_state" in answer["used"]


async def test_an_errand_costs_one_call() -> None:
    provider = Scripted.of(ANSWER)
    async with terminal_face(provider=provider) as face:
        await face.say("ann", "set a timer for ten minutes please")
        assert provider.calls == {Purpose.ANSWER: 1}


async def test_a_crisis_costs_nothing() -> None:
    provider = Scripted.of(ANSWER)
    async with terminal_face(provider=provider) as face:
        await face.say("ann", "I am going to kill myself tonight")
        assert (await last(face, "ann"))["kind"] in ("crisis", "notice")
        assert sum(provider.calls.values()) == 0


async def test_danger_that_only_the_model_sees_is_answered_as_a_crisis() -> None:
    provider = Scripted.of(reading(stance="unclear", severity="imminent", category="self_harm"), ANSWER)
    async with terminal_face(provider=provider) as face:
        await face.say("ann", HEARTBREAK)
        await face.say("ann", "it is all arranged and then there is quiet at last")
        assert [each["kind"] for each in await face.seen("ann")] == ["question", "crisis"]
        assert {"kind": "flag", "user": "ann", "severity": "imminent", "category": "self_harm"} in face.lines


@pytest.mark.parametrize("fault", ["timeout", "unavailable", "malformed", "rate_limited", "rejected"])
async def test_a_model_that_fails_to_read_never_counts_as_enough(fault: str) -> None:
    provider = Scripted.of({"purpose": "extract", "error": fault}, ANSWER)
    async with terminal_face(provider=provider) as face:
        await face.say("ann", HEARTBREAK)
        first = await last(face, "ann", "question")
        await face.say("ann", "as though somebody took the floor away from under me")
        following = await last(face, "ann")
        assert following["kind"] == "question", "a failed reading was taken for enough"
        assert following["attribute"] != first["attribute"]


async def test_distress_instead_of_a_reply_is_answered_and_not_read_by_the_model_first() -> None:
    provider = Scripted.of({"purpose": "extract", "error": "malformed"}, ANSWER)
    async with terminal_face(provider=provider) as face:
        await face.say("ann", HEARTBREAK)
        assert (await last(face, "ann"))["kind"] == "question"
        await face.say("ann", "I want it to stop")
        assert (await last(face, "ann"))["kind"] == "answer"


@pytest.mark.parametrize("fault", ["timeout", "unavailable", "malformed", "rate_limited", "rejected"])
async def test_an_answer_the_model_fails_to_write_is_replaced_by_the_prepared_one(fault: str) -> None:
    provider = Scripted.of(
        {"purpose": "answer", "text": "Something that breaks off", "error": fault, "after_chunks": 1}, ANSWER
    )
    async with terminal_face(provider=provider) as face:
        await face.say("ann", "set a timer for ten minutes please")
        answer = await last(face, "ann", "answer")
        assert "No language model answers right now" in answer["text"]
        await face.say("ann", "set another timer for one hour please")
        assert "Call a friend tonight" in (await last(face, "ann", "answer"))["text"]
