"""The contract of vaults, over every implementation."""

from __future__ import annotations

import pytest

from adapters.stores.memory_ledger import MemoryVault
from bot.profile.vault import Vault
from tests.contract.vault import VaultContract


class TestMemoryVault(VaultContract):
    @pytest.fixture
    def vault(self) -> Vault:
        return MemoryVault()
