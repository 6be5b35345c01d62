"""Ids that carry the way back. From a turn's id alone, any process can tell where the person wrote or clicked.

    C1-1700000000.000100                        a message in a channel, or one that begins a thread in a direct message
    D1-1700000000.000300-1700000000.000100      a message in a thread (the thread's root last)
    act~D1-1700000000.000400-1700000000.000100~U1   a click (its own time, and the root of the thread it was made in)

Slack delivers a mention as ``message`` and as ``app_mention``, and either up to four times: all share channel and time
and therefore the id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.clock import Seconds
from bot.identity import Person, Place, Space

_TS: Final = r"\d{1,12}\.\d{1,8}"
_ANCHOR: Final = re.compile(rf"^(?:[a-z]+~)?([CDG][A-Z0-9]*)-({_TS})(?:-({_TS}))?(?:~.*)?$")
_HOME: Final = "home~"
_TS_WHOLE: Final = re.compile(rf"^{_TS}$")


@dataclass(frozen=True, slots=True)
class Anchor:
    """``channel`` and ``ts`` say where and when; ``root`` is the message that begins the thread (``ts`` itself where
    the message begins one)."""

    channel: str
    ts: str
    root: str

    @property
    def direct(self) -> bool:
        return is_direct(self.channel)

    @property
    def opens_thread(self) -> bool:
        """Whether nobody had answered in the thread when this was written."""
        return self.ts == self.root


def is_direct(channel: str) -> bool:
    """Slack's ids of direct messages between two begin with D."""
    return channel.startswith("D")


def is_ts(text: str) -> bool:
    return _TS_WHOLE.match(text) is not None


def message_id(channel: str, ts: str, root: str) -> str:
    return f"{channel}-{ts}" if root in ("", ts) else f"{channel}-{ts}-{root}"


def edit_id(channel: str, ts: str, root: str, edited: str) -> str:
    return f"edit~{message_id(channel, ts, root)}~{edited}"


def action_id(channel: str, ts: str, root: str, user: str) -> str:
    """A click. ``ts`` is the time of the click, ``root`` the thread it was made in; App Home has no ``channel``."""
    return f"act~{message_id(channel, ts, root) if channel else ts}~{user}"


def view_id(view: str, back: str) -> str:
    """A submitted modal. ``back`` is where the question was asked (``D1-ts``), or empty."""
    return f"view~{back}~{view}" if back else f"view~{view}"


def command_id(trigger: str) -> str:
    return f"cmd~{trigger}"


def stop_id(channel: str, ts: str, root: str) -> str:
    return f"stop~{message_id(channel, ts, root)}"


def home_id(user: str, ts: str) -> str:
    return f"{_HOME}{user}~{ts}"


def is_home(turn: str) -> bool:
    """Whether the turn was begun by opening App Home, so that its notice belongs there."""
    return _event(turn).startswith(_HOME)


def anchor_of(turn: str) -> Anchor | None:
    """Where a turn was begun; None for commands, App Home and turns of other origin."""
    match = _ANCHOR.match(_event(turn))
    if match is None:
        return None
    channel, ts, root = match.groups()
    return Anchor(channel, ts, root or ts)


def began_at(turn: str) -> Seconds | None:
    """When a turn was begun, by Slack's clock; None where the id does not say."""
    anchor = anchor_of(turn)
    return seconds(anchor.ts) if anchor else None


def seconds(ts: str) -> Seconds:
    """A Slack timestamp (``1700000000.000100``) as seconds."""
    return float(ts)


def channel_space(channel: str, root: str) -> Space:
    return Space(Place.CHANNEL, f"{channel}/{root}")


def channel_and_root(space: Space) -> tuple[str, str]:
    """The reverse of :func:`channel_space`."""
    channel, _, root = space.id.partition("/")
    return channel, root


def _event(turn: str) -> str:
    parts = turn.split(":", 2)
    return parts[2] if len(parts) == 3 else ""


def turn_of(person: Person, event: str) -> str:
    """The turn that an event begins (as ``Inbound.turn_id``)."""
    return f"{person.platform}:{person.workspace}:{event}"
