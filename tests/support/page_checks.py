"""What keeps people out of a page: missing names, labels and landmarks, weak contrast, a wrong order of focus."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from playwright.async_api import Page

_CHECK: Final = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


async def faults(page: Page) -> list[str]:
    """What is wrong with the page as it is shown now: names and labels (WCAG 1.1.1, 4.1.2), contrast (1.4.3), landmarks
    and headings (1.3.1), language and title (3.1.1, 2.4.2), order of focus (2.4.3), size of targets (2.5.8)."""
    found: list[str] = await page.evaluate(_CHECK)
    return found
