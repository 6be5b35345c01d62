"""Replies read without a model."""

from __future__ import annotations

import pytest

from bot.raise_core.agent.reading import Gesture, Reader
from tests.support.policies import shipped


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(shipped())


@pytest.mark.parametrize(
    ("attribute", "text", "bucket"),
    [
        ("emotional_state", "pretty anxious tbh", "anxiety"),
        ("emotional_state", "I'm fine", "calm"),
        ("age", "34", "25-34"),
        ("age", "I'll be 67 next week", "55+"),
        ("age", "16", None),
        ("mental_health_status", "none really", "none"),
        ("past_self_harm_history", "no never", "none"),
        ("past_self_harm_history", "yes, years ago", "yes"),
        ("marital_status", "I just got divorced", "divorced"),
        ("health_status", "I have diabetes", "chronic disease"),
        ("gender", "woman", "female"),
        ("profession", "I am a nurse", None),
    ],
)
def test_a_reply_is_read_as_a_value(reader: Reader, attribute: str, text: str, bucket: str | None) -> None:
    value = reader.reply(attribute, text).values[attribute]
    assert value.bucket == bucket
    assert value.said.reveal()


@pytest.mark.parametrize(
    ("text", "gesture"),
    [
        ("skip", Gesture.SKIP),
        ("I'd rather not say", Gesture.SKIP),
        ("why do you ask?", Gesture.WHY),
        ("Why?", Gesture.WHY),
        ("just answer me", Gesture.STOP),
        ("no more questions please, I need help", Gesture.STOP),
        ("please stop asking me about my age", Gesture.STOP),
        ("can we skip this one, sorry", Gesture.SKIP),
        ("weiter bitte", Gesture.SKIP),
        ("arrête, s'il te plaît", Gesture.STOP),
    ],
)
def test_gestures_are_told_from_values(reader: Reader, text: str, gesture: Gesture) -> None:
    reading = reader.reply("emotional_state", text)
    assert (reading.gesture, dict(reading.values)) == (gesture, {})


@pytest.mark.parametrize(
    "text",
    [
        "I can't stop",
        "I can't stop thinking about it",
        "make it stop",
        "I skip meals",
        "I'd rather not be here",
        "I'm not comfortable in my own skin",
        "why me",
        "I don't know why I'm like this",
        "Ich kann nicht mehr weiter",
        "je n'arrête pas de pleurer",
    ],
)
def test_what_is_said_of_a_life_is_no_gesture_at_a_question(reader: Reader, text: str) -> None:
    assert reader.reply("marital_status", text).gesture is None


def test_a_gesture_word_in_a_long_message_is_none(reader: Reader) -> None:
    long = "she asked me why I always pass on every invitation and I had no idea what to tell her about all of it"
    assert reader.reply("emotional_state", long).gesture is None


def test_several_values_are_read_at_once(reader: Reader) -> None:
    values = reader.reply("emotional_state", "anxious, and I'm 34 and divorced").values
    assert {name: value.bucket for name, value in values.items()} == {
        "emotional_state": "anxiety",
        "age": "25-34",
        "marital_status": "divorced",
    }


@pytest.mark.parametrize(
    ("attribute", "text", "told"),
    [
        ("health_status", "both sad and angry", {"emotional_state": "despair"}),
        ("profession", "lonely", {"emotional_state": "loneliness"}),
        ("profession", "I feel so lonely", {"emotional_state": "loneliness"}),
        ("profession", "awful", {}),
        ("profession", "a teacher, lonely and 34", {"emotional_state": "loneliness", "profession": None}),
        ("profession", "she started it", {"profession": None}),
        ("profession", "45", {}),
        ("profession", "unemployed", {"profession": None}),
        ("marital_status", "unemployed", {"economic_status": "difficult"}),
        ("marital_status", "yes", {}),
    ],
)
def test_a_reply_that_is_a_choice_of_another_attribute_tells_that(
    reader: Reader, attribute: str, text: str, told: dict[str, str | None]
) -> None:
    assert {name: value.bucket for name, value in reader.reply(attribute, text).values.items()} == told


@pytest.mark.parametrize("text", ["not anxious", "I'm not divorced", "no idea", "what is the capital of France?"])
def test_negations_and_other_talk_are_no_values(reader: Reader, text: str) -> None:
    assert "marital_status" not in reader.volunteered(text).values
    assert reader.reply("marital_status", text).values.get("marital_status") is None


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("I'm 16 and my parents are divorcing", "16"),
        ("I (34F) just lost my job", "34"),
        ("as a 45 year old teacher I should know", "45"),
        ("I'm 300 years old", None),
        ("I'm 8 months pregnant", None),
        ("I owe 45 dollars", None),
        ("I'm 100% sure", None),
    ],
)
def test_an_age_is_heard_only_where_one_is_told(reader: Reader, text: str, age: str | None) -> None:
    told = reader.volunteered(text).values.get("age")
    assert (told.said.reveal() if told else None) == age


def test_corrections_are_recognised(reader: Reader) -> None:
    reading = reader.volunteered("Sorry, I meant I'm 42")
    assert reading.correction
    assert reading.values["age"].said.reveal() == "42"


def test_choices_of_other_days_are_none(reader: Reader) -> None:
    assert reader.choice("age", "18-24") is not None
    assert reader.choice("age", "0-17") is None
    assert reader.choice("shoe_size", "42") is None
    assert reader.value("shoe_size", "42") is None


def test_a_question_is_no_profession(reader: Reader) -> None:
    assert reader.reply("profession", "what do you mean?").values == {}
    assert reader.reply("profession", "x" * 500).values == {}


def test_very_long_text_is_read_in_part_and_quickly(reader: Reader) -> None:
    reading = reader.volunteered("I'm 34. " + "word " * 200_000)
    assert reading.values["age"].said.reveal() == "34"
