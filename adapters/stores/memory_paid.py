"""Paid calls in memory: for tests, and where nothing outlives the process."""

from __future__ import annotations

from bot.llm.paid import PaidCall


class MemoryPaidCalls:
    """Implements :class:`~bot.llm.paid.PaidCalls`."""

    def __init__(self) -> None:
        self._calls: dict[str, PaidCall] = {}

    async def get(self, key: str) -> PaidCall | None:
        return self._calls.get(key)

    async def put(self, call: PaidCall) -> None:
        self._calls.setdefault(call.key, call)
