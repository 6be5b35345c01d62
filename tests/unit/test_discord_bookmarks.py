"""How far conversations were read: in memory and in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.discord.bookmarks import Bookmark, Bookmarks, FileBookmarks, MemoryBookmarks
from adapters.discord.ids import moment
from bot.clock import ManualClock
from bot.errors import StoreUnavailable

OLD, NEW = 1_400_000_000_000_000_000, 1_500_000_000_000_000_000


class BookmarksContract:
    async def test_a_channel_has_one_and_only_recent_ones_count(self, bookmarks: Bookmarks) -> None:
        await bookmarks.mark(Bookmark(1, 10, OLD))
        await bookmarks.mark(Bookmark(2, 0, OLD, 7))
        await bookmarks.mark(Bookmark(1, 10, NEW))
        assert list(await bookmarks.since(moment(OLD))) == [Bookmark(1, 10, NEW)]
        assert set(await bookmarks.since(0)) == {Bookmark(1, 10, NEW), Bookmark(2, 0, OLD, 7)}

    async def test_a_persons_own_are_forgotten(self, bookmarks: Bookmarks) -> None:
        await bookmarks.mark(Bookmark(1, 10, OLD))
        await bookmarks.mark(Bookmark(2, 0, OLD, 7))
        assert await bookmarks.forget(8) == 0
        assert await bookmarks.forget(7) == 1
        assert list(await bookmarks.since(0)) == [Bookmark(1, 10, OLD)]


class TestInMemory(BookmarksContract):
    @pytest.fixture
    def bookmarks(self) -> Bookmarks:
        return MemoryBookmarks()


class TestInAFile(BookmarksContract):
    @pytest.fixture
    def bookmarks(self, tmp_path: Path) -> Bookmarks:
        return FileBookmarks(tmp_path / "state", ManualClock())

    async def test_it_lasts_over_a_restart_and_forgets_for_good(self, tmp_path: Path) -> None:
        clock = ManualClock()
        first = FileBookmarks(tmp_path, clock)
        await first.mark(Bookmark(1, 10, OLD))
        clock.advance(2)
        await first.mark(Bookmark(2, 0, OLD, 7))
        second = FileBookmarks(tmp_path, clock)
        assert len(await second.since(0)) == 2
        await second.forget(7)
        assert list(await FileBookmarks(tmp_path, clock).since(0)) == [Bookmark(1, 10, OLD)]

    async def test_a_spoilt_file_costs_only_its_spoilt_lines(self, tmp_path: Path) -> None:
        (tmp_path / "discord-bookmarks").write_text(f"nonsense\n1 10 {OLD} 0\n1 2\n")
        assert list(await FileBookmarks(tmp_path, ManualClock()).since(0)) == [Bookmark(1, 10, OLD)]

    async def test_a_folder_that_cannot_be_used_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "state").write_text("a file")
        with pytest.raises(StoreUnavailable, match="cannot be"):
            await FileBookmarks(tmp_path / "state", ManualClock()).mark(Bookmark(1, 10, OLD))
