"""Exactly once: within this process by memory, over a restart by the nonce, and after that by reading back.

Discord recognises a nonce for some minutes. For a turn older than that, which an earlier process may have worked on,
the place is read back from the turn on: what says the same was sent then, and an unfinished answer is finished there.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

from cachetools import LRUCache

from adapters.discord import ids, render, words
from adapters.discord.cards import Card
from adapters.speaking import Say
from bot.chat import Answer, Delivered, Outbound
from bot.clock import Clock, Seconds
from bot.recent import RECENT

_RECOGNISED: Final[Seconds] = 120.0
"""A nonce is enforced for "a few minutes"; this is on the safe side."""
CURSOR: Final = " ▌"
"""Ends an answer that is still being written."""
_FULL: Final = 900
"""A part of an answer without an end of its own is at least this long."""


@dataclass(frozen=True, slots=True)
class Found:
    """One message of ours, read back."""

    id: int
    text: str
    buttons: frozenset[str]


class Deliveries:
    """The memory of one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._claimed: LRUCache[str, None] = LRUCache(RECENT)
        self._done: LRUCache[str, Delivered] = LRUCache(RECENT)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def claimed(self, turn: str) -> None:
        """This process was the first to claim the turn's event."""
        self._claimed[turn] = None

    def one_at_a_time(self, message: str) -> asyncio.Lock:
        """Two calls for the same message (a crisis met twice at the same time) must not both send it."""
        return self._locks.setdefault(message, asyncio.Lock())

    def done(self, message: str) -> Delivered | None:
        return self._done.get(message)

    def finish(self, message: str, delivered: Delivered) -> Delivered:
        self._done[message] = delivered
        return delivered

    def must_look_back(self, message: Outbound) -> bool:
        """Whether the message may have been sent before, so long ago that Discord no longer knows its nonce."""
        if message.turn in self._claimed:
            return False
        anchor = ids.anchor_of(message.turn)
        return anchor is not None and self._clock.now() - ids.moment(anchor.id) > _RECOGNISED


def sent_before(found: list[Found], shown: tuple[Card, ...]) -> int | None:
    """The last part, if messages that say the same as ``shown`` are all there."""
    last = None
    for card in shown:
        buttons = frozenset(control.tag.write() for row in card.rows for control in row)
        match = next(
            (each.id for each in found if each.buttons == buttons and (card.panel or each.text == card.text)), None
        )
        if match is None or (card.panel and not buttons):
            return None
        last = match
    return last


def parts_of_answer(found: list[Found], say: Say) -> tuple[list[Found], bool]:
    """The parts of the last answer among the messages, oldest first, and whether it was complete."""
    footer = f"\n{render.SUBTEXT}{say(words.FOOTER)}"
    plain = [each for each in found if all(map(_asks_nothing, each.buttons))]
    ends = [n for n, each in enumerate(plain) if each.text.endswith(CURSOR) or footer in each.text]
    if not ends:
        return [], False
    start = ends[-1]
    while start > 0 and len(plain[start - 1].text) >= _FULL and start - 1 not in ends:
        start -= 1
    return plain[start : ends[-1] + 1], footer in plain[ends[-1]].text


def _asks_nothing(custom_id: str) -> bool:
    """Whether it only asks if an answer helped."""
    tag = ids.Tag.read(custom_id)
    return tag is not None and tag.press is ids.Press.HELPED


def is_answer(message: Outbound) -> bool:
    return isinstance(message.body, Answer)
