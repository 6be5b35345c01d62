"""Pictures of a report as SVG: bars with their intervals, and a radar over domains.

Every series has a colour, a dash and a mark of its own, so that none depends on colour alone; the same figures stand in
a table beside each picture. Colours are Okabe and Ito's, told apart by people who see colours differently.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from bot.evaluation.penguin.blocks import Picture
from bot.evaluation.penguin.statistics import Interval

_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#8a5a9e", "#b8860b", "#3f6fae", "#a0522d", "#5c6b68")
_DASHES: Final = ("", "7 4", "2 3", "9 3 2 3", "4 2", "1 2", "12 4", "6 2 2 2")
_WIDTH: Final = 720
_ROW: Final = 34
_LEFT: Final = 190
_RIGHT: Final = 70
_RADIUS: Final = 170


def colour(place: int) -> str:
    return _COLOURS[place % len(_COLOURS)]


def bars(title: str, rows: Sequence[tuple[str, Interval]], low: float, high: float) -> Picture:
    """One bar a row from ``low`` to its mean, with its interval as a line. A bar below ``low`` is drawn from nought."""
    told = [(name, points) for name, points in rows if points.count]
    height = _ROW * len(told) + 50
    parts = [_opened(_WIDTH, height)]
    for tick in _ticks(low, high):
        x = _x(tick, low, high)
        parts.append(f'<line x1="{x:.1f}" y1="10" x2="{x:.1f}" y2="{height - 30}" class="grid"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 12}" text-anchor="middle" class="small">{tick:g}</text>')
    start = _x(max(low, 0.0), low, high)
    for place, (name, points) in enumerate(told):
        y = 14 + place * _ROW
        end = _x(points.mean, low, high)
        parts.append(f'<text x="{_LEFT - 10}" y="{y + 16}" text-anchor="end">{escape(name)}</text>')
        parts.append(
            f'<rect x="{min(start, end):.1f}" y="{y}" width="{abs(end - start):.1f}" height="22" rx="3" '
            f'fill="{colour(place)}" fill-opacity="0.8"/>'
        )
        if points.count > 1:
            left, right = _x(points.low, low, high), _x(points.high, low, high)
            parts.append(f'<line x1="{left:.1f}" y1="{y + 11}" x2="{right:.1f}" y2="{y + 11}" class="interval"/>')
        beside = max(end, _x(points.high, low, high) if points.count > 1 else end) + 8
        parts.append(f'<text x="{beside:.1f}" y="{y + 16}">{points.mean:.2f}</text>')
    return _picture(title, [f"{name} {points.mean:.2f}" for name, points in told], parts)


def radar(title: str, axes: Sequence[str], series: Mapping[str, Sequence[float]]) -> Picture:
    """One line per series over the axes, from 1 in the middle to 5 outside. A point that is not known is left out."""
    centre_x, centre_y = _WIDTH / 2, _RADIUS + 40
    height = 2 * _RADIUS + 80 + 24 * math.ceil(len(series) / 3)
    said = [f"{name} {', '.join(f'{value:.2f}' for value in values)}" for name, values in series.items()]
    parts = [_opened(_WIDTH, height)]

    def at(place: int, value: float) -> tuple[float, float]:
        angle = 2 * math.pi * place / len(axes) - math.pi / 2
        reach = _RADIUS * (value - 1.0) / 4.0
        return centre_x + reach * math.cos(angle), centre_y + reach * math.sin(angle)

    for level in (2.0, 3.0, 4.0, 5.0):
        ring = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(place, level) for place in range(len(axes))))
        parts.append(f'<polygon points="{ring}" class="grid" fill="none"/>')
        parts.append(f'<text x="{centre_x + 4:.1f}" y="{at(0, level)[1] + 4:.1f}" class="small">{level:g}</text>')
    for place, name in enumerate(axes):
        x, y = at(place, 5.45)
        anchor = "middle" if abs(x - centre_x) < 10 else "start" if x > centre_x else "end"
        parts.append(f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}">{escape(name)}</text>')
    for place, (name, values) in enumerate(series.items()):
        points = [at(axis, value) for axis, value in enumerate(values) if not math.isnan(value)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polygon points="{line}" fill="none" {_stroke(place)}/>')
        parts += [_mark(place, x, y) for x, y in points]
        left, top = 60 + (place % 3) * 220, 2 * _RADIUS + 84 + 24 * (place // 3)
        parts.append(f'<line x1="{left}" y1="{top}" x2="{left + 34}" y2="{top}" {_stroke(place)}/>')
        parts.append(_mark(place, left + 17, top))
        parts.append(f'<text x="{left + 44}" y="{top + 4}">{escape(name)}</text>')
    return _picture(title, [f"axes {', '.join(axes)}", *said], parts)


def _opened(width: float, height: float) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" aria-hidden="true">'


def _picture(title: str, said: Sequence[str], parts: Sequence[str]) -> Picture:
    return Picture("\n".join([*parts, "</svg>"]), f"{title}: {'; '.join(said)}.")


def _x(value: float, low: float, high: float) -> float:
    clipped = min(max(value, low), high)
    return _LEFT + (clipped - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)


def _ticks(low: float, high: float) -> list[float]:
    step = next((each for each in (0.1, 0.25, 0.5, 1.0) if (high - low) / each <= 6), 1.0)
    first = math.ceil(low / step)
    return [round(number * step, 4) for number in range(first, math.floor(high / step) + 1)]


def _stroke(place: int) -> str:
    dash = _DASHES[place % len(_DASHES)]
    return f'stroke="{colour(place)}" stroke-width="2.5"' + (f' stroke-dasharray="{dash}"' if dash else "")


def _mark(place: int, x: float, y: float) -> str:
    fill = f'fill="{colour(place)}"'
    match place % 4:
        case 0:
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" {fill}/>'
        case 1:
            return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" {fill}/>'
        case 2:
            return f'<path d="M{x:.1f} {y - 5:.1f} l5 9 h-10 z" {fill}/>'
        case _:
            return f'<path d="M{x:.1f} {y - 5:.1f} l5 5 -5 5 -5 -5 z" {fill}/>'
