"""The shipped policy, loaded once, and variations of it."""

from __future__ import annotations

from functools import cache
from typing import Any

from bot.assembly.rulebook import Rulebook
from bot.policy.folder import find_folder
from bot.policy.loader import load
from bot.policy.schema import Policy
from bot.settings import Settings


@cache
def shipped() -> Policy:
    return load(find_folder(environment={}))


def varied(**defaults: Any) -> Policy:
    """The shipped policy with other values in defaults.yaml: ``varied(budget={"questions": 1})``."""
    policy = shipped()
    parts = {name: getattr(policy.defaults, name).model_copy(update=values) for name, values in defaults.items()}
    changed = policy.defaults.model_copy(update=parts)
    return policy.model_copy(update={"defaults": changed, "id": f"{policy.id}-{sorted(defaults.items())!r}"})


@cache
def rulebook(*, model_reads: bool) -> Rulebook:
    """The shipped policy's rules, compiled once for all tests."""
    return Rulebook.of(Settings(), model_reads=model_reads)


def reloading(settings: Settings) -> Rulebook:
    """Of a folder that is read again while it serves; what it has in common with the shipped one is not compiled anew,
    which takes a second or more."""
    book = Rulebook.reloading(settings, model_reads=False)
    book.put(rulebook(model_reads=False).current())
    book.put(book.build(book.policy()))
    return book
