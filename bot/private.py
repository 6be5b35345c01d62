"""Text of people, wrapped so that it does not leak by accident."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

T = TypeVar("T")
HIDDEN: Final = "Private(***)"


class Private(Generic[T]):
    """A value that a log line, a traceback or an f-string cannot show.

    Only adapters (to deliver) and prompts (to ask a model) call :meth:`reveal`.
    Equality and hashing are by value, so that states can be compared.
    """

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    def reveal(self) -> T:
        """The value itself."""
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Private) and self._value == other._value

    def __hash__(self) -> int:
        return hash((Private, self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("Private values are never pickled: seal them with the vault, or reveal them on purpose")
