"""Intervals, correlation and agreement, against SciPy and against cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bot.evaluation.penguin.statistics import Bootstrap, kappa, pearson

NAN = float("nan")


def test_pearson_is_that_of_scipy() -> None:
    rng = np.random.default_rng(1)
    for size in (2, 3, 10, 200):
        x = rng.normal(size=size)
        y = 0.4 * x + rng.normal(size=size)
        assert pearson(x, y) == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-12)


def test_pearson_of_what_does_not_vary_is_nothing() -> None:
    assert pearson(np.array([1.0]), np.array([2.0])) is None
    assert pearson(np.array([3.0, 3.0]), np.array([1.0, 2.0])) is None


def test_kappa_by_hand() -> None:
    # Two judges, ten answers: 7 alike. Chance: 0.6*0.5 + 0.4*0.5 = 0.5, so kappa = (0.7 - 0.5) / 0.5.
    first = [1, 1, 1, 1, 1, 1, 2, 2, 2, 2]
    second = [1, 1, 1, 1, 2, 2, 2, 2, 2, 1]
    assert kappa(first, second, weighted=False) == pytest.approx(0.4)
    # With two neighbouring categories every disagreement weighs the same.
    assert kappa(first, second, weighted=True) == pytest.approx(0.4)


def test_kappa_with_weights_by_hand() -> None:
    # 1-5, 3-3, 5-5, 5-1: half of the weight seen is that of chance.
    first, second = [1, 3, 5, 5], [5, 3, 5, 1]
    seen = (16 + 0 + 0 + 16) / 4
    chance = np.mean([(one - other) ** 2 for one in first for other in second])
    assert kappa(first, second, weighted=True) == pytest.approx(1 - seen / chance)


def test_kappa_at_its_ends() -> None:
    assert kappa([1, 2, 3], [1, 2, 3], weighted=False) == pytest.approx(1.0)
    assert kappa([1, 2], [2, 1], weighted=False) == pytest.approx(-1.0)
    assert kappa([4, 4], [4, 4], weighted=False) is None
    assert kappa([], [], weighted=True) is None


def test_weighted_kappa_is_the_concordance_of_scipy_s_moments() -> None:
    # Quadratically weighted kappa is Lin's concordance with population moments (Fleiss and Cohen 1973).
    rng = np.random.default_rng(2)
    first = rng.integers(1, 6, 300)
    second = np.clip(first + rng.integers(-1, 2, 300), 1, 5)
    covariance = stats.pearsonr(first, second).statistic * first.std() * second.std()
    concordance = 2 * covariance / (first.var() + second.var() + (first.mean() - second.mean()) ** 2)
    assert kappa(first.tolist(), second.tolist(), weighted=True) == pytest.approx(concordance)


def test_intervals_are_those_of_scipy_s_bootstrap() -> None:
    values = np.random.default_rng(3).normal(3.2, 0.8, 80)
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(4)
    ).confidence_interval
    ours = Bootstrap(5, 20_000).interval(values)
    assert ours.mean == pytest.approx(values.mean())
    assert ours.low == pytest.approx(theirs.low, abs=0.01)
    assert ours.high == pytest.approx(theirs.high, abs=0.01)


def test_differences_are_paired() -> None:
    rng = np.random.default_rng(6)
    level = rng.normal(3.0, 1.0, 60)
    first, second = level + rng.normal(0.3, 0.1, 60), level + rng.normal(0.0, 0.1, 60)
    theirs = stats.bootstrap(
        (first, second),
        lambda one, other, axis: np.mean(one - other, axis=axis),
        paired=True,
        method="percentile",
        n_resamples=20_000,
        rng=np.random.default_rng(7),
    ).confidence_interval
    ours = Bootstrap(8, 20_000).interval(first - second)
    assert ours.low == pytest.approx(theirs.low, abs=0.005)
    assert ours.high == pytest.approx(theirs.high, abs=0.005)
    assert ours.beyond_nought
    # Unpaired, the levels would hide the difference.
    apart = Bootstrap(8).interval(first)
    assert apart.high - apart.low > 5 * (ours.high - ours.low)


def test_what_is_missing_is_left_out_and_never_a_number() -> None:
    table = np.array([[1.0, NAN], [3.0, 5.0], [NAN, 4.0], [2.0, NAN]])
    first, second = Bootstrap().intervals(table)
    assert (first.mean, first.count) == (pytest.approx(2.0), 3)
    assert (second.mean, second.count) == (pytest.approx(4.5), 2)
    assert 1.0 <= first.low <= first.high <= 3.0
    assert 4.0 <= second.low <= second.high <= 5.0


def test_with_nothing_or_one_there_is_no_interval() -> None:
    none, one = Bootstrap().intervals(np.array([[NAN, 2.0], [NAN, NAN]]))
    assert none.count == 0
    assert np.isnan(none.mean)
    assert (one.mean, one.count) == (2.0, 1)
    assert np.isnan(one.low)
    assert not one.beyond_nought


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(9).normal(size=30)
    assert Bootstrap(1).interval(values) == Bootstrap(1).interval(values)
    assert Bootstrap(1).interval(values) != Bootstrap(2).interval(values)
