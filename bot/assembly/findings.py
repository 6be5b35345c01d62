"""What ``raise-bot doctor`` found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """``what`` was looked at; ``state`` is ok, problem or unknown (a person has to look); ``do`` says what to do."""

    what: str
    state: str
    found: str
    do: str = ""
