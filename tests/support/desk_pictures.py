"""Pictures of the moderators' desk."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.support.desk_site import PASSWORD, a_morning, desk_site


async def desk_pictures(browser: Browser, out: Path) -> None:
    """``desk-queue.png``, and ``desk-case.png`` of a case in work."""
    async with desk_site() as site:
        case = await a_morning(site)
        context = await browser.new_context(
            viewport={"width": 1200, "height": 800}, color_scheme="light", reduced_motion="reduce", locale="en-US"
        )
        page = await context.new_page()
        await page.goto(site.url)
        await page.get_by_label("Name").fill("mia")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator("#live")).to_have_text("Live")
        await page.screenshot(path=out / "desk-queue.png")
        await page.goto(site.of(case))
        await page.get_by_role("button", name="Claim").click()
        await expect(page.locator("#decide")).to_be_visible()
        await page.get_by_role("button", name="Read line 1").click()
        await page.locator("#decide input[value=watch]").check()
        await page.screenshot(path=out / "desk-case.png")
        await context.close()
