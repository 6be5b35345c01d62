"""Budgets, times and thresholds of defaults.yaml that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.policy.diagnostics import Diagnostic
from bot.policy.durations import seconds
from bot.policy.parts import Read, error, warning
from bot.policy.schema import AbstentionMode, Defaults

_DAY: Final = 86_400
_YEAR: Final = 366 * _DAY


def check_limits(read: Read[Defaults]) -> Iterator[Diagnostic]:
    defaults, document = read.part, read.document
    if defaults is None:
        return
    budget, abstention = defaults.budget, defaults.abstention
    if abstention.mode is not AbstentionMode.PLANNED and budget.model_calls < 2:
        allowed = f"but the budget allows {budget.model_calls}"
        message = f"mode {abstention.mode.value!r} needs a model call before the answer, {allowed}"
        hint = "set model_calls to 2 or more, or abstention.mode to planned"
        yield error(document, ("budget", "model_calls"), message, hint, "budget")
    elif budget.model_calls == 0:
        message = "no model call is allowed: every answer is a prepared text"
        yield warning(document, ("budget", "model_calls"), message, "an answer needs 1", "budget")
    if budget.questions == 0:
        message = "no question is ever asked, so no answer is personal"
        yield warning(document, ("budget", "questions"), message, "1 to 3 are usual", "budget")
    if abstention.mode is not AbstentionMode.PLANNED and abstention.threshold == 0:
        message = "with threshold 0 anything counts as enough"
        yield warning(document, ("abstention", "threshold"), message, "4 is usual", "abstention")
    if defaults.routing.floor == 0:
        message = "with floor 0 every message belongs to some domain"
        yield warning(document, ("routing", "floor"), message, "0.3 is usual", "routing")
    yield from _times(read, defaults)


def _times(read: Read[Defaults], defaults: Defaults) -> Iterator[Diagnostic]:
    document, retention = read.document, defaults.retention
    kept = [(name, seconds(getattr(retention, name))) for name in ("sensitive", "personal", "ordinary")]
    for (name, first), (dearer, second) in zip(kept[1:], kept, strict=False):
        if second > first:
            message = f"{dearer} values are kept longer than {name} ones"
            yield warning(document, ("retention", dearer), message, "the more sensitive, the shorter", "retention")
    for name, length in kept:
        if length > _YEAR or (name == "sensitive" and length > 30 * _DAY):
            message = f"{name} values are kept very long"
            yield warning(document, ("retention", name), message, "shorter serves people better", "retention")
    cooldown = seconds(defaults.crisis.cooldown)
    if cooldown > _DAY:
        message = "somebody in a new crisis on the next day would not be shown where to find help"
        yield warning(document, ("crisis", "cooldown"), message, "30m is usual, 24h the most", "crisis")
    deadline = seconds(defaults.budget.deadline)
    if not 5 <= deadline <= 600:
        message = f"a turn may take {deadline} seconds"
        yield warning(document, ("budget", "deadline"), message, "between 5s and 10m is sensible", "budget")
