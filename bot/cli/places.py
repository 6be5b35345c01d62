"""Where something happens, as commands are told it: ``--workspace slack:T1 --channel C1``."""

from __future__ import annotations

from bot.errors import InputError
from bot.identity import DIRECT, Person, Place, Space

_SOMEBODY = "somebody"


def person_at(workspace: str) -> Person:
    """Somebody in ``platform:workspace``. Raises InputError for any other form."""
    platform, colon, name = workspace.partition(":")
    if not (colon and platform and name):
        raise InputError(f"expected a workspace as platform:name, such as slack:T1, got {workspace[:80]!r}")
    return Person(platform, name, _SOMEBODY)


def space_at(channel: str | None) -> Space:
    """The channel, or direct messages where there is none."""
    return DIRECT if channel is None else Space(Place.CHANNEL, channel)
