"""Pictures of the chat page: ``python -m tests.support.screenshots --out DIR [--url URL]``.

Without ``--url`` a scripted core stands behind the page; with it, whatever serves there (``raise-bot playground``).
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, expect

from tests.support.browser import find_chromium, launched
from tests.support.site import scripted_site

_WIDE: Final = {"width": 1200, "height": 800}
_NARROW: Final = {"width": 360, "height": 740}
_CRISIS: Final = "I took an overdose an hour ago and I do not want to be here any more"
_MOST_QUESTIONS: Final = 4


async def take(browser: Browser, url: str, out: Path) -> list[Path]:
    """Play a short conversation in each look and photograph its stations."""
    shots: list[Path] = []

    async def shot(page: Page, name: str) -> None:
        shots.append(out / f"{name}.png")
        await page.screenshot(path=shots[-1])

    for person, scheme in (("alex", "light"), ("sam", "dark")):
        async with _page(browser, f"{url}#{person}/dm", scheme, _WIDE) as page:
            await shot(page, f"welcome-{scheme}")
            await page.locator(".starters button").first.click()
            await expect(page.locator(".question, .answer.done").first).to_be_visible()
            await shot(page, f"question-{scheme}")
            await _answer_questions(page)
            await shot(page, f"chat-{scheme}")
            await _send(page, _CRISIS)
            await expect(page.locator(".crisis")).to_be_visible()
            await shot(page, f"crisis-{scheme}")
            await page.locator("#privacy-open").click()
            await expect(page.locator("#privacy .notice").first).to_be_visible()
            await shot(page, f"privacy-{scheme}")
    async with _page(browser, f"{url}#alex/%23general", "light", _WIDE) as page:
        await _send(page, "I feel burnt out. Should I tell my boss?")
        await expect(page.locator(".question, .answer.done").first).to_be_visible()
        await shot(page, "channel")
    async with _page(browser, f"{url}#robin/dm", "light", _NARROW) as page:
        await shot(page, "welcome-narrow")
        await page.locator(".starters button").nth(1).click()
        await expect(page.locator(".question, .answer.done").first).to_be_visible()
        await shot(page, "question-narrow")
        await _answer_questions(page)
        await shot(page, "chat-narrow")
    return shots


async def _answer_questions(page: Page) -> None:
    for _ in range(_MOST_QUESTIONS):
        await expect(page.locator(".question.open, .answer.done").first).to_be_visible()
        if await page.locator(".answer.done").count():
            break
        question = page.locator(".question.open").last
        here = page.locator(f'[data-id="{await question.get_attribute("data-id")}"]')
        if await question.locator(".choices button").count():
            await question.locator(".choices button").nth(1).click()
        else:
            await _send(page, "I am a nurse")
        await expect(here).to_have_class(re.compile("closed"))
    await expect(page.locator(".answer.done").first).to_be_visible()


async def _send(page: Page, text: str) -> None:
    await page.locator("#composer").fill(text)
    await page.locator("#composer").press("Enter")


@asynccontextmanager
async def _page(browser: Browser, address: str, scheme: str, size: dict[str, int]) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport=size,  # type: ignore[arg-type]  # playwright's own TypedDict of the same two keys
        color_scheme=scheme,  # type: ignore[arg-type]
        device_scale_factor=2 if size is _NARROW else 1,
        reduced_motion="reduce",
        locale="en-US",
        has_touch=size is _NARROW,
    )
    page = await context.new_page()
    await page.goto(address)
    await expect(page.locator("#empty, #items > li").first).to_be_visible()
    yield page
    await context.close()


@asynccontextmanager
async def _served(url: str | None) -> AsyncIterator[str]:
    if url is not None:
        yield url.rstrip("/") + "/"
        return
    async with scripted_site() as site:
        yield site.url


async def _main(out: Path, url: str | None) -> int:
    chromium = find_chromium()
    if chromium is None:
        print("no Chromium found on the PATH; install it, or set CHROMIUM to its path", file=sys.stderr)
        return 2
    await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True)
    async with _served(url) as address, launched(chromium) as browser:
        for shot in await take(browser, address, out):
            print(shot)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.support.screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--url", help="a running playground, for example http://127.0.0.1:8080/")
    arguments = parser.parse_args()
    return asyncio.run(_main(arguments.out, arguments.url))


if __name__ == "__main__":
    sys.exit(main())
