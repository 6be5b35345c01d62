"""Chat pages in a real Chromium, and what a person does on them."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, expect


class Pages:
    """Opens pages; every complaint in a page's console is kept."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    async def open(self, address: str, **options: Any) -> Page:
        context = await self._browser.new_context(**{"locale": "en-US", "reduced_motion": "reduce", **options})
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        await page.goto(address)
        await expect(page.locator("#empty, #items > li").first).to_be_visible()
        return page

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()


async def send(page: Page, text: str) -> None:
    await page.locator("#composer").fill(text)
    await page.locator("#composer").press("Enter")


async def asked(page: Page, text: str = "Should I quit?") -> None:
    await send(page, text)
    await expect(page.locator(".question.open .choices button").first).to_be_visible()
