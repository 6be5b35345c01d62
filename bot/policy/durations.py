"""Durations as operators write them: ``30s``, ``15m``, ``24h``, ``7d``."""

from __future__ import annotations

import re
from typing import Final

from bot.errors import PolicyError

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_FORM: Final = re.compile(r"([1-9][0-9]{0,8})([smhd])")


def seconds(text: str) -> int:
    """``24h`` -> 86400. Raises PolicyError for any other form."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise PolicyError(f"expected a duration such as 30m, 24h or 7d, got {text[:40]!r}")
    return int(found[1]) * _UNITS[found[2]]


def duration(count: int) -> str:
    """86400 -> ``1d``: the largest unit that divides it. The opposite of :func:`seconds`."""
    unit = next(name for name in ("d", "h", "m", "s") if count % _UNITS[name] == 0)
    return f"{count // _UNITS[unit]}{unit}"
