"""When resources are shown again: the same list twice within minutes pushes people away. Pure."""

from __future__ import annotations

from bot.clock import Seconds


def shown_lately(shown_at: Seconds | None, now: Seconds, cooldown: Seconds) -> bool:
    """Whether resources were shown within the cool-down (seconds), so that the short form will do.

    A moment in the future (a clock that was set back) does not count: when in doubt they are shown in full.
    """
    return shown_at is not None and 0 <= now - shown_at < cooldown
