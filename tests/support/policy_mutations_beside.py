"""Mistakes on purpose in what stands beside domains and risks: tests, places, and the routing of cases."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import pairwise

from bot.policy.nodes import Scalar, Sequence
from tests.support.policy_sources import Mutant, Site, Source, typo

CONDITIONS = (
    ('locale.startsWith("de"', "at character"),
    ("hour > 'late'", "at character"),
    ('lcoale == "de"', "there is no value 'lcoale'"),
    ("open('/etc/passwd')", "at character"),
    ("hour", "at character"),
)


def dangling_names(source: Source, chance: random.Random) -> Iterator[Mutant]:
    """Names of attributes, domains, rules and queues that are defined in another file, or further up."""
    for site in source.sites:
        name = _name(source, site)
        if name is not None:
            wrong = typo(name.text, chance)
            yield source.swap("dangling", name, wrong, f"{wrong!r}")


def _name(source: Source, site: Site) -> Scalar | None:
    if source.file.startswith("tests/"):
        named = site.path[-1] in ("asked", "domain", "rule") or site.path[-2:-1] == ("used",)
    elif source.file == "places.yaml":
        if site.path[-2:-1] == ("prices",):
            return site.key
        named = site.path[-2:-1] in (("never_ask",), ("domains",))
    elif source.file.startswith("cases/"):
        named = site.path[-1] in ("queue", "escalates_to") or site.path[-2:-1] == ("rules",)
    else:
        return None
    node = site.node
    known = isinstance(node, Scalar) and source.plain(node) and node.text not in ("null", "none")
    return node if named and known and isinstance(node, Scalar) else None


def steps_of_two_minds(source: Source, chance: random.Random) -> Iterator[Mutant]:
    """A step that does two things, one that does nothing, one that expects something of time passing."""
    del chance
    for site, key, value in source.values():
        if not source.file.startswith("tests/") or "steps" not in site.path:
            continue
        line, place = source.lines[key.line - 1], key.line
        indent = " " * (key.column - 1)
        if key.text in ("say", "choose") and line.strip() == f"- {key.text}: {value.text}":
            yield Mutant(
                f"two-{place}", source.file, place, (line, f"{indent}command: /pause"), place, "does one thing"
            )
            yield source.swap(f"other-{key.text}", key, "place", "channel")
        if key.text == "wait":
            expecting = (line, f"{indent}expect: {{crisis: false}}")
            yield Mutant(f"wait-{place}", source.file, place, expecting, place + 1, "nothing happens while time passes")


def tests_of_one_name(source: Source, chance: random.Random) -> Iterator[Mutant]:
    del chance
    names = [value for site, key, value in source.values() if key.text == "name" and len(site.path) == 3]
    for first, other in pairwise(names):
        if source.file.startswith("tests/"):
            yield source.swap("same-name", other, first.text, "is there already")


def forms(source: Source, chance: random.Random) -> Iterator[Mutant]:
    """Durations, workspaces, languages and places that are not written as such."""
    del chance
    wrong = {"wait": "soon", "workspace": "slack", "locale": "English", "place": "hallway", "where": "hallway"}
    wrong |= {"claim": "15 minutes", "deadline": "1 hour", "imminent": "15"}
    for _, key, value in source.values():
        if key.text in wrong and source.file.partition("/")[0] in ("tests", "cases", "places.yaml"):
            yield source.swap(f"form-{key.text}", value, wrong[key.text], "expect")
    for site in source.sites:
        if site.path[-2:-1] == ("workspaces",) and isinstance(site.node, Scalar) and not site.node.plain:
            quoted = Scalar(f'"{site.node.text}"', True, site.node.line, site.node.column)
            yield source.swap("form-workspace", quoted, "T1", "workspace")


def conditions(source: Source, chance: random.Random) -> Iterator[Mutant]:
    del chance
    for site, key, value in source.values():
        if source.file == "places.yaml" and key.text == "when" and len(site.path) == 3:
            for number, (wrong, told) in enumerate(CONDITIONS):
                yield source.swap(f"condition-{number}", value, wrong, told)


def order(source: Source, chance: random.Random) -> Iterator[Mutant]:
    """Lines that take everything, before the last; the last with a condition; queues in a circle."""
    del chance
    for site in source.sites:
        if isinstance(site.node, Sequence) and site.path in (("places",), ("routes",)):
            first = site.node.items[0]
            line, indent = source.lines[first.line - 1], " " * (first.column - 3)
            everything = f"{indent}- id: everywhere" if site.path == ("places",) else f"{indent}- queue: team"
            yield Mutant(f"all-{first.line}", source.file, first.line, (everything, line), first.line, "ever reached")
        if site.path[-1:] == ("title",) and site.path[0] == "queues" and isinstance(site.node, Scalar):
            line, owner = source.lines[site.node.line - 1], str(site.path[1])
            circle = (line, f"    escalates_to: {owner}")
            if "escalates_to" not in source.lines[site.node.line]:
                told = "comes back to it"
                yield Mutant(f"circle-{owner}", source.file, site.node.line, circle, site.node.line + 1, told)


Family = Callable[[Source, random.Random], Iterator[Mutant]]
BESIDE: tuple[tuple[Family, int], ...] = (
    (dangling_names, 5),
    (steps_of_two_minds, 4),
    (tests_of_one_name, 2),
    (forms, 3),
    (conditions, 5),
    (order, 3),
)
"""Family of mistakes -> at most how many of it in one file."""
