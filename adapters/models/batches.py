"""What batches of different providers have in common."""

from __future__ import annotations

from typing import Final

import httpx2

from bot.clock import Seconds
from bot.errors import ProviderRejected

TIMEOUT: Final = httpx2.Timeout(600.0, connect=5.0)
"""Files of requests and results are large."""
_SKEW: Final[Seconds] = 300.0
"""How far the provider's clock may be behind ours."""


def listed_since(created: Seconds, since: Seconds) -> bool:
    """Whether a batch of the provider's list may have been handed in after ``since``."""
    return created >= since - _SKEW


def no_batches(host: str) -> ProviderRejected:
    return ProviderRejected(f"{host} takes no batches (HTTP 404): run it without --batch, or choose another model.")
