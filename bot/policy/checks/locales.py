"""Phrases: complete in English, spelled as the code asks for them, with the same placeholders in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import Final

from bot.policy.checks.domains import named_after
from bot.policy.checks.wording import diagnosing
from bot.policy.diagnostics import Diagnostic, closest, did_you_mean
from bot.policy.document import Document
from bot.policy.parts import KEY, Parts, error, warning
from bot.policy.phrasebook import PHRASES, translations
from bot.policy.phrases import FALLBACK, PLACEHOLDER
from bot.policy.schema import Locale

_SENTENCE: Final = re.compile(r"[.!?。！？…]+[\"”»)]?(\s|$)")
_CRISIS: Final = tuple(phrase_id for phrase_id in PHRASES if phrase_id.startswith("crisis."))


def check_locales(parts: Parts) -> Iterator[Diagnostic]:
    defaults = parts.defaults.part if parts.defaults is not None else None
    known = frozenset(PHRASES) | translations(defaults)
    seen: dict[str, str] = {}
    for read in parts.locales:
        locale = read.part
        if locale is None:
            continue
        if seen.get(locale.locale, read.document.file) != read.document.file:
            message = f"{locale.locale!r} is already in {seen[locale.locale]}"
            yield error(read.document, ("locale",), message, "one file for each language", "duplicate-id")
        seen.setdefault(locale.locale, read.document.file)
        yield from named_after(read.document, "locale", locale.locale)
        yield from _missing(read.document, locale, known)
        for phrase_id, text in locale.phrases.items():
            if phrase_id not in known and (defaults is not None or not phrase_id.startswith("attributes.")):
                message = f"no phrase is called {phrase_id!r}"
                hint = did_you_mean(phrase_id, known)
                yield error(read.document, ("phrases", phrase_id, KEY), message, hint, "unknown-phrase")
            yield from _phrase(read.document, phrase_id, text)
    if parts.complete and FALLBACK not in seen:
        message = "English is missing: every other language falls back to it"
        yield error(parts.index, ("locales", KEY), message, "list locales/en.yaml", "missing-locale")


def _missing(document: Document, locale: Locale, known: Set[str]) -> Iterator[Diagnostic]:
    if locale.locale == FALLBACK:
        misspelt = {closest(phrase_id, known) for phrase_id in locale.phrases if phrase_id not in known}
        for phrase_id in PHRASES:
            if phrase_id not in locale.phrases and phrase_id not in misspelt:
                message = f"phrase {phrase_id!r} is missing"
                yield error(document, ("phrases", KEY), message, "English must have them all", "missing-phrase")
    elif "-" not in locale.locale:
        for phrase_id in _CRISIS:
            if phrase_id not in locale.phrases:
                message = f"phrase {phrase_id!r} is missing, so people in a crisis get it in English"
                yield warning(document, ("phrases", KEY), message, "translate it", "missing-phrase")


def _phrase(document: Document, phrase_id: str, text: str) -> Iterator[Diagnostic]:
    path = ("phrases", phrase_id)
    if not text.strip():
        yield error(document, path, f"phrase {phrase_id!r} is empty", "write it, or take it out", "empty-phrase")
        return
    there, wanted = set(PLACEHOLDER.findall(text)), PHRASES.get(phrase_id, {})
    for name in sorted(there - set(wanted)):
        message = f"{{{name}}} is nothing that {phrase_id!r} is given"
        yield error(document, path, message, did_you_mean(name, wanted) or "take it out", "placeholder")
    misspelt = {closest(name, wanted) for name in there - set(wanted)}
    for name, optional in wanted.items():
        if name not in there and name not in misspelt and not optional:
            message = f"{{{name}}} is missing from {phrase_id!r}"
            yield error(document, path, message, "people would not be told it", "placeholder")
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        message = "a brace stands alone"
        yield error(document, path, message, "placeholders are written {like_this}", "placeholder")
    if phrase_id in _CRISIS and "resource" in there and _sentences_before(text) > 1:
        message = "{resource} comes after the second sentence"
        yield error(document, path, message, "say within two sentences where help is", "crisis-wording")
    if phrase_id.startswith("attributes.") and phrase_id.endswith((".question", ".reason")):
        yield from diagnosing(document, path, text, question=phrase_id.endswith(".question"))


def _sentences_before(text: str) -> int:
    return len(_SENTENCE.findall(text[: text.index("{resource}")]))
