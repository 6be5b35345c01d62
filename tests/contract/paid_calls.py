"""What every store of paid calls does."""

from __future__ import annotations

from dataclasses import replace

from bot.llm.paid import PaidCall, PaidCalls
from bot.llm.provider import Purpose, Usage

CALL = PaidCall("k1", Purpose.JUDGE, "model-1", '{"a": 1}', "", True, Usage(12, 3, 0.25, 2), 7.5)


class PaidCallsContract:
    async def test_what_is_recorded_is_found(self, calls: PaidCalls) -> None:
        assert await calls.get("k1") is None
        await calls.put(CALL)
        assert await calls.get("k1") == CALL
        assert await calls.get("k2") is None

    async def test_the_first_record_stays(self, calls: PaidCalls) -> None:
        await calls.put(CALL)
        await calls.put(replace(CALL, text="another"))
        assert await calls.get("k1") == CALL

    async def test_a_failure_without_a_price_is_kept_as_it_was(self, calls: PaidCalls) -> None:
        failed = replace(CALL, key="k3", text="", failure="declined", complete=False, usage=Usage(usd=None))
        for each in (failed, replace(failed, key="k4", declined=True)):
            await calls.put(each)
            assert await calls.get(each.key) == each
