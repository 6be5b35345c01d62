"""Taking consent back works at once: at the door, before the request has its turn, so that a turn that runs meanwhile
writes its answer without what was withdrawn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from bot.chat import Chose, Command, Inbound, Verb
from bot.clock import Clock, Seconds
from bot.conversation.commands import attributes_named, command_of, withdrawn
from bot.conversation.rules import Rules
from bot.errors import StoreError
from bot.frozen import dataclass, replace
from bot.profile.consent import ConsentStore, Standing

_PATIENCE: Final[Seconds] = 1.0
"""The turn of the request does the same again, so a slow store does not hold up the acknowledgement."""


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """Called by the intake for every event it has claimed."""

    consents: ConsentStore
    rules: Callable[[], Rules]
    clock: Clock

    async def at_once(self, inbound: Inbound) -> None:
        """Note the withdrawal in ``inbound``, if it is one. A store that is down is left to the turn itself."""
        asked = _request(inbound)
        if asked is None:
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                standing = await self.consents.read(inbound.person)
                after = self._after(standing, inbound, asked)
                if after != standing:
                    await self.consents.write(inbound.person, after)
        except (TimeoutError, StoreError):
            return

    def _after(self, standing: Standing, inbound: Inbound, asked: Command) -> Standing:
        if asked.verb is Verb.PAUSE:
            return replace(standing, paused=True)
        names = attributes_named(self.rules().policy, inbound.locale, asked.argument.reveal().strip())
        return withdrawn(standing, names, self.clock.now())


def _request(inbound: Inbound) -> Command | None:
    """A command, or a button that stands for one, that takes something back."""
    match inbound.content:
        case Command() as asked:
            pass
        case Chose(choice):
            found = command_of(choice)
            if found is None:
                return None
            asked = found
        case _:
            return None
    return asked if asked.verb in (Verb.FORGET, Verb.PAUSE) else None
