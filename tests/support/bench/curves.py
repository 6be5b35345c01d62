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
    """The picture."""
    points = [point for line in curve.lines.values() for point in line]
    across = _Axis([x for x, _ in points], _LEFT, _WIDTH - _RIGHT)
    up = _Axis([y for _, y in points], _HEIGHT - _BOTTOM, _TOP)
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
    """Values to places on the picture, from nought on: twice as much is twice as far."""

    def __init__(self, values: list[float], start: float, end: float) -> None:
        self._high, self._start, self._end = max(values) or 1.0, start, end

    def at(self, value: float) -> float:
        return self._start + value / self._high * (self._end - self._start)

    def ticks(self) -> list[float]:
        step = 10 ** math.floor(math.log10(self._high))
        step = next(each for each in (step / 5, step / 2, step, 2 * step) if self._high / each <= 6)
        return [round(number * step, 6) for number in range(math.floor(self._high / step) + 1)]
