"""pydantic's findings in an operator's words, at the place in the file where they arise."""

from __future__ import annotations

from collections.abc import Iterable
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.policy.diagnostics import Diagnostic, closest, did_you_mean, shortened
from bot.policy.document import Document
from bot.policy.nodes import Step

P = TypeVar("P", bound=BaseModel)
_KEY: Final = "[key]"
_WANTED: Final = {
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
}


def validate(model: type[P], document: Document) -> tuple[P | None, tuple[Diagnostic, ...]]:
    """The part a file describes, or everything that is wrong with it. None with no problems of its own when the file
    could not be parsed at all (the document has said why)."""
    if document.root is None:
        return None, ()
    try:
        return model.model_validate(document.data()), ()
    except ValidationError as error:
        return None, tuple(_diagnostics(model, document, error.errors(include_url=False, include_context=True)))


def _diagnostics(model: type[BaseModel], document: Document, errors: list[ErrorDetails]) -> Iterable[Diagnostic]:
    told = {(problem.line, problem.column) for problem in document.problems}
    unknown = [error["loc"] for error in errors if error["type"] == "extra_forbidden"]
    for error in errors:
        path = error["loc"]
        if error["type"] == "missing" and _misspelt(model, path, unknown):
            continue  # the unknown key beside it says what was meant
        if error["type"] == "too_short" and any(_within(other["loc"], path) for other in errors):
            continue  # what is wrong in the list was not counted
        if document.at(*path) in told or (error["input"] is None and document.key_at(*path) in told):
            continue  # the document has said what is wrong here
        yield _diagnostic(model, document, error)


def _within(inner: tuple[Step, ...], path: tuple[Step, ...]) -> bool:
    return len(inner) > len(path) and inner[: len(path)] == path


def _misspelt(model: type[BaseModel], path: tuple[Step, ...], unknown: list[tuple[Step, ...]]) -> bool:
    *above, name = path
    known = known_keys(model, tuple(above))
    return any(list(other[:-1]) == above and closest(str(other[-1]), known) == name for other in unknown)


def _diagnostic(model: type[BaseModel], document: Document, error: ErrorDetails) -> Diagnostic:
    kind, path, given = error["type"], error["loc"], error["input"]
    if path and path[-1] == _KEY:
        *above, name, _ = path
        line, column = document.key_at(*above, name)
        message = f"{shortened(str(name))!r} is not a name allowed here"
        return Diagnostic(document.file, line, column, message, _hint(error, str(name)), code="name")
    if kind == "extra_forbidden":
        line, column = document.key_at(*path)
        known = known_keys(model, path[:-1])
        hint = did_you_mean(str(path[-1]), known)
        if path[-1] == "<<":
            hint = "nothing is merged; write the keys out"
        return Diagnostic(document.file, line, column, f"unknown key {path[-1]!r}", hint, code="unknown-key")
    if kind == "missing":
        line, column = document.key_at(*path[:-1]) if len(path) > 1 else document.at()
        hint = _description(model, path)
        return Diagnostic(document.file, line, column, f"key {path[-1]!r} is missing", hint, code="missing-key")
    line, column = document.at(*path)
    if path == ("schema_version",):
        message = f"schema version {shortened(str(given))} is not known here: {_message(error, given)}"
        return Diagnostic(document.file, line, column, message, "write schema_version: 1", code="schema-version")
    hint = _hint(error, given) or _description(model, path) or "README.md beside the policy lists every key"
    return Diagnostic(document.file, line, column, _message(error, given), hint, code="value")


def _message(error: ErrorDetails, given: object) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in _WANTED:
        return f"expected {_WANTED[kind]}, got {_shown(given)}"
    match kind:
        case "enum" | "literal_error":
            return f"expected {context['expected']}, got {_shown(given)}"
        case "greater_than_equal" | "less_than_equal" | "greater_than" | "less_than":
            word = {"ge": "at least", "le": "at most", "gt": "more than", "lt": "less than"}
            bounds = [f"{word[name]} {limit}" for name, limit in context.items() if name in word]
            return f"expected a number of {' and '.join(bounds)}, got {_shown(given)}"
        case "string_too_short":
            return "this text is empty"
        case "string_too_long":
            return f"this text is too long: at most {context['max_length']} characters"
        case "string_pattern_mismatch":
            return f"{_shown(given)} does not have the form expected here"
        case "too_short":
            return f"expected at least {context['min_length']} items, got {context['actual_length']}"
        case _:
            return error["msg"]


def _hint(error: ErrorDetails, given: object) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "string_type" and given is not None:
        return "put it in quotes" if isinstance(given, bool | int | float) else "one text; quotes keep brackets as text"
    if kind in ("float_type", "int_type") and isinstance(given, str):
        return "write it without quotes" if _numeric(given) else "such as 0.5" if kind == "float_type" else "such as 3"
    if kind == "bool_type" and isinstance(given, str):
        return "write true or false without quotes"
    if kind == "tuple_type":
        return "write it as '- item' on a line of its own, or [item, item]"
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return "indent 'key: value' lines below it"
    if kind in ("enum", "literal_error"):
        options = [part.strip("' ") for part in context["expected"].replace(" or ", ",").split(",")]
        near = closest(str(given), options)
        return f"did you mean {near!r}?" if near and near != str(given) else "write one of these"
    if kind == "string_pattern_mismatch":
        return _FORMS.get(context["pattern"], f"expected {context['pattern']}")
    return ""


_FORMS: Final = {
    r"^[a-z]+(:\S+)?$": "a provider or provider:model, such as anthropic or openai:gpt-5",
    r"^(dm|channel)$": "dm or channel",
    r"^[a-z][a-z0-9_]{0,63}$": "small letters, digits and _, beginning with a letter",
    r"^[1-9][0-9]{0,8}(s|m|h|d)$": "a number and s, m, h or d, such as 30m, 24h or 7d",
    r"^\d{4}-\d{2}-\d{2}$": "a date such as 2026-01-31, or null where nobody has checked",
    r"^[A-Z]{2}$": "two capital letters, such as DE (ISO 3166)",
    r"^[a-z]{2,3}(-[A-Z]{2})?$": "a language such as de or de-AT",
}


def _shown(given: object) -> str:
    match given:
        case None:
            return "nothing"
        case bool():
            return f"{str(given).lower()}"
        case int() | float():
            return f"the number {given}"
        case str():
            return f"the text {shortened(given)!r}"
        case tuple():
            return "a list"
        case _:
            return "keys and values"


def _numeric(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "", 1).isdigit()


def known_keys(model: type[BaseModel], path: tuple[Step, ...]) -> tuple[str, ...]:
    """The keys allowed in the mapping at ``path`` of a file of this kind; empty where the operator chooses them."""
    inner = type_at(model, path)
    return tuple(inner.model_fields) if inner is not None else ()


def type_at(model: type[BaseModel], path: tuple[Step, ...]) -> type[BaseModel] | None:
    current: Any = model
    for step in path:
        current = _bare(current)
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(str(step))
            current = field.annotation if field is not None else None
        else:
            arguments = get_args(current)
            current = arguments[1] if get_origin(current) is dict else arguments[0] if arguments else None
    current = _bare(current)
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None


def _bare(annotation: Any) -> Any:
    """Without Annotated and without None."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = next(a for a in get_args(annotation) if a is not type(None))
    return annotation


def _description(model: type[BaseModel], path: tuple[Step, ...]) -> str:
    owner = type_at(model, path[:-1])
    field = owner.model_fields.get(str(path[-1])) if owner is not None else None
    return (field.description or "") if field is not None else ""
