"""The contract of engines, over every implementation."""

from __future__ import annotations

import pytest

from adapters.engine.inline import InlineEngine
from bot.conversation.engine import Engine
from tests.contract.engine import EngineContract

PAUSES = (0.0, 0.01)


class TestInlineEngine(EngineContract):
    @pytest.fixture
    def engine(self) -> Engine:
        return InlineEngine(pauses=PAUSES)
