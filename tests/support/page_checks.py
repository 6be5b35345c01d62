"""What keeps people out of a page: missing names, labels and landmarks, weak contrast, a wrong order of focus."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

_CHECK: Final = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


async def faults(page: Page) -> list[str]:
    """What is wrong with the page as it is shown now: names and labels (WCAG 1.1.1, 4.1.2), contrast (1.4.3), landmarks
    and headings (1.3.1), language and title (3.1.1, 2.4.2), order of focus (2.4.3), size of targets (2.5.8)."""
    found: list[str] = await page.evaluate(_CHECK)
    return found


async def axe_faults(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 and its best practices, with how grave it is and where."""
    await page.evaluate(AXE_SCRIPT)
    found: list[str] = await page.evaluate(
        "axe.run().then(r => r.violations.map(v => `${v.id} (${v.impact}) ${v.nodes.map(n => n.target)}`))"
    )
    return found
