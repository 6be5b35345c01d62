"""What tests in a browser share: Chromium, once for each module, and the chat page with a scripted core behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from tests.support.browser import chromium_or_skip, launched
from tests.support.chat_pages import Pages
from tests.support.site import Site, scripted_site


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with launched(chromium_or_skip()) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def pages(chromium: Browser) -> AsyncIterator[Pages]:
    pages = Pages(chromium)
    yield pages
    await pages.close()
    assert pages.complaints == []
