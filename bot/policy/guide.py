"""The reference part of the operators' guide, written from the schema: every key, what it takes and what it means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from bot.errors import PolicyError
from bot.policy.kinds import FILES, KINDS, example, json_schema

BEGIN: Final = "<!-- keys: begin (written by `raise-bot policy guide --write`, do not edit) -->"
END: Final = "<!-- keys: end -->"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the language. ``path`` is dotted, ``<name>`` where the operator chooses, ``[]`` for list items."""

    path: str
    value: str
    default: str
    meaning: str


def keys(kind: str) -> tuple[Key, ...]:
    """Every key a file of this kind may hold, from the top down."""
    schema = json_schema(kind)
    return tuple(_walk(schema, schema.get("$defs", {}), ""))


def reference() -> str:
    """Markdown for all kinds of files: a table of keys and an example each."""
    sections = []
    for kind in KINDS:
        lines = [
            f"### {FILES[kind]}",
            "",
            _summary(kind),
            "",
            "| key | value | default | meaning |",
            "| --- | --- | --- | --- |",
        ]
        lines += [f"| `{key.path}` | {key.value} | {key.default} | {key.meaning} |" for key in keys(kind)]
        lines += ["", "```yaml", example(kind).rstrip(), "```"]
        sections.append("\n".join(lines))
    return "\n\n".join(sections)


def updated(page: str) -> str:
    """The guide with its reference part renewed. Raises PolicyError when the markers are missing."""
    start, end = page.find(BEGIN), page.find(END)
    if start < 0 or end < start:
        raise PolicyError(f"expected the lines {BEGIN!r} and {END!r} in the guide; put them where the keys belong")
    return f"{page[: start + len(BEGIN)]}\n\n{reference()}\n\n{page[end:]}"


def _summary(kind: str) -> str:
    text = (KINDS[kind].__doc__ or "").strip().replace("``", "`")
    first = " ".join(text.split("\n\n")[0].split())
    bare = first.removeprefix(f"{FILES[kind]}: ")
    return bare[:1].upper() + bare[1:]


def _walk(node: dict[str, Any], defs: dict[str, Any], prefix: str) -> Iterator[Key]:
    required = set(node.get("required", ()))
    for name, raw in node.get("properties", {}).items():
        bare, optional = _bare(raw, defs)
        path = f"{prefix}{name}"
        default = "required" if name in required else _default(raw, optional)
        yield Key(path, _value(bare, defs), default, _cell(raw.get("description") or bare.get("description", "")))
        yield from _below(bare, defs, path)


def _below(node: dict[str, Any], defs: dict[str, Any], path: str) -> Iterator[Key]:
    inner, _ = _bare(node, defs)
    if "properties" in inner:
        yield from _walk(inner, defs, f"{path}.")
    elif inner.get("type") == "array":
        yield from _below(inner["items"], defs, f"{path}[]")
    elif isinstance(inner.get("additionalProperties"), dict):
        yield from _below(inner["additionalProperties"], defs, f"{path}.<name>")
    elif "patternProperties" in inner:
        for below in inner["patternProperties"].values():
            yield from _below(below, defs, f"{path}.<name>")


def _bare(node: dict[str, Any], defs: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Without reference and without null; the flag says that null is allowed."""
    if "$ref" in node:
        return _bare(defs[node["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in node:
        options = [option for option in node["anyOf"] if option.get("type") != "null"]
        return _bare(options[0], defs)[0], len(options) < len(node["anyOf"])
    return node, False


def _value(node: dict[str, Any], defs: dict[str, Any]) -> str:
    inner, _ = _bare(node, defs)
    if "enum" in inner:
        return ", ".join(f"`{option}`" for option in inner["enum"])
    if "const" in inner:
        return f"`{inner['const']}`"
    if inner.get("type") == "array":
        return "list of " + _plural(_value(inner["items"], defs))
    if "properties" in inner:
        return "keys below"
    if "additionalProperties" in inner or "patternProperties" in inner:
        below = inner.get("additionalProperties") or next(iter(inner["patternProperties"].values()))
        return f"name: {_value(below, defs)}" if isinstance(below, dict) else "names and values"
    return _scalar(inner)


def _scalar(node: dict[str, Any]) -> str:
    match node.get("type"):
        case "string":
            return {
                "^[1-9][0-9]{0,8}(s|m|h|d)$": "duration",
                r"^\d{4}-\d{2}-\d{2}$": "date",
                "^(100|[1-9]?[0-9])%$": "whole percent",
            }.get(node.get("pattern", ""), "text")
        case "boolean":
            return "`true` or `false`"
        case "integer":
            return f"whole number{_bounds(node)}"
        case _:
            return f"number{_bounds(node)}"


def _bounds(node: dict[str, Any]) -> str:
    low = node.get("minimum", node.get("exclusiveMinimum"))
    high = node.get("maximum")
    return "" if low is None or high is None else f" {low} to {high}"


def _plural(value: str) -> str:
    return {"text": "texts", "keys below": "items with the keys below"}.get(value, value)


def _default(raw: dict[str, Any], optional: bool) -> str:
    default = raw.get("default")
    if default is None or optional:
        return "none"
    if isinstance(default, list | dict):
        return "none" if not default else "as below"
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return f"`{text}`" if text else "none"


def _cell(text: str) -> str:
    return " ".join(text.replace("``", "`").replace("|", "\\|").split())
