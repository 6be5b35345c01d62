"""What neighbours share: a likeness that is a valid covariance, and beliefs that err by what they say they err by."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bot.evaluation.worlds import LATTICE
from bot.raise_core.paths.kriging import Around, Likeness, krige
from bot.raise_core.paths.pooling import Pool
from bot.raise_core.paths.value import Floats


def test_likeness_is_a_covariance_where_cut_and_raised_cosines_are_none() -> None:
    chain = np.array([[1.0, 0.6, 0.0], [0.6, 1.0, 0.6], [0.0, 0.6, 1.0]])
    likeness = Likeness(share=0.6, sharpness=1, full=0.6)
    assert np.linalg.eigvalsh(np.clip(chain / 0.6, 0.0, 1.0)).min() < -0.1
    alike = likeness.among(chain)
    assert np.linalg.eigvalsh(alike).min() > -1e-9
    assert np.allclose(np.diag(alike), 1.0)
    # The first and the last share no word, but both share some with the second.
    assert 0.4 < alike[0, 2] < alike[0, 1] < 1.0


def test_what_one_that_is_alike_said_is_heard_in_part_and_what_strangers_said_is_not() -> None:
    total = np.array([0.2, 0.2])
    said, noise = np.array([[0.5, -0.5], [3.0, 3.0]]), np.full((2, 2), 0.01)
    around = Around(np.eye(2), np.array([1.0, 0.0]), said, noise)
    mean, left = krige(around, total, Likeness(share=0.6, full=0.5))
    assert 0.2 < mean[0] < 0.4
    assert np.allclose(mean[1], -mean[0])
    assert (left < total).all()
    alone, unsure = krige(around, total, Likeness(share=0.0))
    assert not alone.any()
    assert (unsure == total).all()


@dataclass
class Told:
    """Neighbours that put each attribute so far from its level."""

    off: Floats
    total: Floats
    likeness: Likeness = field(default_factory=Likeness)
    scale: Floats = field(default_factory=lambda: np.ones(1))

    def predict(self, vector: Floats) -> tuple[Floats, Floats]:
        return self.off, self.total


def test_what_neighbours_put_near_nought_is_still_in_doubt_beside_a_ranking() -> None:
    fitted = Pool(LATTICE, [], np.zeros((0, 1), dtype=np.float32))
    level = fitted.level("health")
    near = Told(np.where(np.arange(len(level)) == 3, -level, 0.0), (0.4 * level) ** 2)
    pool, vector = fitted.among(near), np.zeros(1, dtype=np.float32)
    flat = dict.fromkeys(LATTICE.attributes, 1.0)
    strengths = pool.model.strengths
    said = {word: pool.belief(vector, "health", flat | {LATTICE.attributes[3]: word}) for word in (0.5, 1.0, 4.0)}
    means = [said[word].mean[strengths][3] for word in (0.5, 1.0, 4.0)]
    assert means == sorted(means)
    assert means[0] < means[1] < level[3] / 2
    for belief in said.values():
        spread = np.sqrt(np.diag(belief.cov)[strengths])
        assert (spread > 0.08 * level).all()
        assert (spread < level).all()
        assert np.linalg.eigvalsh(belief.cov).min() > 0
