"""How a policy may speak to people: it asks and explains; it never diagnoses and never runs a clinical scale."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.policy.diagnostics import Diagnostic
from bot.policy.document import Document
from bot.policy.nodes import Step
from bot.policy.parts import error, warning

LONGEST_QUESTION: Final = 300

_CONDITION: Final = (
    r"(depress\w*|bipolar|suicidal|mentally ill|psychotic|schizo\w+|borderline|anorexi\w+|bulimi\w+|ptsd|adhd|ocd"
    r"|an? \w+ disorder|an anxiety)"
)
_FORBIDDEN: Final = (
    (re.compile(r"(?<!not a )(?<!no )(?<!never )\bdiagnos\w*", re.I), "a diagnosis"),
    (re.compile(rf"\byou (?:\w+ )?(?:have|are|seem|sound|suffer from)(?: \w+)? {_CONDITION}", re.I), "a diagnosis"),
    (re.compile(r"\b(?:phq|gad)[- ]?\d\b|\bc-?ssrs\b|\bbdi\b|\bhamilton\b|\bmmpi\b", re.I), "a clinical scale"),
    (re.compile(r"\bover the (?:last|past) (?:two|2) weeks\b", re.I), "a clinical scale"),
    (re.compile(r"\bhow often have you been bothered\b", re.I), "a clinical scale"),
    (re.compile(r"\bon a scale (?:of|from)\b", re.I), "a clinical scale"),
)  # fmt: skip


_DROPPED: Final = str.maketrans("", "", "'’.")


def folded(text: str) -> str:
    """Text as it is matched: lower case, no apostrophes, single spaces."""
    return " ".join(text.lower().translate(_DROPPED).split())


def diagnosing(document: Document, path: tuple[Step, ...], text: str, *, question: bool) -> Iterator[Diagnostic]:
    """Problems of a question or a reason as it is put to a person."""
    for pattern, what in _FORBIDDEN:
        found = pattern.search(text)
        if found is not None:
            message = f"{found[0]!r} sounds like {what}"
            yield error(document, path, message, "the bot never diagnoses; ask in everyday words", "diagnosing")
            break
    if question and not any(mark in text for mark in "?？؟;"):
        yield warning(document, path, "this question asks nothing", "end it with a question mark", "question")
    if question and len(text) > LONGEST_QUESTION:
        hint = f"at most {LONGEST_QUESTION} characters read well in a chat"
        yield warning(document, path, f"this question has {len(text)} characters", hint, "question")
