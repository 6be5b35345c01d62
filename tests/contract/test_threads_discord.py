"""The contract of threads, over the Discord adapter's memory."""

from __future__ import annotations

import pytest

from adapters.discord.threads import MemoryThreads
from tests.contract.installed import ThreadsContract


class TestMemoryThreads(ThreadsContract):
    @pytest.fixture
    def threads(self) -> MemoryThreads:
        return MemoryThreads()
