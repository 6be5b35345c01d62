"""What is free goes back to the system when it is given back."""

from __future__ import annotations

import ctypes
import threading

import pytest

from bot.assembly.steady import give_back_memory
from tests.support.processes import resident

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
