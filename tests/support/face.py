"""One small interface over every face, so that the same conversations run on all of them.

``seen`` gives what a person sees, as the JSON lines of ``raise-bot chat --json`` have it: ``kind``, ``text``,
``place``, ``private``, ``attribute``, ``choices`` (ids and labels), ``used``.
"""

from __future__ import annotations

from typing import Protocol, TypedDict


class Seen(TypedDict, total=False):
    kind: str
    text: str
    place: str
    private: bool
    attribute: str
    choices: list[dict[str, str]]
    used: list[str]
    resources: list[dict[str, str | None]]


class Face(Protocol):
    """Each call returns when the bot has finished with it."""

    async def say(self, user: str, text: str, place: str = "dm", *, event: str | None = None) -> None: ...

    async def choose(self, user: str, choice: str) -> None: ...

    async def command(self, user: str, words: str) -> None: ...

    async def seen(self, user: str) -> list[Seen]: ...

    async def advance(self, seconds: float) -> None: ...
