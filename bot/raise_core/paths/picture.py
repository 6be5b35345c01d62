"""One query's lattice as a picture: levels by size, judged sets as dots coloured by score, the best path as a line."""

from __future__ import annotations

from html import escape
from typing import Final

from bot.raise_core.paths.evidence import Evidence, JudgedSet

WIDTH: Final = 960
_LEVEL: Final = 120
_TOP, _LEFT = 90, 90
_POOR, _GOOD = (196, 72, 58), (44, 122, 106)
_MIDDLE: Final = (226, 196, 110)
_LOWEST, _HIGHEST = 1.0, 5.0
_LONGEST_TITLE: Final = 100


def svg(evidence: Evidence) -> str:
    """A standalone SVG document. Sets of one size stand side by side, best first; sets of the path that were not judged
    are hollow."""
    path = [frozenset(evidence.path[:size]) for size in range(len(evidence.path) + 1)] if evidence.path else []
    levels = _levels(evidence, path)
    places = {
        attributes: (_across(place, len(row)), _TOP + size * _LEVEL)
        for size, row in levels.items()
        for place, attributes in enumerate(row)
    }
    judged = {each.attributes: each for each in evidence.judged}
    height = _TOP + _LEVEL * (max(levels, default=0) + 1)
    title = evidence.query if len(evidence.query) <= _LONGEST_TITLE else f"{evidence.query[: _LONGEST_TITLE - 1]}…"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">',
        "<style>text { font: 12px system-ui, sans-serif } .query { font-size: 16px }</style>",
        f"<title>{_text(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="20" y="30" class="query" fill="#1d2b28">{_text(title)}</text>',
        f'<text x="20" y="50" fill="#5c6b68">{_text(_caption(evidence))}</text>',
    ]
    parts += [
        f'<text x="20" y="{_TOP + size * _LEVEL + 4}" fill="#5c6b68">{"none" if not size else f"{size} known"}</text>'
        for size in sorted(levels)
    ]
    if len(path) > 1:
        points = " ".join(f"{x:.0f},{y}" for x, y in (places[each] for each in path))
        parts.append(f'<polyline points="{points}" fill="none" stroke="#1d2b28" stroke-width="3" class="path"/>')
    on_path = frozenset(path)
    parts += [
        _dot(attributes, places[attributes], judged.get(attributes), attributes in on_path) for attributes in places
    ]
    parts += [
        f'<text x="{places[after][0]:.0f}" y="{places[after][1] - 18}" text-anchor="middle" '
        f'fill="#1d2b28" stroke="#fff" stroke-width="3" paint-order="stroke">{_text(name)}</text>'
        for name, after in zip(evidence.path, path[1:], strict=True)
    ]
    return "\n".join([*parts, "</svg>", ""])


def _levels(evidence: Evidence, path: list[frozenset[str]]) -> dict[int, list[frozenset[str]]]:
    scores = {each.attributes: each.score for each in evidence.judged}
    levels: dict[int, list[frozenset[str]]] = {}
    for attributes in scores.keys() | set(path):
        levels.setdefault(len(attributes), []).append(attributes)
    for row in levels.values():
        row.sort(key=lambda each: (-scores.get(each, _LOWEST), sorted(each)))
    return levels


def _across(place: int, count: int) -> float:
    return _LEFT + (WIDTH - 2 * _LEFT) * (place + 0.5) / count


def _dot(attributes: frozenset[str], where: tuple[float, int], judged: JudgedSet | None, on_path: bool) -> str:
    x, y = where
    ring = ' stroke="#1d2b28" stroke-width="2.5"' if on_path else ' stroke="#fff"'
    names = ", ".join(sorted(attributes)) or "nothing known"
    if judged is None:
        return (
            f'<circle cx="{x:.1f}" cy="{y}" r="7" fill="#fff"{ring}><title>{_text(names)}: not judged</title></circle>'
        )
    told = f"{names}: {judged.score:.2f} ({judged.count} judgements)"
    # More judgements, a larger dot; beyond some it would cover its neighbours.
    radius = min(5.0 + judged.count, 10.0)
    return (
        f'<circle cx="{x:.1f}" cy="{y}" r="{radius:g}" fill="{_colour(judged.score)}"{ring}>'
        f"<title>{_text(told)}</title></circle>"
    )


def _colour(score: float) -> str:
    share = (min(max(score, _LOWEST), _HIGHEST) - _LOWEST) / (_HIGHEST - _LOWEST)
    start, end, part = (_POOR, _MIDDLE, share * 2) if share < 0.5 else (_MIDDLE, _GOOD, share * 2 - 1)
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(start, end, strict=True))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _caption(evidence: Evidence) -> str:
    judgements = sum(each.count for each in evidence.judged)
    path = f"; best path {' > '.join(evidence.path)}" if evidence.path else ""
    return f"{evidence.domain}: {len(evidence.judged)} sets, {judgements} judgements{path}"


def _text(text: str) -> str:
    """Escaped, and without the control characters that XML does not allow."""
    return escape("".join(each if each.isprintable() else " " for each in text))
