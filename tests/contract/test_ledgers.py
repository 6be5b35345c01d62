"""The contract of ledgers, over every implementation."""

from __future__ import annotations

import pytest

from adapters.stores.memory_ledger import MemoryLedger, MemoryVault
from bot.clock import ManualClock
from bot.conversation.ledger import Ledger
from bot.profile.vault import Vault
from tests.contract.ledger import LedgerContract


class TestMemoryLedger(LedgerContract):
    @pytest.fixture
    def vault(self) -> Vault:
        return MemoryVault()

    @pytest.fixture
    def ledger(self, vault: Vault, clock: ManualClock) -> Ledger:
        return MemoryLedger(vault, clock)
