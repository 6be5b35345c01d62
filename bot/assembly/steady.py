"""The garbage collector and the C library, told what a process that serves looks like.

What a turn makes is freed by counting; the collector is there for the few cycles in libraries. A pass over all that
lives holds up every turn under way, so the small passes are kept small and the whole one waits for a quiet moment.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bot.clock import Seconds

_NEW_OBJECTS: Final = 5_000
"""Objects made and not freed between two young collections: about 1.5 ms to walk through. The default of 700 is reached
several times a turn, to find nothing."""
_YOUNG: Final = 4
"""Young collections until the middle generation is looked at too: some 10 ms."""
_NEVER: Final = 2**30
_MAPS: Final = Path("/proc/self/maps")
_LARGE_PAGE: Final = 2**21
_COLLAPSE: Final = 25
"""MADV_COLLAPSE of ``linux/mman.h``."""
_PRESENT: Final = 1
"""The bit of ``mincore`` that says so."""
_MOST: Final = 0.75
_LOOK_EVERY: Final[Seconds] = 60.0
_WORTH_IT: Final = 20
"""Middle collections since the last whole one: up to half a million objects may have grown old since."""
_PATIENCE: Final = 10
"""Looks after which a whole collection is made in the middle of work."""


def settle_memory() -> None:
    """To be called once everything that lives as long as the process is loaded: policy, fitted models and code are set
    aside, so that no later collection walks through them. From then on :func:`keep_tidy` makes the whole ones."""
    gc.collect()
    _set_aside()


@contextmanager
def settled_after() -> Iterator[None]:
    """For a command that ends by itself: what is loaded inside is set aside without ever being walked through, which
    takes a fifth of the time of loading; the little garbage among it stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
    _set_aside()


def _set_aside() -> None:
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _YOUNG, _NEVER)


def join_pages() -> None:
    """Where the kernel can be asked to (Linux from 6.1), memory in use moves into large pages. A turn looks at objects
    all over it, and to find so many small pages was a tenth of its CPU time on a virtual machine. Takes some 0.2 s
    of a thread; pieces that are a quarter empty stay as they are, so the process hardly grows."""
    library = ctypes.CDLL(None)
    if not (_MAPS.is_file() and hasattr(library, "madvise") and hasattr(library, "mincore")):
        return
    in_use = (ctypes.c_ubyte * (_LARGE_PAGE // mmap.PAGESIZE))()
    for begin, end in _own_memory(_MAPS.read_text(encoding="ascii", errors="replace")):
        for place in range(-(-begin // _LARGE_PAGE) * _LARGE_PAGE, end - _LARGE_PAGE + 1, _LARGE_PAGE):
            piece = ctypes.c_void_p(place), ctypes.c_size_t(_LARGE_PAGE)
            if library.mincore(*piece, in_use) == 0 and sum(map(_PRESENT.__and__, in_use)) >= _MOST * len(in_use):
                library.madvise(*piece, _COLLAPSE)


def _own_memory(maps: str) -> Iterator[tuple[int, int]]:
    """Begin and end of what the process itself writes to and no file holds, of the kernel's list."""
    for line in maps.splitlines():
        span, allowed, _, _, _, *name = line.split(maxsplit=5)
        if allowed == "rw-p" and name in ([], ["[heap]"]):
            begin, _, end = span.partition("-")
            yield int(begin, 16), int(end, 16)


def give_back_memory() -> None:
    """Where the C library can be asked to (glibc), it gives what is free back to the system. Of the hundred megabytes
    and more that reading a large policy takes for a moment it would keep most, and take others beside them next time.
    Takes some 10 ms, outside of the interpreter's lock."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(ctypes.c_size_t(0))


async def keep_tidy(quiet: Callable[[], bool], every: Seconds = _LOOK_EVERY) -> None:
    """Collect everything now and then, where that is worth it: while no turn is under way, or after ten looks at which
    one was. What lives by the first look moves into large pages."""
    looks = 0
    await asyncio.sleep(every)
    await asyncio.to_thread(join_pages)
    while True:
        await asyncio.sleep(every)
        if gc.get_count()[2] < _WORTH_IT:
            continue
        looks += 1
        if quiet() or looks >= _PATIENCE:
            gc.collect()
            looks = 0
