"""The whole application in simulated worlds, by seed: nothing lost, nothing doubled, no word in the wrong place.

``RAISE_SIMULATE_SEED=123 make simulate`` prints what happens in one of them; ``make simulate`` runs 10,000.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.contract.engine import EngineContract
from tests.support.simulation.engine import SimulatedEngine
from tests.support.simulation.many import on_all_cores, quiet
from tests.support.simulation.sabotage import SABOTAGES
from tests.support.simulation.stores import Disk
from tests.support.simulation.ways import Way
from tests.support.simulation.world import World

SEEDS = 300
SOON = 60
"""Seeds within which a sabotage is found out."""


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    made = Disk(tmp_path_factory.mktemp("simulation") / "world.sqlite")
    yield made
    made.close()


@pytest.mark.timeout(900)
def test_no_seed_breaks_an_invariant() -> None:
    broken = {outcome.seed: outcome.problems for outcome in on_all_cores(range(SEEDS)) if outcome.problems}
    assert broken == {}, "replay one with RAISE_SIMULATE_SEED=SEED make simulate"


def test_a_seed_happens_the_same_way_every_time() -> None:
    traces = set()
    for hashes in ("1", "2"):
        environment = {**os.environ, "RAISE_SIMULATE_SEED": "7", "PYTHONHASHSEED": hashes}
        command = [sys.executable, "-m", "tests.support.simulation"]
        traces.add(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)
    (trace,) = traces
    assert "is taken" in trace


@pytest.mark.parametrize("what", SABOTAGES)
def test_the_witness_finds_out_who_does_wrong(what: str, disk: Disk) -> None:
    sabotage, said, first = SABOTAGES[what]
    with quiet():
        outcomes = (World(seed, disk, sabotage).run() for seed in range(first, first + SOON))
        assert any(said in problem for outcome in outcomes for problem in outcome.problems)


class TestSimulatedEngine(EngineContract):
    @pytest.fixture
    def engine(self) -> SimulatedEngine:
        way = Way.without_trouble("the engine's tables")
        return SimulatedEngine({}, way, lambda turn_id: None, lambda turn_id: None, pauses=(0.0, 0.01))
