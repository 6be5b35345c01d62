"""What is free goes back to the system when it is given back."""

from __future__ import annotations

import ctypes
import mmap
import platform
import threading
from pathlib import Path

import pytest

from bot.assembly.steady import give_back_memory, join_pages
from tests.support.processes import resident

LARGE_PAGE = 2**21
PIECE, PIECES, KEPT_OF = 100_000, 2_000, 50


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="no glibc: nothing is given back")
def test_what_lies_between_things_in_use_is_given_back() -> None:
    kept: list[bytearray] = []

    def work() -> None:
        # Some pieces stay, so that the C library has nowhere to cut the rest off by itself.
        kept.extend([bytearray(PIECE) for _ in range(PIECES)][::KEPT_OF])

    thread = threading.Thread(target=work)
    before = resident()
    thread.start()
    thread.join()
    held = resident()
    give_back_memory()
    freed, pieces = held - resident(), PIECE * PIECES / 1e6
    assert held - before > pieces / 2, "the pieces were given back before anybody asked: the test shows nothing"
    assert freed > pieces / 2
    assert len(kept) == PIECES // KEPT_OF


def _in_large_pages() -> int:
    rollup = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    return int(rollup.partition("AnonHugePages:")[2].split()[0]) * 1024


def _joins_pages() -> bool:
    """Whether the kernel does so when asked to: Linux from 6.1, unless whoever runs it will not have it."""
    allowed = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    found = platform.release().split("-")[0].split(".")
    return allowed.is_file() and "[never]" not in allowed.read_text() and tuple(map(int, found[:2])) >= (6, 1)


@pytest.mark.skipif(not _joins_pages(), reason="the kernel joins no pages when asked to")
def test_full_memory_moves_into_large_pages_and_empty_memory_is_not_filled() -> None:
    full, empty = (mmap.mmap(-1, 8 * LARGE_PAGE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) for _ in range(2))
    for place in range(0, len(full), mmap.PAGESIZE):
        full[place] = 1
    for place in range(0, len(empty), LARGE_PAGE):
        empty[place] = 1
    before, held = _in_large_pages(), resident()
    join_pages()
    assert _in_large_pages() - before >= 4 * LARGE_PAGE
    assert resident() - held < 4 * LARGE_PAGE / 2**20
    assert set(full[:: mmap.PAGESIZE]) == {1}
    assert empty[LARGE_PAGE] == 1
