"""An intake whose store is away for some calls."""

from __future__ import annotations

import asyncio

from bot.chat import Inbound, Receipt
from bot.errors import StoreUnavailable


class Stubborn:
    """An intake whose store is away for some calls."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.accepted: list[Inbound] = []

    async def accept(self, inbound: Inbound) -> Receipt:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("away")
        self.accepted.append(inbound)
        return Receipt(inbound.turn_id)

    async def finished(self, turn_id: str) -> None:
        return


async def no_sleep(seconds: float) -> None:
    await asyncio.sleep(0)
