"""Exactly once: what was sent already, also by a process that died.

Every message carries its :class:`bot.chat.Outbound` id as metadata, so Slack itself remembers. Reading it back costs a
call that is throttled, so it is done only when an earlier process may have sent the message: not for a turn whose event
this process was the first to claim, nor for an event too young for its owner to have been given up for dead, unless the
core says that it may have died of this very message.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

from adapters.slack import ids
from adapters.slack.calls import Block
from adapters.slack.nodes import Node, at, children, text
from adapters.slack.recent import Recent
from bot.chat import Delivered, Outbound
from bot.clock import Clock, Seconds
from bot.recent import RECENT

EVENT_TYPE: Final = "raise_bot"
_SKEW: Final[Seconds] = 5.0
"""Slack's clock and ours may differ by this much."""


def metadata(message: str, part: int, *, last: bool) -> Block:
    """``message`` is an Outbound's id; ``part`` counts from 0."""
    return {"event_type": EVENT_TYPE, "event_payload": {"id": message, "part": part, "last": last}}


@dataclass(frozen=True, slots=True)
class Trace:
    """What of one message can be read back: ``parts`` (number -> ts), ``complete`` once the last is there, and messages
    of ours without metadata: streams that were cut off."""

    parts: dict[int, str]
    complete: bool
    cut_off: tuple[str, ...]
    files: frozenset[str]


NOTHING: Final = Trace({}, complete=False, cut_off=(), files=frozenset())


def trace(messages: list[Node], message: str, bot_user: str) -> Trace:
    """Look for the message in a piece of history."""
    parts: dict[int, str] = {}
    complete = False
    cut_off: list[str] = []
    files: set[str] = set()
    for each in messages:
        if text(each, "user") != bot_user:
            continue
        names = [text(file, "name") for file in children(each, "files")]
        files.update(names)
        if text(each, "metadata", "event_type") != EVENT_TYPE:
            if not names and not text(each, "subtype"):
                cut_off.append(text(each, "ts"))
            continue
        if text(each, "metadata", "event_payload", "id") == message:
            number = at(each, "metadata", "event_payload", "part")
            parts[number if isinstance(number, int) else 0] = text(each, "ts")
            complete = complete or at(each, "metadata", "event_payload", "last") is True
    return Trace(parts, complete, tuple(cut_off), frozenset(files))


class Deliveries:
    """The memory of one process."""

    def __init__(self, clock: Clock, takeover_after: Seconds) -> None:
        """``takeover_after``: the engine does not give a turn to another process sooner than this after its event."""
        self._clock = clock
        self._started_at = clock.now()
        self._takeover_after = takeover_after
        self._claimed: Recent[str, None] = Recent(RECENT)
        self._done: Recent[str, Delivered] = Recent(RECENT)
        self._unclear: Recent[str, None] = Recent(RECENT)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def claimed(self, turn: str) -> None:
        """This process was the first to claim the turn's event."""
        self._claimed.put(turn, None)

    def one_at_a_time(self, message: str) -> asyncio.Lock:
        """Two calls for the same message (a crisis met twice at the same time) must not both send it."""
        return self._locks.setdefault(message, asyncio.Lock())

    def done(self, message: str) -> Delivered | None:
        return self._done.get(message)

    def finish(self, message: str, delivered: Delivered) -> Delivered:
        self._unclear.drop(message)
        return self._done.put(message, delivered)

    def unclear(self, message: str) -> None:
        """An attempt ended without an answer: it may have been sent."""
        self._unclear.put(message, None)

    def must_look_back(self, message: Outbound) -> bool:
        """Whether the message may have been sent before without this process knowing."""
        if message.again or message.id in self._unclear:
            return True
        if message.turn in self._claimed:
            return False
        began = ids.began_at(message.turn)
        if began is None or began < self._started_at + _SKEW:
            return True
        return self._clock.now() - began > self._takeover_after
