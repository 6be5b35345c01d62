"""Which language a person set in Discord. Interactions say it, messages do not; so it is kept once it is known."""

from __future__ import annotations

import logging
from typing import Final

import discord
from cachetools import LRUCache

from adapters.discord import ids
from bot.chat.locales import Locales
from bot.clock import Clock, Seconds
from bot.errors import StoreUnavailable
from bot.recent import RECENT

_LOG = logging.getLogger(__name__)
_DAY: Final[Seconds] = 86_400.0
UNKNOWN: Final = "und"


class KnownLocales:
    """In front of the store: what this process learned during the last day is not asked for again."""

    def __init__(self, store: Locales, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lately: LRUCache[int, tuple[str, Seconds]] = LRUCache(RECENT)

    async def learn(self, user: int, locale: str) -> None:
        """What an interaction said."""
        known, until = self._lately.get(user, ("", 0.0))
        now = self._clock.now()
        if known == locale and now < until:
            return
        self._lately[user] = (locale, now + _DAY)
        try:
            await self._store.learn(ids.in_direct_messages(user), locale, now)
        except StoreUnavailable as problem:
            _LOG.info("a language was not kept: %s", problem)

    async def of(self, user: int, guild: discord.Guild | None) -> str:
        """The person's own; else the language (never the country) of the server it is about; else ``und``."""
        known, until = self._lately.get(user, ("", 0.0))
        if self._clock.now() < until:
            return known
        try:
            own = await self._store.of(ids.in_direct_messages(user), self._clock.now())
        except StoreUnavailable as problem:
            _LOG.info("a language could not be looked up: %s", problem)
            own = None
        if own is not None:
            self._lately[user] = (own, self._clock.now() + _DAY)
            return own
        return str(guild.preferred_locale).partition("-")[0] if guild is not None else UNKNOWN

    async def forget(self, user: str) -> int:
        person = ids.in_direct_messages(int(user))
        here = self._lately.pop(int(user), None) is not None
        return max(await self._store.forget(person), int(here))
