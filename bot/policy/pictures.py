"""Pictures for operators, as SVG: no script, no font but the reader's, readable in light and in dark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

_ROW, _BAR, _LEFT, _WIDTH, _TOP = 46, 16, 210, 760, 74
_STYLE: Final = (
    "text{font:14px system-ui,sans-serif;fill:#1f2430}.n{fill:#555b6a}.o{fill:#9aa5bd}.w{fill:#2563a8}"
    ".t{font-size:17px;font-weight:600}"
    "@media(prefers-color-scheme:dark){text{fill:#e7e9ee}.n{fill:#b4bac8}.o{fill:#6d7791}.w{fill:#6fa8e6}}"
)


def pairs(title: str, rows: Sequence[tuple[str, int, int]], labels: tuple[str, str] = ("before", "after")) -> str:
    """Two bars a row: what was, and what would be. ``rows`` are name, before, after (counts)."""
    most = max((max(before, after) for _, before, after in rows), default=0) or 1
    room, height = _WIDTH - _LEFT - 120, _TOP + _ROW * len(rows) + 16
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size} aria-label="{escape(title)}">',
        f"<style>{_STYLE}</style>",
        f'<text class="t" x="16" y="28">{escape(title)}</text>',
    ]
    for number, (label, kind) in enumerate(zip(labels, "ow", strict=True)):
        x = 16 + number * 150
        parts.append(f'<rect class="{kind}" x="{x}" y="42" width="12" height="12" rx="2"/>')
        parts.append(f'<text class="n" x="{x + 18}" y="53">{escape(label)}</text>')
    for number, (name, before, after) in enumerate(rows):
        y = _TOP + number * _ROW
        parts.append(f'<text x="{_LEFT - 12}" y="{y + 22}" text-anchor="end">{escape(name)}</text>')
        for kind, count, top in (("o", before, y), ("w", after, y + _BAR + 2)):
            width = round(room * count / most, 1)
            parts.append(f'<rect class="{kind}" x="{_LEFT}" y="{top}" width="{width}" height="{_BAR}" rx="2"/>')
            parts.append(f'<text class="n" x="{_LEFT + width + 8}" y="{top + 13}">{count:,}</text>')
    return "\n".join((*parts, "</svg>\n"))
