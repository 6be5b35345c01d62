from __future__ import annotations

import numpy as np

from bot.policy.softmax import Matrix, Rows, fit, shares


def sparse(matrix: Matrix, dense: int = 1) -> Rows:
    """The same matrix with its first columns dense and the rest by places; a stored zero where a row has none."""
    held = [[place for place in range(dense, matrix.shape[1]) if row[place]] or [dense] for row in matrix]
    return Rows(
        dense=matrix[:, :dense],
        columns=np.array([place for places in held for place in places]),
        values=np.array([row[place] for row, places in zip(matrix, held, strict=True) for place in places], np.float32),
        starts=np.cumsum([0, *(len(places) for places in held[:-1])]),
        width=matrix.shape[1],
    )


def test_sparse_rows_multiply_like_the_matrix_they_stand_for() -> None:
    rng = np.random.default_rng(3)
    matrix = (rng.normal(size=(12, 9)) * (rng.random((12, 9)) < 0.4)).astype(np.float32)
    weights, errors = (rng.normal(size=size).astype(np.float32) for size in ((9, 3), (12, 3)))
    rows = sparse(matrix, dense=4)
    np.testing.assert_allclose(rows.times(weights), matrix @ weights, atol=1e-5)
    np.testing.assert_allclose(rows.transposed_times(errors), matrix.T @ errors, atol=1e-5)
    np.testing.assert_allclose(rows.first(5).times(weights), matrix[:5] @ weights, atol=1e-5)
    np.testing.assert_allclose(rows.first(12).times(weights), matrix @ weights, atol=1e-5)


def test_likeness_is_every_product_of_two_rows() -> None:
    rng = np.random.default_rng(5)
    seldom = rng.normal(size=(90, 30)) * (rng.random((90, 30)) < 0.1)
    matrix = np.hstack([rng.normal(size=(90, 6)), seldom, rng.normal(size=(90, 2))]).astype(np.float32)
    np.testing.assert_allclose(sparse(matrix, dense=4).likeness(), matrix @ matrix.T, atol=1e-4)


def test_fitting_by_texts_ends_where_fitting_by_features_does() -> None:
    rng = np.random.default_rng(11)
    labels = [number % 30 for number in range(240)]
    seldom = rng.normal(size=(240, 200)) * (rng.random((240, 200)) < 0.1)
    matrix = np.hstack([rng.normal(size=(240, 8)), np.eye(30)[labels], seldom]).astype(np.float32)
    rows = sparse(matrix, dense=8)
    for steps in (1, 4, 12):
        by_features = fit(rows, labels, ridge=3.0, steps=steps)
        by_texts = fit(rows, labels, ridge=3.0, steps=steps, likeness=rows.likeness())
        np.testing.assert_allclose(by_texts, by_features, atol=2e-3)


def test_separates_what_can_be_separated() -> None:
    rows = np.array([[1, 0, 1], [2, 0, 1], [0, 1, 1], [0, 2, 1]], dtype=np.float32)
    weights = fit(sparse(rows), [0, 0, 1, 1], ridge=0.1, steps=20)
    assert shares(rows @ weights).argmax(axis=1).tolist() == [0, 0, 1, 1]


def test_converges_to_the_optimum() -> None:
    rng = np.random.default_rng(7)
    rows = np.hstack([rng.normal(size=(60, 4)), np.ones((60, 1))]).astype(np.float32)
    labels = [int(place) for place in np.argmax(rows[:, :3] + rng.normal(size=(60, 3)), axis=1)]
    long, longer = (fit(sparse(rows), labels, ridge=1.0, steps=steps) for steps in (200, 300))
    np.testing.assert_allclose(long, longer, atol=1e-3)
    early = fit(sparse(rows), labels, ridge=1.0, steps=8)
    agreeing = shares(rows @ early).argmax(axis=1) == shares(rows @ long).argmax(axis=1)
    assert agreeing.mean() > 0.95


def test_a_class_with_few_examples_weighs_as_much() -> None:
    rows = np.ones((10, 2), dtype=np.float32)
    weights = fit(sparse(rows), [0] * 9 + [1], ridge=0.01, steps=50)
    np.testing.assert_allclose(shares(rows[:1] @ weights), [[0.5, 0.5]], atol=1e-3)


def test_shares_add_up_however_large_the_scores() -> None:
    np.testing.assert_allclose(
        shares(np.array([[1000.0, 1000.0], [0.0, -1000.0]], dtype=np.float32)), [[0.5, 0.5], [1.0, 0.0]]
    )
