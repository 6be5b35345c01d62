from __future__ import annotations

import numpy as np

from bot.policy.softmax import fit, shares


def test_separates_what_can_be_separated() -> None:
    rows = np.array([[1, 0, 1], [2, 0, 1], [0, 1, 1], [0, 2, 1]], dtype=np.float32)
    weights = fit(rows, [0, 0, 1, 1], ridge=0.1, steps=20)
    assert shares(rows @ weights).argmax(axis=1).tolist() == [0, 0, 1, 1]


def test_converges_to_the_optimum() -> None:
    rng = np.random.default_rng(7)
    rows = np.hstack([rng.normal(size=(60, 4)), np.ones((60, 1))]).astype(np.float32)
    labels = [int(place) for place in np.argmax(rows[:, :3] + rng.normal(size=(60, 3)), axis=1)]
    long, longer = (fit(rows, labels, ridge=1.0, steps=steps) for steps in (200, 300))
    np.testing.assert_allclose(long, longer, atol=1e-3)
    early = fit(rows, labels, ridge=1.0, steps=8)
    agreeing = shares(rows @ early).argmax(axis=1) == shares(rows @ long).argmax(axis=1)
    assert agreeing.mean() > 0.95


def test_a_class_with_few_examples_weighs_as_much() -> None:
    rows = np.ones((10, 1), dtype=np.float32)
    weights = fit(rows, [0] * 9 + [1], ridge=0.01, steps=50)
    np.testing.assert_allclose(shares(rows[:1] @ weights), [[0.5, 0.5]], atol=1e-3)


def test_shares_add_up_however_large_the_scores() -> None:
    np.testing.assert_allclose(
        shares(np.array([[1000.0, 1000.0], [0.0, -1000.0]], dtype=np.float32)), [[0.5, 0.5], [1, 0]]
    )
