"""Which part of the gateway's traffic this process takes: ``RAISE_DISCORD_SHARDS=0-3/16``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.errors import SettingsError

_FORM: Final = re.compile(r"^\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*/\s*(\d{1,5})\s*$")
_MOST: Final = 16_384


@dataclass(frozen=True, slots=True)
class Shards:
    """``first`` to ``last``, both included, of ``total``."""

    first: int
    last: int
    total: int

    @property
    def ids(self) -> list[int]:
        return list(range(self.first, self.last + 1))


def parse_shards(text: str) -> Shards | None:
    """``0-3/16`` or ``5/16``; None for an empty setting: Discord says how many, and this process takes them all.

    Raises SettingsError."""
    if not text.strip():
        return None
    match = _FORM.match(text)
    if match is not None:
        first, total = int(match[1]), int(match[3])
        last = int(match[2]) if match[2] else first
        if first <= last < total <= _MOST:
            return Shards(first, last, total)
    problem = (
        "RAISE_DISCORD_SHARDS: expected the shards of this process and how many there are in all, for example 0-3/16 "
        f"(the last one below the total), got {text[:40]!r}"
    )
    raise SettingsError((problem,))
