"""A generator of simulated worlds, calibrated to METHOD section 3: what each attribute is worth on average, and how
much domains, themes and single queries differ from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.evaluation.themes import ENDINGS, OPENINGS, THEMES
from bot.evaluation.worlds import World
from bot.profile.attributes import ATTRIBUTES
from bot.raise_core.planner.profiles import sample
from bot.raise_core.state import BASELINE, PUBLISHED_GAINS

_TOP: Final = (
    ("mental_health_status", "emotional_state"),
    ("mental_health_status", "past_self_harm_history"),
    ("past_self_harm_history", "emotional_state"),
)
"""They say much the same: together they bring less than apart (the paper's path gains 0.13 from the third question)."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How worlds differ. Standard deviations of weights are on the log scale; of scores, in points."""

    baseline: float = BASELINE
    baseline_sd: float = 0.2
    ceiling: float = 4.6
    ceiling_sd: float = 0.15
    gains: dict[str, float] = field(default_factory=lambda: dict(PUBLISHED_GAINS))
    domain_sd: float = 0.25
    theme_sd: float = 0.4
    query_sd: float = 0.3
    top_overlap: float = -0.4
    overlap_sd: float = 0.15
    other_share: float = 0.15
    other_sd: float = 0.4
    prior_sd: float = 0.6
    judge_sd: float = 0.45
    spared: float = 0.3
    """The factor on self-harm's weight for someone without a mental-health concern."""
    reluctant: float = 0.75
    """The chance that past self-harm is told when asked for."""


def generate(count: int, seed: int, calibration: Calibration | None = None) -> tuple[World, ...]:
    """``count`` worlds over the seven domains. The same seed and calibration, the same worlds."""
    how = calibration or Calibration()
    rng = np.random.default_rng(seed)
    people = Random(seed)
    tilts = _tilts(rng, how)
    return tuple(_world(index, rng, people, tilts, how) for index in range(count))


def _tilts(rng: np.random.Generator, how: Calibration) -> dict[tuple[str, int], NDArray[np.float64]]:
    tilts: dict[tuple[str, int], NDArray[np.float64]] = {}
    for domain, themes in THEMES.items():
        shared = rng.normal(0.0, how.domain_sd, len(ATTRIBUTES))
        for index in range(len(themes)):
            tilts[domain, index] = shared + rng.normal(0.0, how.theme_sd, len(ATTRIBUTES))
    return tilts


def _world(
    index: int,
    rng: np.random.Generator,
    people: Random,
    tilts: dict[tuple[str, int], NDArray[np.float64]],
    how: Calibration,
) -> World:
    (domain, theme), tilt = list(tilts.items())[int(rng.integers(len(tilts)))]
    base = float(np.clip(rng.normal(how.baseline, how.baseline_sd), 1.0, 4.5))
    ceiling = float(np.clip(rng.normal(how.ceiling, how.ceiling_sd), base + 0.3, 5.0))
    spread = how.domain_sd**2 + how.theme_sd**2 + how.query_sd**2
    mean = np.array([how.gains[name] for name in ATTRIBUTES]) / (how.ceiling - how.baseline)
    drawn = mean * np.exp(tilt + rng.normal(0.0, how.query_sd, len(ATTRIBUTES)) - spread / 2)
    weights = np.clip(drawn, 0.02, 0.9)
    prior = weights * np.exp(rng.normal(0.0, how.prior_sd, len(ATTRIBUTES)))
    return World(
        id=f"w{index}",
        domain=domain,
        query=_query(people, domain, theme),
        base=round(base, 4),
        ceiling=round(ceiling, 4),
        judge_sd=how.judge_sd,
        weights=_rounded(weights),
        interactions=_interactions(rng, how),
        profile=sample(people, domain),
        modulation=(
            ("mental_health_status", "none", "past_self_harm_history", how.spared),
            ("emotional_state", "calm", "mental_health_status", 0.6),
        ),
        answers={"past_self_harm_history": how.reluctant},
        prior=_rounded(prior / prior.sum()),
    )


def _interactions(rng: np.random.Generator, how: Calibration) -> tuple[tuple[str, str, float], ...]:
    pairs = [(first, second, float(rng.normal(how.top_overlap, how.overlap_sd))) for first, second in _TOP]
    for first, second in combinations(ATTRIBUTES, 2):
        top = (first, second) in _TOP or (second, first) in _TOP
        if not top and rng.random() < how.other_share:
            pairs.append((first, second, float(rng.normal(0.0, how.other_sd))))
    return tuple((first, second, round(eta, 4)) for first, second, eta in pairs)


def _query(people: Random, domain: str, theme: int) -> str:
    told = people.sample(THEMES[domain][theme], 2)
    parts = (people.choice(OPENINGS), f"{told[0]}, and {told[1]}.", people.choice(ENDINGS))
    return " ".join(part for part in parts if part)


def _rounded(row: NDArray[np.float64]) -> dict[str, float]:
    return {name: max(round(float(value), 5), 1e-5) for name, value in zip(ATTRIBUTES, row, strict=True)}
