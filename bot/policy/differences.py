"""What changed between two policies, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.policy.diagnostics import shortened
from bot.policy.schema import Policy

_SHOWN: Final = 3
"""Texts of a list that are quoted; the others are counted."""


def differences(old: Policy, new: Policy) -> tuple[str, ...]:
    """One sentence for each change, in the order of the files; none where both say the same."""
    return tuple(_walk("", _values(old), _values(new)))


def _values(policy: Policy) -> dict[str, object]:
    """The whole policy as plain values; lists of parts with ids become mappings, so that order does not count there."""
    keep = policy.model_dump(mode="json", exclude={"id", "index", "next"})
    if policy.next is not None and policy.index.next is not None:
        keep["next"] = {"policy": policy.next.id, "share": policy.index.next.share}
    return {name: _keyed(value) for name, value in keep.items()}


def _keyed(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _keyed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(each, Mapping) and "id" in each for each in value):
            return {str(each["id"]): _keyed(each) for each in value}
        return [_keyed(each) for each in value]
    return value


def _walk(path: str, old: object, new: object) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys((*old, *new)):
            inner = f"{path}.{name}" if path else str(name)
            if name not in new:
                yield f"{_named(inner)} is gone"
            elif name not in old:
                yield f"{_named(inner)} is new{_brief(new[name])}"
            else:
                yield from _walk(inner, old[name], new[name])
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(path, old, new)
    else:
        yield _changed(path, old, new)


def _lists(path: str, old: Sequence[object], new: Sequence[object]) -> Iterator[str]:
    added, removed = [each for each in new if each not in old], [each for each in old if each not in new]
    for word, texts in (("more", added), ("fewer", removed)):
        if texts:
            shown = ", ".join(repr(shortened(str(each))) for each in texts[:_SHOWN])
            rest = f" and {len(texts) - _SHOWN} others" if len(texts) > _SHOWN else ""
            yield f"{_named(path)}: {len(texts)} {word}: {shown}{rest}"
    if not added and not removed:
        yield f"{_named(path)}: the same in another order"


def _changed(path: str, old: object, new: object) -> str:
    attribute = re.fullmatch(r"(?:domains\.(\w+)|defaults)\.attributes\.(\w+)\.(price|gain|answer_chance)", path)
    if attribute is not None:
        domain, name, key = attribute.groups()
        where = f"in {domain}" if domain else "everywhere else"
        words = {"price": "asking costs", "gain": "knowing it brings", "answer_chance": "the chance of an answer is"}
        return f"{name} {where}: {words[key]} {_value(new)} instead of {_value(old)}"
    return f"{_named(path)}: {_value(new)} instead of {_value(old)}"


def _named(path: str) -> str:
    """``domains.health.questions`` -> ``health: questions``; the parts of the defaults by their keys."""
    top, _, rest = path.partition(".")
    if top in ("domains", "risk", "locales") and "." in rest:
        name, _, key = rest.partition(".")
        return f"{name}: {key}"
    return rest if top == "defaults" and rest else path.replace("_", " ") if not rest else path


def _value(value: object) -> str:
    match value:
        case None:
            return "the default"
        case str():
            return repr(shortened(value))
        case bool():
            return str(value).lower()
        case _:
            return shortened(str(value))


def _brief(value: object) -> str:
    return f": {_value(value)}" if isinstance(value, str | int | float) else ""
