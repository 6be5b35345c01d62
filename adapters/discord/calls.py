"""Discord's refusals as errors of ours, and a brake: 10,000 invalid requests in ten minutes are a ban.

Codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import aiohttp
import discord

from bot.clock import Clock, Seconds
from bot.errors import PlatformError

UNKNOWN_CHANNEL: Final = 10_003
UNKNOWN_GUILD: Final = 10_004
UNKNOWN_MESSAGE: Final = 10_008
UNKNOWN_USER: Final = 10_013
ANSWERED: Final = 40_060
"""The interaction was answered before (a replayed event)."""
NO_ACCESS: Final = 50_001
NO_PERMISSION: Final = 50_013
_CLOSED: Final = frozenset({50_007, 50_009, 50_278, UNKNOWN_USER})
_DELETED_USER: Final = frozenset({UNKNOWN_USER})
_INVALID: Final = frozenset({401, 403, 429})
_WINDOW: Final[Seconds] = 600.0
_MOST: Final = 5_000
TIMEOUT: Final[Seconds] = 30.0


class Refused(PlatformError):  # noqa: N818 - said by Discord
    """``permanent``: trying again will not help. ``unclear``: it may have been done all the same. ``closed``: the
    person takes no direct messages from us (or blocked us, or shares no server)."""

    def __init__(
        self, what: str, problem: str, *, code: int = 0, permanent: bool = False, unclear: bool = False
    ) -> None:
        super().__init__(f"{what}: {problem}")
        self.code = code
        self.permanent = permanent
        self.unclear = unclear

    @property
    def closed(self) -> bool:
        return self.code in _CLOSED

    @property
    def user_gone(self) -> bool:
        return self.code in _DELETED_USER

    @property
    def no_permission(self) -> bool:
        return self.code in (NO_ACCESS, NO_PERMISSION)


class Brake:
    """Counts invalid requests of this process; sending stops while half of what Discord tolerates is used up."""

    def __init__(self, clock: Clock, most: int = _MOST) -> None:
        self._clock = clock
        self.most = most
        self._at: deque[Seconds] = deque()

    @contextmanager
    def calling(self, what: str) -> Iterator[None]:
        """Around one call. Raises Refused for whatever goes wrong on the way."""
        self._check(what)
        try:
            yield
        except discord.HTTPException as refusal:
            if refusal.status in _INVALID:
                self._at.append(self._clock.now())
            raise _refused(what, refusal) from None
        except discord.RateLimited as limit:
            raise Refused(what, f"Discord asks to wait {limit.retry_after:g} s") from None
        except (TimeoutError, OSError, aiohttp.ClientError) as problem:
            raise Refused(what, f"no answer from Discord ({type(problem).__name__})", unclear=True) from None
        except RuntimeError as problem:
            # aiohttp's only word for a session that was closed: the process is stopping, or connects anew.
            raise Refused(what, f"the connection was closed ({problem})", unclear=True) from None

    def _check(self, what: str) -> None:
        now = self._clock.now()
        while self._at and self._at[0] <= now - _WINDOW:
            self._at.popleft()
        if len(self._at) >= self.most:
            raise Refused(what, f"{len(self._at)} requests were refused in ten minutes; waiting, to avoid a ban")


def _refused(what: str, refusal: discord.HTTPException) -> Refused:
    # The text of Discord's own error, never the request: that holds what people wrote.
    problem = f"HTTP {refusal.status}, code {refusal.code}"
    passing = refusal.status >= 500 or refusal.status in (408, 429)
    return Refused(what, problem, code=refusal.code, permanent=not passing, unclear=refusal.status >= 500)


def patience(seconds: Seconds = TIMEOUT) -> asyncio.Timeout:
    """How long one call may take, with all that the library waits for rate limits."""
    return asyncio.timeout(seconds)
