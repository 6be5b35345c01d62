"""What a part of the benchmark found."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: ``quick`` only shows that it works; ``minutes``: how long the part about memory goes on."""

    quick: bool = False
    minutes: float = 2.0

    def of(self, usual: int, quick: int) -> int:
        return quick if self.quick else usual


@dataclass(frozen=True, slots=True)
class Figure:
    """``what`` was measured (unique in its part), and how much. ``least`` and ``most``: what it is to reach, where
    something was promised. ``note``: what one has to know to read it."""

    what: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether it reaches what was promised; None where nothing was."""
        if self.least is None and self.most is None:
            return None
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)

    def json(self) -> dict[str, object]:
        told = {"what": self.what, "value": _short(self.value), "unit": self.unit}
        kept = {"least": self.least, "most": self.most, "met": self.met, "note": self.note}
        return told | {name: value for name, value in kept.items() if value not in (None, "")}


@dataclass(frozen=True, slots=True)
class Curve:
    """Lines over one x: name -> points. ``name`` is the picture's file name."""

    name: str
    title: str
    x: str
    y: str
    lines: Mapping[str, Sequence[tuple[float, float]]]

    def json(self) -> dict[str, object]:
        lines = {name: [[_short(x), _short(y)] for x, y in points] for name, points in self.lines.items()}
        return {"name": self.name, "title": self.title, "x": self.x, "y": self.y, "lines": lines}


@dataclass(frozen=True, slots=True)
class Found:
    """Everything of one part."""

    figures: tuple[Figure, ...]
    curves: tuple[Curve, ...] = ()

    def json(self) -> dict[str, object]:
        return {"figures": [each.json() for each in self.figures], "curves": [each.json() for each in self.curves]}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Found:
        figures = (
            Figure(
                each["what"],
                each["value"],
                each["unit"],
                each.get("least"),
                each.get("most"),
                each.get("note", ""),
            )
            for each in told["figures"]
        )
        curves = (
            Curve(
                each["name"],
                each["title"],
                each["x"],
                each["y"],
                {k: tuple(map(tuple, v)) for k, v in each["lines"].items()},
            )
            for each in told["curves"]
        )
        return cls(tuple(figures), tuple(curves))


def quantile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of them do not exceed (nearest rank); NaN without values."""
    if not values:
        return math.nan
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1 if share else 0)]


def waits(
    what: str, seconds: Sequence[float], most: Mapping[str, float] | None = None, note: str = ""
) -> tuple[Figure, ...]:
    """Median, 95th and 99th percentile in milliseconds; ``most`` by the name p50, p95 or p99."""
    limits, said = most or {}, f"of {len(seconds)}{note and f', {note}'}"
    return tuple(
        Figure(f"{what}, {name}", 1000 * quantile(seconds, share), "ms", most=limits.get(name), note=said)
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    )


def _short(value: float) -> float:
    """Four significant digits: more than any of this is worth."""
    return float(f"{value:.4g}")
