"""Parsing is fail-closed: what is not the shape, whole and strict, is refused."""

from __future__ import annotations

import json
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from bot.errors import MalformedReply
from bot.llm.provider import Message, Prompt, Purpose, Reply, Role, Usage
from bot.llm.structured import Fitting, Flaws, Schema, ask_structured, parse, schema_of
from bot.private import Private


class Bucket(StrEnum):
    LOW = "low"
    HIGH = "high"


class Found(BaseModel):
    bucket: Bucket
    sure: float = Field(default=1.0, ge=0, le=1)


class Values(BaseModel):
    found: list[Found]
    note: str | None = Field(default=None, description="anything else")


GOOD = '{"found": [{"bucket": "low", "sure": 0.5}], "note": null}'


@pytest.mark.parametrize(
    "text", [GOOD, f"  {GOOD}\n", f"```json\n{GOOD}\n```", f"```\n{GOOD}```", f"\n```json\r\n{GOOD}\n```\n"]
)
def test_takes_the_shape_and_one_fence(text: str) -> None:
    assert parse(text, Values) == Fitting(Values(found=[Found(bucket=Bucket.LOW, sure=0.5)]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "4",
        f"Here you are: {GOOD}",
        f"{GOOD} Does that help?",
        f"{GOOD}{GOOD}",
        f"```json\n{GOOD}",
        f"```json\n```json\n{GOOD}\n```\n```",
        f"```yaml\n{GOOD}\n```",
        '{"found": [{"bucket": "low"}], "other": 1}',
        '{"found": [{"bucket": "low", "other": 1}]}',
        '{"found": [{"bucket": "Low"}]}',
        '{"found": [{"bucket": "low", "sure": "0.5"}]}',
        '{"found": [{"bucket": "low", "sure": true}]}',
        '{"found": [{"bucket": "low", "sure": NaN}]}',
        '{"found": [{"bucket": "low", "sure": 1e999}]}',
        '{"found": [{"bucket": "low", "sure": 2}]}',
        '{"found": [], "found": []}',
        '{"found": {}}',
        "{'found': []}",
        '{"found": [],}',
        "[" * 100_000,
        '{"found": [{"bucket": "low"',
    ],
)
def test_refuses_everything_else(text: str) -> None:
    assert isinstance(parse(text, Values), Flaws)


@given(st.text() | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_never_raises(text: str) -> None:
    assert isinstance(parse(text, Values), Fitting | Flaws)


def test_names_places_but_not_what_stood_there() -> None:
    flaws = parse('{"found": [{"bucket": "her secret"}], "her secret": "her secret"}', Values)
    assert flaws == Flaws(("found.0.bucket: enum", "?: extra forbidden"))


def test_a_schema_is_strict_all_the_way_down() -> None:
    assert schema_of(Values) == {
        "type": "object",
        "properties": {
            "found": {"type": "array", "items": {"$ref": "#/$defs/Found"}},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "anything else"},
        },
        "required": ["found", "note"],
        "additionalProperties": False,
        "$defs": {
            "Bucket": {"enum": ["low", "high"], "type": "string"},
            "Found": {
                "type": "object",
                "properties": {
                    "bucket": {"$ref": "#/$defs/Bucket"},
                    "sure": {"type": "number", "description": "(maximum: 1, minimum: 0)"},
                },
                "required": ["bucket", "sure"],
                "additionalProperties": False,
            },
        },
    }


def test_a_shape_with_open_keys_cannot_be_asked_for() -> None:
    class Open(BaseModel):
        by_name: dict[str, int]

    with pytest.raises(TypeError, match=r"Open\.by_name"):
        schema_of(Open)


class Model:
    """Gives its texts in order and keeps the prompts."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.prompts: list[Prompt] = []

    async def __call__(self, prompt: Prompt, schema: Schema) -> Reply:
        self.prompts.append(prompt)
        return Reply(Private(self.texts.pop(0)), "model-1", Usage(10, 5, 0.25))


PROMPT = Prompt(Purpose.EXTRACT, "Extract.", (Message(Role.USER, Private("I sleep badly.")),))


async def test_the_schema_is_asked_for_in_words_too() -> None:
    model = Model(GOOD)
    answer = await ask_structured(model, PROMPT, Values)
    assert answer.usage == Usage(10, 5, 0.25)
    assert model.prompts[0].system.startswith("Extract.\n\n")
    assert '"additionalProperties": false' in model.prompts[0].system
    assert model.prompts[0].messages == PROMPT.messages


async def test_a_repair_shows_the_model_its_reply_and_the_flaws() -> None:
    model = Model('{"found": 3}', GOOD)
    answer = await ask_structured(model, PROMPT, Values)
    assert answer.usage == Usage(20, 10, 0.5, calls=2)
    *before, said, wish = model.prompts[1].messages
    assert tuple(before) == PROMPT.messages
    assert (said.role, said.text.reveal()) == (Role.ASSISTANT, '{"found": 3}')
    assert wish.role is Role.USER
    assert "found: list type" in wish.text.reveal()


async def test_there_is_only_one_repair() -> None:
    model = Model("no", "still no", GOOD)
    with pytest.raises(MalformedReply, match="model-1 was asked for JSON in the shape Values"):
        await ask_structured(model, PROMPT, Values)
    assert model.texts == [GOOD]
