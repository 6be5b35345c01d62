"""Text on the page can be read: contrast of at least 4.5:1 (WCAG 2.2, AA) in both modes, from the stylesheet itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import adapters.web

CSS = (Path(adapters.web.__file__).parent / "static" / "base.css").read_text()
PAIRS = [
    *((ink, ground) for ink in ("ink", "soft", "accent") for ground in ("ground", "sheet", "raised", "tint")),
    ("ink", "mine"),
    ("ink", "care"),
    ("care-ink", "care"),
    ("care-ink", "raised"),
    ("warm-ink", "warm"),
    ("warm-ink", "sheet"),
    ("accent-ink", "accent"),
    ("danger-ink", "danger"),
    *(("danger", ground) for ground in ("ground", "sheet", "raised")),
]


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))


LIGHT = colours(CSS.split("@media (prefers-color-scheme: dark)")[0])
DARK = LIGHT | colours(CSS.split("@media (prefers-color-scheme: dark)")[1])


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_contrast(mode: dict[str, str], ink: str, ground: str) -> None:
    lighter, darker = sorted((luminance(mode[ink]), luminance(mode[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
