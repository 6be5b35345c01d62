"""Tests beside the policy: every step does one thing, and every name in them exists."""

from __future__ import annotations

from collections.abc import Iterator

from bot.policy.diagnostics import Diagnostic, did_you_mean
from bot.policy.nodes import Step
from bot.policy.parts import BESIDE_RULES, Read, error
from bot.policy.schema import Policy
from bot.policy.trials import NOWHERE, Expected, Trials, TrialStep


def check_trials(read: Read[Trials], policy: Policy) -> Iterator[Diagnostic]:
    if read.part is None:
        return
    names: set[str] = set()
    for number, trial in enumerate(read.part.tests):
        if trial.name in names:
            message, hint = f"a test named {trial.name!r} is there already", "give each a name of its own"
            yield error(read.document, ("tests", number, "name"), message, hint, "duplicate")
        names.add(trial.name)
        if all(step.expect is None or not step.expect.written for step in trial.steps):
            message, hint = "this test expects nothing", "write `expect:` below at least one step"
            yield error(read.document, ("tests", number, "name"), message, hint, "empty-test")
        for place, step in enumerate(trial.steps):
            yield from _step(read, ("tests", number, "steps", place), step, policy)


def _step(read: Read[Trials], path: tuple[Step, ...], step: TrialStep, policy: Policy) -> Iterator[Diagnostic]:
    if len(step.actions) != 1:
        message = f"a step does one thing, this one has {' and '.join(step.actions) or 'none'}"
        yield error(read.document, path, message, "write one of say, choose, command, wait", "step")
    elif step.wait is not None and step.expect is not None:
        message, hint = "nothing happens while time passes", "expect it of the next step"
        yield error(read.document, (*path, "expect"), message, hint, "step")
    if step.expect is not None:
        yield from _expected(read, (*path, "expect"), step.expect, policy)


def _expected(read: Read[Trials], path: tuple[Step, ...], expected: Expected, policy: Policy) -> Iterator[Diagnostic]:
    attributes = policy.defaults.attributes
    named = [(("asked",), expected.asked)] if expected.asked is not None else []
    places: list[tuple[tuple[Step, ...], str]] = [*named]
    places += [(("used", number), name) for number, name in enumerate(expected.used or ())]
    for place, name in places:
        if name not in attributes:
            message, hint = f"there is no attribute {name!r}", did_you_mean(name, attributes)
            yield error(read.document, (*path, *place), message, hint, "reference")
    domains = (*policy.domains, NOWHERE)
    if expected.domain is not None and expected.domain not in domains:
        message, hint = f"there is no domain {expected.domain!r}", did_you_mean(expected.domain, domains)
        yield error(read.document, (*path, "domain"), message, hint, "reference")
    rules = (*(rule.id for risk in policy.risk.values() for rule in risk.rules), *BESIDE_RULES)
    if expected.rule is not None and expected.rule not in rules:
        message, hint = f"there is no rule {expected.rule!r}", did_you_mean(expected.rule, rules)
        yield error(read.document, (*path, "rule"), message, hint, "reference")
