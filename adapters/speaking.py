"""How a face gets what it says on its own, when no turn is there to say it: the policy's phrases, by language."""

from __future__ import annotations

from functools import partial
from typing import Protocol


class Lines(Protocol):
    """A phrase of the policy in force: ``lines("de-AT", "face.sent")``."""

    def __call__(self, locale: str, phrase_id: str, /, **values: object) -> str: ...


class Say(Protocol):
    """A phrase in a language already known: ``say("face.sent")``."""

    def __call__(self, phrase_id: str, /, **values: object) -> str: ...


def speaking(lines: Lines, locale: str) -> Say:
    return partial(lines, locale)
