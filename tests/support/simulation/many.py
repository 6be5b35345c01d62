"""Many worlds, on all cores."""

from __future__ import annotations

import logging
import multiprocessing
import os
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from tests.support.simulation.stores import Disk
from tests.support.simulation.world import Outcome, World

AT_ONCE: Final = 25
"""Seeds handed to a process at a time."""


def simulated(seeds: Iterable[int]) -> Iterator[Outcome]:
    """Run these seeds here, one after the other."""
    with quiet(), tempfile.TemporaryDirectory(prefix="simulation-", dir=_in_memory()) as folder:
        disk = Disk(Path(folder) / "world.sqlite")
        for seed in seeds:
            yield World(seed, disk).run()
        disk.close()


@contextmanager
def quiet() -> Iterator[None]:
    """Without the log: turns fail all the time, as they are meant to."""
    log = logging.getLogger("raise_bot")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(level)


def on_all_cores(seeds: Iterable[int], processes: int | None = None) -> Iterator[Outcome]:
    """Run these seeds in several processes; outcomes as they come, without the traces of those where all went well."""
    rest = iter(seeds)
    batches = list(iter(lambda: list(islice(rest, AT_ONCE)), []))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes or os.cpu_count(), mp_context=context) as pool:
        for done in as_completed([pool.submit(_batch, batch) for batch in batches]):
            yield from done.result()


def _batch(seeds: list[int]) -> list[Outcome]:
    return [
        Outcome(each.seed, each.problems, each.trace if each.problems else (), each.seconds)
        for each in simulated(seeds)
    ]


def _in_memory() -> str | None:
    """Where files cost no disk, if there is such a place."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
