"""Figures with their uncertainty: paired bootstrap by scenario, agreement of judges, correlation.

Scenarios are what is resampled, whole: all modes and draws of one stay together, so that differences between modes are
paired. What is Unscorable is missing (nan) and never a number; how much is missing is said beside every figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RESAMPLES: Final = 2000
LEVEL: Final = 0.95
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean of ``count`` scenarios with its 95 % percentile bootstrap interval. ``low`` and ``high`` are nan for
    fewer than two."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def beyond_nought(self) -> bool:
        """Whether nought lies outside: a difference that is not chance at this level."""
        return self.low > 0.0 or self.high < 0.0


class Bootstrap:
    """Resamples of the rows of tables with the same scenarios in the same order."""

    def __init__(self, seed: int = 0, resamples: int = RESAMPLES) -> None:
        self._seed, self._resamples = seed, resamples

    def intervals(self, table: Floats) -> list[Interval]:
        """Of each column of ``table`` (scenarios, columns); nan is missing. The same resamples serve every column."""
        there = ~np.isnan(table)
        counts = there.sum(axis=0)
        filled = np.where(there, table, 0.0)
        means = self._means(filled, there.astype(np.float64))
        found: list[Interval] = []
        for column, count in enumerate(counts.tolist()):
            if not count:
                found.append(Interval(float("nan"), float("nan"), float("nan"), 0))
                continue
            mean = float(filled[:, column].sum() / count)
            drawn = means[:, column][~np.isnan(means[:, column])]
            tail = (1.0 - LEVEL) / 2
            low, high = np.quantile(drawn, (tail, 1.0 - tail)) if count > 1 else (np.nan, np.nan)
            found.append(Interval(mean, float(low), float(high), count))
        return found

    def interval(self, values: Floats) -> Interval:
        """Of one column."""
        return self.intervals(values[:, None])[0]

    def _means(self, filled: Floats, there: Floats) -> Floats:
        rows = len(filled)
        rng = np.random.default_rng(self._seed)
        means = np.full((self._resamples, filled.shape[1]), np.nan)
        for start in range(0, self._resamples, _AT_ONCE):
            size = min(_AT_ONCE, self._resamples - start)
            weights = np.empty((size, rows))
            for place in range(size):
                weights[place] = np.bincount(rng.integers(0, rows, rows), minlength=rows)
            weight = weights @ there
            total = weights @ filled
            np.divide(total, weight, out=means[start : start + size], where=weight > 0)
        return means


def pearson(first: Floats, second: Floats) -> float | None:
    """Pearson's r; None for fewer than two pairs or where one side does not vary."""
    if len(first) < 2:
        return None
    x, y = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / scale if scale > 0 else None


def kappa(first: Sequence[int], second: Sequence[int], *, weighted: bool) -> float | None:
    """Cohen's kappa of two judges on the scale 1-5 (Cohen 1960); ``weighted``: with quadratic weights (Cohen 1968),
    which count a disagreement by its square. None without pairs or where chance alone would agree fully."""
    if not first:
        return None
    size = 5
    seen = np.zeros((size, size))
    np.add.at(seen, (np.asarray(first) - 1, np.asarray(second) - 1), 1.0)
    seen /= seen.sum()
    chance = np.outer(seen.sum(axis=1), seen.sum(axis=0))
    place = np.arange(size)
    apart = np.abs(place[:, None] - place[None, :])
    cost = apart.astype(np.float64) ** 2 if weighted else (apart > 0).astype(np.float64)
    expected = float((cost * chance).sum())
    return 1.0 - float((cost * seen).sum()) / expected if expected > 0 else None
