"""What to ask first, from what is believed of every set."""

from __future__ import annotations

import numpy as np

from bot.raise_core.paths.neighbours import NeighbourGains
from bot.raise_core.paths.pooling import Pool
from bot.raise_core.paths.sets import Lattice
from bot.raise_core.paths.value import Belief

LATTICE = Lattice(("emotional_state", "age", "gender", "profession", "health_status"))


def overlapping(first: float) -> NeighbourGains:
    """The feeling brings most alone, and age, gender and profession say the same between them."""
    pool = Pool(LATTICE, [], np.zeros((0, 1), dtype=np.float32))
    etas = [-4.0 if 0 in pair and 4 not in pair else 0.0 for pair in LATTICE.pairs.tolist()]
    mean = np.array([3.0, 1.5, first, 0.35, 0.35, 0.35, 0.3, *etas])
    return NeighbourGains(pool, Belief(mean, np.zeros((len(mean), len(mean)))), dict.fromkeys(LATTICE.attributes, 1.0))


def ranked(near: NeighbourGains, left: int) -> list[str]:
    gains = near.gains({}, dict.fromkeys(LATTICE.attributes, 0.3), left)
    return sorted(gains, key=lambda name: -gains[name])


def test_what_is_asked_first_is_of_the_best_two_however_many_may_be_asked() -> None:
    near = overlapping(0.5)
    values = near.values({})
    four, pair = LATTICE.bits(LATTICE.attributes[1:]), LATTICE.bits(("emotional_state", "health_status"))
    assert values[four] == values[LATTICE.size <= 4].max()
    assert values[pair] == values[LATTICE.size <= 2].max()
    assert ranked(near, 4)[:2] == ranked(near, 2)[:2] == ["emotional_state", "health_status"]


def test_two_that_go_well_together_come_before_what_is_best_alone() -> None:
    near = overlapping(0.37)
    assert ranked(near, 1)[0] == "emotional_state"
    assert "emotional_state" not in ranked(near, 2)[:2]
