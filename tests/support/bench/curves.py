"""Growth curves as SVG: no script, no font but the reader's, readable in light and in dark.

Every line has a colour, a dash and its name beside its end, so that none depends on colour alone.
"""

from __future__ import annotations

import math
from html import escape
from typing import Final

from bot.evaluation.penguin.pictures import colour
from tests.support.bench.figures import Curve

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 380, 84, 170, 56, 60
_DASHES: Final = ("", "8 4", "2 3", "10 3 2 3")
_STYLE: Final = (
    "text{font:13px system-ui,sans-serif;fill:#1f2430}.t{font-size:17px;font-weight:600}.g{stroke:#d5dae4}"
    ".n{fill:#555b6a}"
    "@media(prefers-color-scheme:dark){text{fill:#e7e9ee}.n{fill:#b4bac8}.g{stroke:#3a4050}}"
)


def drawn(curve: Curve) -> str:
    """The picture. Axes begin at nought; where x spans more than a factor of twenty its axis counts by tens."""
    points = [point for line in curve.lines.values() for point in line]
    across = _Axis.of([x for x, _ in points], _LEFT, _WIDTH - _RIGHT, by_tens=True)
    up = _Axis.of([y for _, y in points], _HEIGHT - _BOTTOM, _TOP, by_tens=False)
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size} aria-label="{escape(curve.title)}">',
        f"<style>{_STYLE}</style>",
        f'<text class="t" x="16" y="28">{escape(curve.title)}</text>',
        f'<text class="n" x="{middle:g}" y="{_HEIGHT - 14}" text-anchor="middle">{escape(curve.x)}</text>',
        f'<text class="n" x="16" y="{_TOP - 8}">{escape(curve.y)}</text>',
    ]
    for tick in up.ticks():
        y = up.at(tick)
        parts.append(f'<line class="g" x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}"/>')
        parts.append(f'<text class="n" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:,g}</text>')
    for tick in across.ticks():
        x, below = across.at(tick), _HEIGHT - _BOTTOM + 20
        parts.append(f'<text class="n" x="{x:.1f}" y="{below}" text-anchor="middle">{tick:,g}</text>')
    for place, (name, line) in enumerate(curve.lines.items()):
        spots = [(across.at(x), up.at(y)) for x, y in line]
        dash = f' stroke-dasharray="{_DASHES[place % 4]}"' if place % 4 else ""
        along = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        parts.append(f'<polyline points="{along}" fill="none" stroke="{colour(place)}" stroke-width="2.5"{dash}/>')
        if len(spots) <= 12:
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour(place)}"/>' for x, y in spots]
        x, y = spots[-1]
        parts.append(f'<text x="{x + 10:.1f}" y="{y + 4:.1f}">{escape(name)}</text>')
    return "\n".join((*parts, "</svg>\n"))


class _Axis:
    """Values to places on the picture."""

    def __init__(self, low: float, high: float, start: float, end: float, *, logarithmic: bool) -> None:
        self._low, self._high, self._start, self._end = low, high, start, end
        self._logarithmic = logarithmic

    @classmethod
    def of(cls, values: list[float], start: float, end: float, *, by_tens: bool) -> _Axis:
        low, high = min(values), max(values)
        if by_tens and low > 0 and high / low > 20:
            return cls(low, high, start, end, logarithmic=True)
        return cls(0.0, high or 1.0, start, end, logarithmic=False)

    def at(self, value: float) -> float:
        if self._logarithmic:
            share = math.log(value / self._low) / math.log(self._high / self._low)
        else:
            share = (value - self._low) / (self._high - self._low)
        return self._start + share * (self._end - self._start)

    def ticks(self) -> list[float]:
        if self._logarithmic:
            powers = range(math.ceil(math.log10(self._low)), math.floor(math.log10(self._high)) + 1)
            return [10.0**power for power in powers]
        step = 10 ** math.floor(math.log10(self._high))
        step = next(each for each in (step / 5, step / 2, step, 2 * step) if self._high / each <= 6)
        return [round(number * step, 6) for number in range(math.floor(self._high / step) + 1)]
