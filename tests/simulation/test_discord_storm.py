"""Faults by seed: no message is lost and no reply is doubled, whatever happens on the way.

``RAISE_STORMS=500`` runs more of them.
"""

from __future__ import annotations

import os

import pytest

from tests.support.discord.storm import Storm

RUNS = int(os.environ.get("RAISE_STORMS", "16"))


@pytest.mark.parametrize("seed", range(RUNS))
async def test_no_message_is_lost_and_no_reply_doubled(seed: int) -> None:
    storm = Storm(seed)
    await storm.run()
    assert storm.problems() == []
