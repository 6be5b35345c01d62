"""A real Chromium for tests: found on the PATH, driven with playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest
from playwright.async_api import Browser, async_playwright

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """The path of Chromium; ``CHROMIUM`` in the environment goes first."""
    return os.environ.get("CHROMIUM") or next((path for name in _NAMES if (path := shutil.which(name))), None)


def chromium_or_skip() -> str:
    """The path of Chromium; where there is none the test is skipped, but fails where CI is set to true."""
    path = find_chromium()
    if path is None:
        problem = f"no Chromium: none of {', '.join(_NAMES)} is on the PATH, and CHROMIUM is not set"
        if os.environ.get("CI") == "true":
            pytest.fail(problem)
        pytest.skip(problem)
    return path


@asynccontextmanager
async def launched(path: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(_FLAGS), headless=True)
        try:
            yield browser
        finally:
            await browser.close()
