"""The shipped policy's files as trees with places, so that tests can make mistakes in them on purpose."""

from __future__ import annotations

import random
from collections import abc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.policy.base import Part
from bot.policy.document import Document, parse
from bot.policy.kinds import KINDS
from bot.policy.nodes import Mapping, Node, Scalar, Sequence, Step

Texts = abc.Mapping[str, str]
"""The content of each file, by name."""


@dataclass(frozen=True)
class Mutant:
    """Line ``edited`` of ``file`` is replaced by ``new``; an error is due in ``line`` that says ``told`` and gives a
    hint. Lines count from 1."""

    name: str
    file: str
    edited: int
    new: tuple[str, ...]
    line: int
    told: str

    def applied(self, text: str) -> str:
        lines = text.split("\n")
        return "\n".join([*lines[: self.edited - 1], *self.new, *lines[self.edited :]])


@dataclass(frozen=True)
class Site:
    """A value in a file: its path, its key (None in a list) and what it is."""

    path: tuple[Step, ...]
    key: Scalar | None
    node: Node


PLACES = """\
places:
  - id: students_at_night
    workspaces: ["slack:T1"]
    where: channel
    when: locale.startsWith("de") && (hour >= 20 || weekday > 5)
    questions: 1
    prices: {economic_status: 0.4}
    never_ask: [past_self_harm_history]
    domains: [education, health]
  - id: announcements
    workspaces: ["slack:T1", "discord:42"]
    channels: [C0NEWS]
    questions: 0
  - id: clinic
    when: workspace == "T2"
    prices:
      health_status: 0.1
      age: 0.2
    guidance:
      - The people who write here are patients of the clinic.
"""
"""The shipped policy has no places; these stand beside it."""


class Source:
    """One file and its sites."""

    def __init__(self, file: str, text: str, model: type[Part]) -> None:
        self.file = file
        self.model = model
        self.text = text
        self.lines = self.text.split("\n")
        self.document: Document = parse(self.text, file)
        assert self.document.root is not None
        self.sites = tuple(_sites(self.document.root, ()))

    def plain(self, node: Node) -> bool:
        """Whether it is a scalar without quotes that stands whole in its line."""
        if not isinstance(node, Scalar) or not node.plain or not node.text:
            return False
        return self.lines[node.line - 1][node.column - 1 :].startswith(node.text)

    def values(self) -> Iterator[tuple[Site, Scalar, Scalar]]:
        """Sites of plain scalars that have a key, with the key and the value."""
        for site in self.sites:
            if site.key is not None and isinstance(site.node, Scalar) and self.plain(site.node):
                yield site, site.key, site.node

    def alone(self, key: Scalar, value: Scalar) -> bool:
        """Whether ``key: value`` has its line for itself."""
        return self.lines[key.line - 1].strip() == f"{key.text}: {value.text}"

    def swap(self, name: str, node: Scalar, new: str, told: str) -> Mutant:
        """``new`` instead of ``node``; to be found in the same line."""
        line, start = self.lines[node.line - 1], node.column - 1
        changed = line[:start] + new + line[start + len(node.text) :]
        return Mutant(f"{name}-{node.line}", self.file, node.line, (changed,), node.line, told)


def _sites(node: Node, path: tuple[Step, ...]) -> Iterator[Site]:
    if isinstance(node, Mapping):
        for key, value in node.entries:
            yield Site((*path, key.text), key, value)
            yield from _sites(value, (*path, key.text))
    elif isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            yield Site((*path, number), None, item)
            yield from _sites(item, (*path, number))


def texts(folder: Path) -> dict[str, str]:
    """Every file of the policy with its tests by name, the index first, and PLACES added."""
    index = (folder / "index.yaml").read_text(encoding="utf-8") + "places: places.yaml\n"
    found = {"index.yaml": index}
    for name, _ in _listed(index):
        if name not in (*found, "places.yaml"):
            found[name] = (folder / name).read_text(encoding="utf-8")
    return {**found, "places.yaml": PLACES}


def sources(contents: Texts) -> tuple[Source, ...]:
    """Each of :func:`texts`."""
    listed = [("index.yaml", "index"), *_listed(contents["index.yaml"])]
    return tuple(Source(name, contents[name], KINDS[kind]) for name, kind in listed)


def _listed(index: str) -> list[tuple[str, str]]:
    """The files an index lists, each with its kind."""
    data = parse(index, "index.yaml").data()
    assert isinstance(data, dict)
    kinds = {"domains": "domain", "locales": "locale"}
    found = []
    for key in ("defaults", "domains", "none", "risk", "resources", "locales", "cases", "tests", "places"):
        value = data.get(key)
        names = value if isinstance(value, tuple) else (value,)
        found += [(str(name), kinds.get(key, key)) for name in names if name is not None]
    return found


def typo(word: str, chance: random.Random) -> str:
    """A slip of the finger: a letter doubled, left out or swapped with its neighbour."""
    place = chance.randrange(1, len(word)) if len(word) > 1 else 0
    doubled = word[:place] + word[place] + word[place:]
    if len(word) < 5 or not word[place].isalnum():
        return doubled
    swapped = word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]
    return chance.choice([other for other in (doubled, word[:place] + word[place + 1 :], swapped) if other != word])
