"""The contract of profile stores, over every implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from adapters.stores.memory import MemoryProfiles
from adapters.stores.memory_ledger import MemoryVault
from adapters.stores.redis import RedisProfiles
from bot.profile.store import ProfileStore
from bot.profile.vault import Vault
from tests.contract.profile_store import ProfileStoreContract


class TestMemoryProfiles(ProfileStoreContract):
    @pytest.fixture
    def store(self) -> ProfileStore:
        return MemoryProfiles()


@pytest.mark.redis
class TestRedisProfiles(ProfileStoreContract):
    @pytest.fixture
    def vault(self) -> Vault | None:
        return None

    @pytest.fixture
    async def store(self, redis_url: str, vault: Vault | None) -> AsyncIterator[ProfileStore]:
        async with Redis.from_url(redis_url) as admin:
            await admin.flushdb()
        store = RedisProfiles(redis_url, vault)
        yield store
        await store.close()


@pytest.mark.redis
class TestSealedRedisProfiles(TestRedisProfiles):
    @pytest.fixture
    def vault(self) -> Vault | None:
        return MemoryVault()
