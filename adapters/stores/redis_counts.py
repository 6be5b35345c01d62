"""Counts of all processes in Redis: one round trip each, gone by themselves after their window."""

from __future__ import annotations

import math

from redis.exceptions import RedisError

from adapters.stores.redis import client, reason
from bot.clock import Seconds
from bot.errors import StoreUnavailable


class RedisCounts:
    """Implements :class:`bot.conversation.limits.Counts`."""

    def __init__(self, url: str) -> None:
        self._redis = client(url)

    async def add(self, key: str, amount: float, window: Seconds, now: Seconds) -> float:
        name = _name(key, window, int(now // window))
        try:
            async with self._redis.pipeline(transaction=False) as together:
                together.incrbyfloat(name, amount)
                together.expire(name, math.ceil(2 * window))
                total, _ = await together.execute()
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"counts are unavailable: {reason(error)}") from None
        return float(total)

    async def forget(self, keys: tuple[str, ...], window: Seconds, now: Seconds) -> int:
        number = int(now // window)
        # A key lives for two windows, and begins anywhere in the first: three may be there.
        names = [_name(key, window, each) for key in keys for each in (number, number - 1, number - 2)]
        try:
            return int(await self._redis.delete(*names))
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"counts are unavailable: {reason(error)}") from None

    async def close(self) -> None:
        await self._redis.aclose()


def _name(key: str, window: Seconds, number: int) -> str:
    return f"raise:count:{window:g}:{number}:{key}"
