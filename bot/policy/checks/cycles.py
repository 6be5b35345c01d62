"""Circles in what refers to what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def cycle(edges: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """One circle, beginning and ending with the same name (``a, b, a``); empty where there is none."""
    done: set[str] = set()
    for start in edges:
        trail: list[str] = []
        found = _walk(start, edges, trail, done)
        if found:
            return found
    return ()


def _walk(name: str, edges: Mapping[str, Sequence[str]], trail: list[str], done: set[str]) -> tuple[str, ...]:
    if name in trail:
        return (*trail[trail.index(name) :], name)
    if name in done:
        return ()
    trail.append(name)
    for following in edges.get(name, ()):
        found = _walk(following, edges, trail, done)
        if found:
            return found
    trail.pop()
    done.add(name)
    return ()
