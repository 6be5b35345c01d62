"""Socket Mode's way back: pauses grow, and stop growing."""

from __future__ import annotations

from collections.abc import Mapping

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.bolt import sdk_logger
from adapters.slack.link import Link
from bot.private import Private


async def test_while_slack_is_away_the_pauses_between_tries_grow_up_to_half_a_minute() -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        link.closed = len(pauses) == 9

    async def handle(payload: Mapping[str, object]) -> None:
        raise AssertionError("nothing can come")

    nobody = AsyncWebClient(base_url="http://127.0.0.1:9/api/", logger=sdk_logger(), retry_handlers=[])
    link = Link(Private("xapp-1"), nobody, handle, sdk_logger(), 0.02, sleep)
    try:
        await link.connect()
    finally:
        await link.close()
    longest = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    assert link.losses == len(longest)
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, longest, strict=True))
