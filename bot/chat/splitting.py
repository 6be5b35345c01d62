"""Long texts in pieces that a platform takes, cut where a reader would pause."""

from __future__ import annotations

import re
from typing import Final

_FENCE: Final = "```"
_FENCED_LINE: Final = re.compile(r"^```", re.MULTILINE)


def cut(text: str, limit: int) -> str:
    """At most ``limit`` characters, the last an ellipsis where something was left out."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def split(text: str, limit: int) -> list[str]:
    """One or more pieces of at most ``limit`` characters, cut between paragraphs where possible, else lines, sentences,
    words.

    Joined, they give the text again, save for white space at the cuts and code fences closed and opened again there.
    A cut depends on the first ``limit`` characters alone, so pieces of a growing text stay as they are once full.
    """
    parts: list[str] = []
    rest = text
    while len(rest) > limit:
        at = cut_at(rest, limit - len(_FENCE) - 1)
        part, rest = rest[:at].rstrip(), rest[at:].lstrip("\n")
        if len(_FENCED_LINE.findall(part)) % 2:
            part, rest = f"{part}\n{_FENCE}", f"{_FENCE}\n{rest}"
        if part.strip():
            parts.append(part)
    if rest.strip() or not parts:
        parts.append(rest)
    return parts


def cut_at(text: str, limit: int) -> int:
    """Where to cut so that at most ``limit`` characters come before: after the last paragraph, line, sentence or word
    that leaves a piece worth sending."""
    for mark in ("\n\n", "\n", ". ", " "):
        at = text.rfind(mark, limit // 4, limit)
        if at > 0:
            return at + len(mark)
    return limit
