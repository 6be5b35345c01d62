"""One process at a time: of several that begin at the same moment exactly one gets the file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from adapters.database import Alone, connect
from bot.errors import StoreUnavailable


def test_of_several_at_once_one_gets_it(tmp_path: Path) -> None:
    engine, together = connect(f"sqlite:///{tmp_path / 'kept.db'}", survive_power_cut=False, connections=1), Barrier(4)

    def took(alone: Alone) -> bool:
        together.wait()
        try:
            alone.take()
        except StoreUnavailable:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        for _ in range(3):
            several = [Alone(engine, "the test's file") for _ in range(4)]
            assert sum(threads.map(took, several)) == 1
            for each in several:
                each.release()
    engine.dispose()
