"""The contract of profile stores, over every implementation."""

from __future__ import annotations

import pytest

from adapters.stores.memory import MemoryProfiles
from bot.profile.store import ProfileStore
from tests.contract.profile_store import ProfileStoreContract


class TestMemoryProfiles(ProfileStoreContract):
    @pytest.fixture
    def store(self) -> ProfileStore:
        return MemoryProfiles()
