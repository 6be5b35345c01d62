"""How much of what came lately a process remembers: one bound for all that only saves a trip or a repetition."""

from __future__ import annotations

from typing import Final

RECENT: Final = 10_000
"""Events, messages, people or places: as many as may wait at once, and few enough that the memory they take is reached
within minutes."""
