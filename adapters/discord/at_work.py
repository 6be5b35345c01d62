"""The sign that the bot is at work. Discord shows it for ten seconds, so it is shown again until the work ends."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import Final

import discord

from adapters.background import Background
from adapters.discord.calls import Brake, Refused, patience
from bot.clock import Seconds

_LOG = logging.getLogger(__name__)
_AGAIN: Final[Seconds] = 8.0
_MOST: Final = 15
"""Two minutes; longer turns have been cut off by their deadline."""


class Typing:
    """Per channel: who works there is counted, and the sign ends with the last."""

    def __init__(self, brake: Brake) -> None:
        self._brake = brake
        self._users: Counter[int] = Counter()
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def show(self, rest: discord.Client, background: Background, channel: int, active: bool) -> None:
        """Never raises, never waits."""
        if active:
            self._users[channel] += 1
            if channel not in self._tasks:
                self._tasks[channel] = background.start(self._keep(rest, channel), "showing that the bot types")
            return
        self._users[channel] -= 1
        if self._users[channel] <= 0:
            del self._users[channel]
            task = self._tasks.pop(channel, None)
            if task is not None:
                task.cancel()

    async def _keep(self, rest: discord.Client, channel: int) -> None:
        target = rest.get_partial_messageable(channel)
        for _ in range(_MOST):
            try:
                with self._brake.calling("showing that the bot types"):
                    async with patience():
                        await target.typing()
            except Refused as refusal:
                _LOG.info("%s", refusal)
                return
            await asyncio.sleep(_AGAIN)
