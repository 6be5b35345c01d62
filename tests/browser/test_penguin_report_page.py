"""The report's page in a real browser: readable by everybody, in light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser

from bot.evaluation.penguin.figures import Figures
from bot.evaluation.penguin.html import html
from bot.evaluation.penguin.report import TITLE, report
from bot.evaluation.penguin.results import Result
from bot.evaluation.penguin.runs import Run
from bot.profile.attributes import DOMAINS
from bot.raise_core.planner.judging import Unscorable
from bot.raise_core.planner.rubric import Grades
from tests.support.browser import find_chromium, launched
from tests.support.page_checks import axe_faults, faults

pytestmark = [pytest.mark.browser, pytest.mark.skipif(find_chromium() is None, reason="no Chromium on the PATH")]
MODES = ("context-free", "context-rich", "raise", "only:age")


def page() -> str:
    results = [
        Result(
            f"s{number}",
            domain,
            "everyday",
            "synthetic",
            mode,
            ("age", "gender") if mode == "raise" else (),
            ("age",) if mode == "raise" else (),
            (Grades(2 + number % 3, 3, min(5, 2 + place)),) if number != 5 else (Unscorable("a <b> judge & more"),),
            checks={"again": Grades(3, 3, 3)},
        )
        for number in range(4)
        for domain in DOMAINS
        for place, mode in enumerate(MODES)
    ]
    recipe = {
        "data": "0123456789abcdef" * 4,
        "model": "m",
        "judge": "j",
        "target": "core",
        "modes": list(MODES),
        "seed": 0,
        "decline": 0.1,
    }
    tree = {"asked": "age", "after": [{"answers": ["18-24", "declined"], "then": None}]}
    trees = [{"domain": "life", "query": "What now?", "tree": tree}]
    manifest = {"data": "scenarios.csv", "trees": trees, "sessions": []}
    run = Run("run", manifest, {**recipe, "scenarios": 4}, Figures(results, MODES))
    return html(TITLE, report([run, run]))


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    chromium = find_chromium()
    assert chromium is not None
    async with launched(chromium) as running:
        yield running


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 380)])
async def test_everybody_can_read_it(
    browser: Browser, tmp_path: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    file = tmp_path / "report.html"
    file.write_text(page(), encoding="utf-8")
    shown = await browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    await shown.goto(file.as_uri())
    assert await faults(shown) == []
    assert await axe_faults(shown) == []
    # Tables scroll inside their own boxes, never the page.
    assert await shown.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
