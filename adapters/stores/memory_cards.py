"""Cards in channels of moderators, in this process's memory: for tests, and where nothing outlives the process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.clock import Seconds
from bot.review.chat.channel import Channel
from bot.review.chat.store import Posting


@dataclass(frozen=True, slots=True)
class _Kept:
    posting: Posting
    due_at: Seconds | None
    leased_until: Seconds = 0.0


class MemoryPostings:
    """Postings in memory."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Channel], _Kept] = {}
        self._read: dict[str, int] = {}

    async def read_to(self, platform: str) -> int | None:
        return self._read.get(platform)

    async def want(self, platform: str, cases: Mapping[str, Channel | None], read_to: int, now: Seconds) -> None:
        for key, kept in self._kept.items():
            posting = kept.posting
            if posting.case_id in cases and posting.channel.platform == platform:
                due = kept.due_at if posting.failures else now
                self._kept[key] = replace(kept, posting=replace(posting, wanted=posting.wanted + 1), due_at=due)
        for case_id, channel in cases.items():
            if channel is not None:
                self._kept.setdefault((case_id, channel), _Kept(Posting(case_id, channel), now))
        self._read[platform] = read_to

    async def take(self, platform: str, now: Seconds, until: Seconds, limit: int) -> tuple[Posting, ...]:
        due = [
            (kept.posting.message == "", kept.due_at, kept.posting.case_id, key)
            for key, kept in self._kept.items()
            if key[1].platform == platform and kept.due_at is not None and max(kept.due_at, kept.leased_until) <= now
        ]
        taken = []
        for *_, key in sorted(due, key=lambda each: each[:3])[:limit]:
            kept = self._kept[key]
            taken.append(kept.posting)
            begun = now if kept.posting.begun_at is None else kept.posting.begun_at
            self._kept[key] = replace(kept, posting=replace(kept.posting, begun_at=begun), leased_until=until)
        return tuple(taken)

    async def settle(self, posting: Posting, again_at: Seconds | None, now: Seconds) -> None:
        key = (posting.case_id, posting.channel)
        kept = self._kept.get(key)
        if kept is None:
            return
        changed = kept.posting.wanted != posting.wanted and not posting.failures
        nothing_left = not posting.message and not posting.failures
        begun = None if nothing_left else kept.posting.begun_at
        after = replace(posting, wanted=kept.posting.wanted, begun_at=begun)
        self._kept[key] = _Kept(after, now if changed else again_at)

    async def drop(self, posting: Posting) -> None:
        self._kept.pop((posting.case_id, posting.channel), None)

    async def troubles(self) -> tuple[Posting, ...]:
        failing = [kept.posting for kept in self._kept.values() if kept.posting.problem]
        return tuple({posting.channel: posting for posting in failing}.values())

    async def leave(self, platform: str, workspace: str) -> int:
        gone = [key for key in self._kept if (key[1].platform, key[1].workspace) == (platform, workspace)]
        for key in gone:
            del self._kept[key]
        return len(gone)
