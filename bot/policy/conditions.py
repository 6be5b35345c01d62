"""Conditions in CEL (Common Expression Language): no side effects, no access to anything but the values given.

The library is imported only when a policy has a condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from bot.policy.diagnostics import did_you_mean

SAMPLE: Final[Mapping[str, str | int]] = {
    "platform": "slack", "workspace": "T1", "channel": "C1", "place": "channel", "locale": "en-US",
    "hour": 12, "weekday": 3,
}  # fmt: skip
"""Every name a condition may use, with a value of its type."""
FUNCTIONS: Final = frozenset(("contains", "startsWith", "endsWith", "matches", "size"))
_OPERATORS: Final = frozenset("+-*/%<>!=&|?:@_[]")
_DEEPEST: Final = 24
"""Brackets within brackets: more than anybody writes, and far from what a parser minds."""


class _Program(Protocol):
    def execute(self, context: dict[str, Any], /) -> Any: ...
    def variables(self) -> list[str]: ...
    def functions(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition. Safe to share."""

    text: str
    _program: _Program

    def holds(self, values: Mapping[str, str | int]) -> bool:
        """Whether it holds for ``values`` (as in SAMPLE). One that fails on them does not hold."""
        try:
            return self._program.execute(dict(values)) is True
        except (ValueError, TypeError, RuntimeError, ArithmeticError):
            return False


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a text is no condition; ``column`` counts from 1 within it."""

    message: str
    hint: str
    column: int = 1


def compiled(text: str) -> Condition | Wrong:
    """Read a condition; every name, function and type in it is checked."""
    depth = _depth(text)
    if depth > _DEEPEST:
        return Wrong(f"brackets are nested {depth} deep", f"at most {_DEEPEST}")
    from cel import compile as compile_cel

    try:
        program: _Program = compile_cel(text)
    except ValueError as problem:
        return _unreadable(str(problem))
    unknown = [name for name in program.variables() if name not in SAMPLE]
    if unknown:
        column = text.find(unknown[0]) + 1
        return Wrong(f"there is no value {unknown[0]!r}", did_you_mean(unknown[0], SAMPLE), max(column, 1))
    calls = [name for name in program.functions() if name not in FUNCTIONS and not _OPERATORS.intersection(name)]
    if calls:
        column = text.find(calls[0]) + 1
        return Wrong(f"there is no function {calls[0]!r}", did_you_mean(calls[0], sorted(FUNCTIONS)), max(column, 1))
    try:
        outcome = program.execute(dict(SAMPLE))
    except (ValueError, TypeError, RuntimeError, ArithmeticError) as problem:
        return Wrong(
            f"it fails: {str(problem).splitlines()[0][:120]}", "compare texts with texts, numbers with numbers"
        )
    if not isinstance(outcome, bool):
        return Wrong(f"it gives {outcome!r}, expected true or false", "such as place == 'channel'")
    return Condition(text, program)


def _unreadable(problem: str) -> Wrong:
    """``ERROR: <input>:1:10: Syntax error: ...`` as place and words."""
    _, found, rest = problem.partition("<input>:1:")
    column, _, message = rest.partition(":")
    words = message.strip().splitlines()[0].removeprefix("Syntax error: ") if found and message.strip() else problem
    place = int(column) if column.isdigit() else 1
    return Wrong(f"not a condition: {words[:100]}", "such as locale.startsWith('de') && hour < 18", place)


def _depth(text: str) -> int:
    deepest = depth = 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth)
    return deepest
