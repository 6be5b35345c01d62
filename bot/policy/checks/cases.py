"""The review desk: every queue there is can be reached, every route leads somewhere, every time is sensible."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise

from bot.policy.cases import CasesPolicy, ChannelPolicy
from bot.policy.diagnostics import Diagnostic, did_you_mean
from bot.policy.document import Document
from bot.policy.durations import seconds
from bot.policy.nodes import Step
from bot.policy.parts import BESIDE_RULES, KEY, Parts, error, warning


def check_cases(parts: Parts) -> Iterator[Diagnostic]:
    read = parts.cases
    if read is None or read.part is None:
        return
    document, cases = read.document, read.part
    yield from _queues(document, cases)
    yield from _routes(document, cases)
    if parts.complete:
        yield from _rules(document, cases, [rule.id for risk in parts.risk if risk.part for rule in risk.part.rules])
    yield from _channels(document, cases)
    yield from _times(document, cases)
    if parts.defaults is not None and parts.defaults.part is not None:
        idle = parts.defaults.part.retention.conversation
        if seconds(cases.take_over) > seconds(idle):
            message = f"a conversation is forgotten after {idle}, and that a moderator took it over with it"
            hint = "not longer than retention.conversation of the defaults"
            yield error(document, ("take_over",), message, hint, "limits")


def _queues(document: Document, cases: CasesPolicy) -> Iterator[Diagnostic]:
    for name, queue in cases.queues.items():
        onward = queue.escalates_to
        if onward is not None and onward not in cases.queues:
            message, hint = f"there is no queue {onward!r}", did_you_mean(onward, cases.queues)
            yield error(document, ("queues", name, "escalates_to"), message, hint, "reference")
        elif _in_a_circle(name, cases):
            message = f"escalating from {name!r} comes back to it"
            hint = "the last queue escalates to nobody"
            yield error(document, ("queues", name, "escalates_to"), message, hint, "cycle")


def _in_a_circle(name: str, cases: CasesPolicy) -> bool:
    seen: set[str] = set()
    at = cases.queues[name].escalates_to
    while at in cases.queues and at not in seen:
        if at == name:
            return True
        seen.add(at)
        at = cases.queues[at].escalates_to
    return False


def _routes(document: Document, cases: CasesPolicy) -> Iterator[Diagnostic]:
    last = len(cases.routes) - 1
    for number, route in enumerate(cases.routes):
        if route.queue not in cases.queues:
            message, hint = f"there is no queue {route.queue!r}", did_you_mean(route.queue, cases.queues)
            yield error(document, ("routes", number, "queue"), message, hint, "reference")
        if not route.conditions and number < last:
            message = "this route matches everything, so none below is ever reached"
            yield error(document, ("routes", number), message, "move it to the end, or give it a condition", "routes")
        yield from _workspaces(document, ("routes", number), route.workspaces)
    if cases.routes[last].conditions:
        message = "what no route matches would reach nobody"
        yield error(document, ("routes", last), message, "add a last route with nothing but a queue", "routes")


def _rules(document: Document, cases: CasesPolicy, rules: Collection[str]) -> Iterator[Diagnostic]:
    known = (*rules, *BESIDE_RULES)
    for number, route in enumerate(cases.routes):
        for index, name in enumerate(route.rules):
            if name not in known:
                message, hint = f"there is no rule {name!r}", did_you_mean(name, known)
                yield error(document, ("routes", number, "rules", index), message, hint, "reference")


def _workspaces(document: Document, path: tuple[Step, ...], workspaces: tuple[str, ...]) -> Iterator[Diagnostic]:
    for index, workspace in enumerate(workspaces):
        platform, _, name = workspace.partition(":")
        if not platform or not name:
            place = (*path, "workspaces", index)
            yield error(document, place, f"{workspace!r} is no workspace", "written platform:workspace", "reference")


def _channels(document: Document, cases: CasesPolicy) -> Iterator[Diagnostic]:
    for number, line in enumerate(cases.channels):
        for index, queue in enumerate(line.queues):
            if queue not in cases.queues:
                message, hint = f"there is no queue {queue!r}", did_you_mean(queue, cases.queues)
                yield error(document, ("channels", number, "queues", index), message, hint, "reference")
        yield from _workspaces(document, ("channels", number), line.workspaces)
        if any(_covers(earlier, line) for earlier in cases.channels[:number]):
            message = "a line above takes everything that this one would"
            hint = "the first that matches wins: put the narrower one first"
            yield error(document, ("channels", number), message, hint, "routes")


def _covers(earlier: ChannelPolicy, line: ChannelPolicy) -> bool:
    def wider(mine: Collection[str], theirs: Collection[str]) -> bool:
        return not mine or (bool(theirs) and set(theirs) <= set(mine))

    def places(each: ChannelPolicy) -> Collection[str]:
        return each.workspaces or (each.channel.rpartition(":")[0],)

    return (
        wider(earlier.severities, line.severities)
        and wider(earlier.queues, line.queues)
        and wider(places(earlier), places(line))
    )


def _times(document: Document, cases: CasesPolicy) -> Iterator[Diagnostic]:
    deadlines = [(name, seconds(getattr(cases.deadlines, name))) for name in ("imminent", "high", "concern")]
    for (graver, sooner), (name, later) in pairwise(deadlines):
        if sooner > later:
            message = f"{graver} cases may wait longer than {name} ones"
            yield warning(document, ("deadlines", graver), message, "the graver, the sooner", "limits")
    if seconds(cases.claim) > seconds(cases.deadlines.high):
        message = "one who claims a case and goes home holds it past its deadline"
        yield warning(document, ("claim",), message, "shorter than the deadlines; claims can be extended", "limits")
    if seconds(cases.undo) > seconds(cases.watch):
        message = "a watched case would come back before its decision is final"
        yield error(document, ("undo",), message, "shorter than watch", "limits")
    if seconds(cases.undo) > 86_400:
        yield warning(document, ("undo",), "decisions stay open for days", "5m is usual", "limits")
    for name in set(cases.queues) - {route.queue for route in cases.routes}:
        if all(queue.escalates_to != name for queue in cases.queues.values()):
            yield warning(document, ("queues", name, KEY), f"nothing leads to the queue {name!r}", "route it", "routes")
