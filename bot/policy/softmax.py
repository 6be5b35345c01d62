"""A small linear classifier, fitted when a policy is loaded: multinomial logistic regression."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


def fit(rows: Matrix, labels: Sequence[int], ridge: float, steps: int) -> Matrix:
    """Weights of shape (features, classes), for ``rows`` of shape (texts, features).

    Every class weighs the same in sum, however many examples it has. Newton's method with Boehning's bound instead of
    the Hessian (Boehning 1992, Multinomial logistic regression algorithm): one factorisation serves all ``steps``, and
    few steps are enough. Deterministic: starts at zero.
    """
    classes = max(labels) + 1
    truth = np.eye(classes, dtype=np.float32)[np.asarray(labels)]
    weight = (len(labels) / classes / truth.sum(axis=0))[np.asarray(labels)]
    bound = 0.5 * (rows.T @ (rows * weight[:, None]))
    bound[np.diag_indices(len(bound))] += ridge
    inverse = np.linalg.inv(bound)
    solution = np.zeros((rows.shape[1], classes), dtype=np.float32)
    for _ in range(steps):
        error = (shares(rows @ solution) - truth) * weight[:, None]
        solution -= inverse @ (rows.T @ error + ridge * solution)
    return solution


def shares(scores: Matrix) -> Matrix:
    """Scores to shares that add up to 1 along the last axis."""
    raised: Matrix = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: Matrix = raised / raised.sum(axis=-1, keepdims=True)
    return result
