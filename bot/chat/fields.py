"""Reading one JSON object that somebody sent: every key known, every type checked, every problem said in words.

Used by the faces that take JSON (web, terminal). Messages of errors name keys and types, never what a person wrote.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from bot.errors import InputError

_TYPES: Final[dict[type, str]] = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


def read_object(raw: bytes) -> Mapping[str, object]:
    """UTF-8 JSON (a byte order mark is allowed) holding one object. Raises InputError."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"expected UTF-8 text, got byte 0x{raw[error.start]:02x} at {error.start}") from None
    if not text.strip():
        raise InputError('expected a JSON object such as {"user":"u1","text":"..."}, got nothing')
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"expected JSON, got something else at character {error.pos}: {error.msg}") from None
    except (ValueError, RecursionError):
        raise InputError("expected JSON, got a number too long or a nesting too deep") from None
    if not isinstance(value, dict):
        raise InputError(f"expected a JSON object, got {_TYPES[type(value)]}")
    return value


class Fields:
    """The keys of one object. Each reader raises InputError with the key's name, what was expected and what came."""

    def __init__(self, values: Mapping[str, object], allowed: tuple[str, ...]) -> None:
        self._values = values
        for key in values:
            if key not in allowed:
                raise InputError(_unknown(key, allowed))

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str, default: str | None = None, limit: int | None = None) -> str:
        """Text of at most ``limit`` characters. What no store can keep (NUL, half a surrogate pair) is replaced."""
        value = self._values.get(name)
        if value is None:
            if default is None:
                raise InputError(f'missing key "{name}": expected text')
            return default
        if not isinstance(value, str):
            raise InputError(f'key "{name}": expected text, got {_TYPES[type(value)]}')
        if limit is not None and len(value) > limit:
            raise InputError(f'key "{name}": expected at most {limit} characters, got {len(value)}')
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def number(self, name: str) -> float:
        """A finite number."""
        value = self._values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f'key "{name}": expected a number, got {_TYPES[type(value)]}')
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise InputError(f'key "{name}": expected a finite number')
        return number


def _unknown(key: str, allowed: tuple[str, ...]) -> str:
    near = get_close_matches(key[:40], allowed, n=1)
    hint = f'did you mean "{near[0]}"?' if near else "known keys are " + ", ".join(allowed)
    return f"unknown key {json.dumps(key[:40])}: {hint}"
