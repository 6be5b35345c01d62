"""A ranking as one more word on the strengths of attributes.

Attributes matter by factors, so rankings and strengths are joined as logarithms. A ranking may come on any scale; it is
as wide as strengths and its own errors together.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from bot.raise_core.paths.value import Floats

_ERRS: Final = 0.7
"""How far a ranking's word on one strength errs beside pooled evidence: a standard deviation of its logarithm."""
_LEAST_LEVEL: Final = 0.05
_LEAST_SHARE: Final = 0.35
"""However little neighbours found in an attribute, joined with a ranking it is taken for this share of its domain's."""


def as_logs(standing: Floats, logs: Floats, spread: float) -> Floats:
    """A ranking's standard scores as logarithms of strengths (attributes,), of the same level as ``logs`` and as widely
    spread as these are, with ``spread`` (a variance) on top."""
    told: Floats = logs.mean() + np.sqrt(logs.var() + spread) * standing
    return told


def joined(found: Floats, var: Floats, level: Floats, standing: Floats) -> tuple[Floats, Floats]:
    """Mean (attributes,) and covariance of strengths that neighbours ``found`` with variances ``var``, both of that
    shape, after a ranking's word on them. It says nothing of how strong all are together.

    Doubt is taken as a share of the domain's ``level``: beside a strength that neighbours put near nought it would be
    without bounds, and what the ranking makes of it as sure as it is small."""
    level = np.maximum(level, _LEAST_LEVEL)
    spread = np.log1p(var / level**2)
    logs = np.log(np.maximum(found, _LEAST_SHARE * level)) - spread / 2.0
    told = as_logs(standing, logs, float(spread.mean()) + _ERRS**2)
    centre = np.eye(len(logs)) - 1.0 / len(logs)
    heard = centre @ np.diag(spread)
    pull = np.linalg.solve(heard @ centre + np.eye(len(logs)) * _ERRS**2, heard).T
    logs = logs + pull @ centre @ (told - logs)
    doubt = np.diag(spread) - pull @ heard
    mean = np.exp(logs + np.diag(doubt) / 2.0)
    return mean, np.outer(mean, mean) * np.expm1(doubt)
