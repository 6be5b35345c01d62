"""The whole application in simulated worlds, by seed: nothing lost, nothing doubled, no word in the wrong place.

``RAISE_SIMULATE_SEED=123 make simulate`` prints what happens in one of them; ``make simulate`` runs 10,000.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.simulation.many import on_all_cores

SEEDS = 300


@pytest.mark.timeout(300)
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
