"""Places: each can be reached, every name in them exists, every condition can be read."""

from __future__ import annotations

from collections.abc import Iterator

from bot.policy.conditions import Wrong, compiled
from bot.policy.diagnostics import Diagnostic, did_you_mean
from bot.policy.document import Document
from bot.policy.nodes import Step
from bot.policy.parts import KEY, Parts, error
from bot.policy.places import PlacePolicy


def check_places(parts: Parts) -> Iterator[Diagnostic]:
    read = parts.places
    if read is None or read.part is None:
        return
    document, places = read.document, read.part.places
    attributes = parts.defaults.part.attributes if parts.defaults is not None and parts.defaults.part else None
    domains = [each.part.id for each in parts.domains if each.part is not None] if parts.complete else None
    seen: set[str] = set()
    for number, place in enumerate(places):
        path: tuple[Step, ...] = ("places", number)
        if place.id in seen:
            message, hint = f"a place {place.id!r} is there already", "give each an id of its own"
            yield error(document, (*path, "id"), message, hint, "duplicate")
        seen.add(place.id)
        if not place.conditions and number < len(places) - 1:
            message, hint = "this place fits everywhere, so none after it is ever reached", "move it to the end"
            yield error(document, path, message, hint, "unreachable")
        if attributes is not None:
            yield from _named(document, path, place, list(attributes))
        if domains is not None:
            for index, name in enumerate(place.domains):
                if name not in domains:
                    message, hint = f"there is no domain {name!r}", did_you_mean(name, domains)
                    yield error(document, (*path, "domains", index), message, hint, "reference")
        yield from _condition(document, path, place)
        yield from _workspaces(document, path, place)


def _named(document: Document, path: tuple[Step, ...], place: PlacePolicy, known: list[str]) -> Iterator[Diagnostic]:
    for name in place.prices:
        if name not in known:
            message, hint = f"there is no attribute {name!r}", did_you_mean(name, known)
            yield error(document, (*path, "prices", name, KEY), message, hint, "reference")
    for index, name in enumerate(place.never_ask):
        if name not in known:
            message, hint = f"there is no attribute {name!r}", did_you_mean(name, known)
            yield error(document, (*path, "never_ask", index), message, hint, "reference")
        elif name in place.prices:
            message, hint = f"{name!r} has a price here, though it is never asked for", "keep one of the two"
            yield error(document, (*path, "never_ask", index), message, hint, "contradiction")


def _condition(document: Document, path: tuple[Step, ...], place: PlacePolicy) -> Iterator[Diagnostic]:
    if place.when is None:
        return
    found = compiled(place.when)
    if isinstance(found, Wrong):
        yield error(
            document, (*path, "when"), f"{found.message} (at character {found.column})", found.hint, "condition"
        )


def _workspaces(document: Document, path: tuple[Step, ...], place: PlacePolicy) -> Iterator[Diagnostic]:
    for index, name in enumerate(place.workspaces):
        platform, colon, rest = name.partition(":")
        if not (platform and colon and rest):
            message, hint = f"{name!r} is not a workspace", "write platform:workspace, such as slack:T1"
            yield error(document, (*path, "workspaces", index), message, hint, "value")
