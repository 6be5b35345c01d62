"""Replies in an agreed shape, parsed so that anything doubtful is refused.

A reply counts only if the whole of it is one JSON value that fits the shape strictly: no words around it (one code
fence may be stripped), no extra or repeated keys, no ``NaN``, no numbers written as text. What does not fit is sent
back once with its faults; after that the call fails with MalformedReply.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Generic, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from bot.errors import MalformedReply
from bot.llm.provider import Message, Prompt, Reply, Role, Structured, Usage
from bot.private import Private

Shape = TypeVar("Shape", bound=BaseModel)

Schema = Mapping[str, object]
"""A JSON schema in the subset that every provider's strict mode accepts. Read only: it is shared."""

Ask = Callable[[Prompt, Schema], Awaitable[Reply]]
"""One request to a model that should answer in the schema; the prompt already says so in words."""

_FENCE: Final = re.compile(r"```(?:json)?[ \t]*\r?\n(.*?)\r?\n?```", re.DOTALL)
_KEPT: Final = frozenset({"type", "enum", "const", "description"})
_SILENT: Final = frozenset({"title", "default", "discriminator"})
_OPEN: Final = frozenset({"patternProperties", "prefixItems", "propertyNames"})
_NO_TEXT: Final = "(no text)"


@dataclass(frozen=True, slots=True)
class Flaws:
    """Why a text is not in the shape: places and kinds, never what stood there."""

    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fitting(Generic[Shape]):
    value: Shape


class Unrepaired(MalformedReply):
    """A reply that did not fit after its repair either; ``usage`` is what both calls cost."""

    def __init__(self, message: str, usage: Usage) -> None:
        super().__init__(message)
        self.usage = usage


async def ask_structured(ask: Ask, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
    """Ask, check, repair at most once. Raises Unrepaired when the repaired reply does not fit either."""
    schema = schema_of(shape)
    asked = in_words(prompt, schema)
    first = await ask(asked, schema)
    match read(first, shape):
        case Fitting(value):
            return Structured(value, first.model, first.usage)
        case Flaws() as flaws:
            second = await ask(repair(asked, first, flaws), schema)
    match read(second, shape):
        case Fitting(value):
            return Structured(value, second.model, first.usage + second.usage)
        case Flaws(problems):
            raise Unrepaired(
                f"{second.model} was asked for JSON in the shape {shape.__name__} and, once more, to repair it: "
                f"{'; '.join(problems)}. Use a model that follows JSON schemas.",
                first.usage + second.usage,
            )


def read(reply: Reply, shape: type[Shape]) -> Fitting[Shape] | Flaws:
    """Check a whole reply; one that was cut off never fits."""
    if not reply.complete:
        return Flaws(("the reply was cut off before its end: answer in fewer words",))
    return parse(reply.text.reveal(), shape)


def parse(text: str, shape: type[Shape]) -> Fitting[Shape] | Flaws:
    """Check a text. Never raises for anything a model may have written."""
    body = text.strip()
    if fenced := _FENCE.fullmatch(body):
        body = fenced[1].strip()
    try:
        json.loads(body, object_pairs_hook=_distinct, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        return Flaws(("expected exactly one JSON object with distinct keys and nothing around it",))
    try:
        return Fitting(shape.model_validate_json(body, strict=True, extra="forbid"))
    except ValidationError as error:
        return Flaws(_problems(error, _names(schema_of(shape))))


def in_words(prompt: Prompt, schema: Schema) -> Prompt:
    """The prompt with the shape asked for in words: some servers take a schema and ignore it in silence."""
    wish = (
        "Answer with exactly one JSON object and nothing else: no words before or after it, no code fence. "
        f"It must fit this JSON schema: {json.dumps(schema, ensure_ascii=False)}"
    )
    return replace(prompt, system=f"{prompt.system}\n\n{wish}" if prompt.system else wish)


def repair(prompt: Prompt, reply: Reply, flaws: Flaws) -> Prompt:
    """The prompt, the unfit reply, and what was wrong with it."""
    said = Message(Role.ASSISTANT, Private(reply.text.reveal().strip() or _NO_TEXT))
    wish = f"That was not in the agreed shape: {'; '.join(flaws.problems)}. Send the corrected JSON object only."
    return replace(prompt, messages=(*prompt.messages, said, Message(Role.USER, Private(wish))))


@lru_cache(maxsize=256)
def schema_of(shape: type[BaseModel]) -> Schema:
    """The shape as a schema that strict modes accept: every key required, no other keys, bounds moved into the
    description (the parser checks them).

    Raises TypeError for shapes with open mappings or tuples, which strict modes cannot express."""
    return _strict(shape.model_json_schema(), shape.__name__)


def _strict(node: Mapping[str, object], where: str) -> dict[str, object]:
    if "$ref" in node and "$defs" not in node:
        return {"$ref": node["$ref"]}
    if _OPEN & node.keys() or isinstance(node.get("additionalProperties"), dict):
        raise TypeError(f"{where}: a mapping or tuple cannot be asked of a model; use a list of named items instead")
    strict: dict[str, object] = {}
    bounds: list[str] = []
    for key, value in node.items():
        match key, value:
            case (("properties" | "$defs"), dict()):
                strict[key] = {name: _strict(child, f"{where}.{name}") for name, child in value.items()}
            case "items", dict():
                strict[key] = _strict(value, f"{where}[]")
            case (("anyOf" | "oneOf" | "allOf"), list()):
                strict["anyOf"] = [_strict(child, where) for child in value]
            case "$ref", _:
                strict[key] = value
            case _ if key in _KEPT:
                strict[key] = value
            case _ if key not in _SILENT | {"required", "additionalProperties"}:
                bounds.append(f"{key}: {value}")
    if node.get("type") == "object":
        properties = node.get("properties")
        strict["properties"] = strict.get("properties", {})
        strict["required"] = list(properties) if isinstance(properties, dict) else []
        strict["additionalProperties"] = False
    if bounds:
        strict["description"] = " ".join((*_described(node), f"({', '.join(bounds)})"))
    return strict


def _described(node: Mapping[str, object]) -> tuple[str, ...]:
    description = node.get("description")
    return (description,) if isinstance(description, str) else ()


def _names(schema: object) -> frozenset[str]:
    """Every key that is ours: only these may appear in a message."""
    if isinstance(schema, list):
        return frozenset[str]().union(*map(_names, schema))
    if not isinstance(schema, Mapping):
        return frozenset()
    properties = schema.get("properties")
    own = frozenset(properties) if isinstance(properties, Mapping) else frozenset[str]()
    return own.union(*map(_names, schema.values()))


def _problems(error: ValidationError, names: frozenset[str]) -> tuple[str, ...]:
    found = []
    for detail in error.errors(include_url=False, include_input=False, include_context=False)[:5]:
        steps = [str(step) if isinstance(step, int) or step in names else "?" for step in detail["loc"]]
        found.append(f"{'.'.join(steps) or 'the whole'}: {detail['type'].replace('_', ' ')}")
    return tuple(found)


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    keys = dict(pairs)
    if len(keys) != len(pairs):
        raise ValueError("a key stands twice")
    return keys


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _refuse(digits)
    return number
