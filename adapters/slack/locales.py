"""Which language and country a person set in Slack; it decides whose help lines they are shown.

Asked once a day per person, and never for long: an event must be acknowledged within 3 s.
"""

from __future__ import annotations

import asyncio
from typing import Final

from adapters.background import Background
from adapters.slack.calls import Calls
from adapters.slack.recent import Recent
from adapters.slack.web import Refused
from bot.chat.installations import Installation
from bot.clock import Clock, Seconds
from bot.recent import RECENT

UNKNOWN: Final = "und"
_DAY: Final[Seconds] = 86_400.0
_MINUTE: Final[Seconds] = 60.0
_WAIT: Final[Seconds] = 0.5
_AT_ONCE: Final = 20


class Locales:
    def __init__(self, calls: Calls, clock: Clock, background: Background) -> None:
        self._calls = calls
        self._clock = clock
        self._background = background
        self._known: Recent[tuple[str, str], tuple[str, Seconds]] = Recent(RECENT)
        self._asking: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def of(self, installation: Installation, user: str) -> str:
        """A BCP 47 tag; ``und`` while it is not known."""
        key = (installation.workspace, user)
        known = self._known.get(key)
        if known is not None and self._clock.now() < known[1]:
            return known[0]
        task = self._asking.get(key)
        if task is None:
            if len(self._asking) >= _AT_ONCE:
                return known[0] if known else UNKNOWN
            task = self._asking[key] = self._background.start(self._ask(key, installation), "reading a locale")
        await asyncio.wait({task}, timeout=_WAIT)
        now_known = self._known.get(key)
        return now_known[0] if now_known else UNKNOWN

    def at_hand(self, installation: Installation, user: str) -> str:
        """What is known without asking, for what cannot wait; ``und`` when nothing is."""
        known = self._known.get((installation.workspace, user))
        return known[0] if known is not None else UNKNOWN

    async def _ask(self, key: tuple[str, str], installation: Installation) -> None:
        try:
            locale = await self._calls.locale(installation.workspace, installation.token.reveal(), key[1])
            self._known.put(key, (locale or UNKNOWN, self._clock.now() + _DAY))
        except Refused:
            self._known.put(key, (UNKNOWN, self._clock.now() + _MINUTE))
        finally:
            del self._asking[key]
