"""The operators' pages in a real Chromium: one road through them by keyboard, and nothing that keeps people out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import chromium_or_skip, launched
from tests.support.desk_site import PASSWORD
from tests.support.operating import EXAM, operated
from tests.support.page_checks import axe_faults, faults

pytestmark = pytest.mark.browser


async def sound(page: Page) -> None:
    assert await faults(page) == []
    assert await axe_faults(page) == []


async def test_an_operator_changes_the_policy_and_changes_it_back(tmp_path: Path) -> None:
    complaints: list[str] = []
    async with operated(tmp_path) as site, launched(chromium_or_skip()) as browser:
        await site.ask(EXAM, then="education_level:skip")
        await site.ask("I want to kill myself tonight")
        first = site.app.rules().policy.id
        context = await browser.new_context(locale="en-US", reduced_motion="reduce")
        context.set_default_timeout(10_000)
        page = await context.new_page()
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        await page.goto(site.url)
        await page.get_by_label("Name").fill("otto")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.get_by_role("link", name="Policy").press("Enter")
        await expect(page.get_by_role("heading", name="Mistakes in the folder")).to_be_visible()
        await sound(page)

        site.edit("defaults.yaml", "price: 0.06", "prize: 0.06")
        await page.get_by_role("button", name="Read the files again").press("Enter")
        await expect(page.locator("#said")).to_contain_text("Refused")
        await sound(page)
        await page.get_by_role("link", name="defaults.yaml:").first.press("Enter")
        note = page.locator(".source .note").first
        await expect(note).to_contain_text("did you mean 'price'?")
        await expect(note).to_be_in_viewport()
        await sound(page)

        site.edit("defaults.yaml", "prize: 0.06", "price: 0.16")
        await page.get_by_role("link", name="Back to the policy").press("Enter")
        await page.get_by_role("button", name="Read the files again").press("Enter")
        await expect(page.locator("#said")).to_contain_text(
            re.compile("serves now|nothing changed")
        )  # or the watch was faster
        second = site.app.rules().policy.id
        await page.get_by_role("link", name=f"Put {first} back").press("Enter")
        await expect(page.get_by_role("heading", name="What changes")).to_be_visible()
        await sound(page)
        await page.get_by_role("button", name="Put it back").press("Enter")
        await expect(page.locator("#said")).to_contain_text(f"{first} serves again")
        assert site.app.rules().policy.id == first

        await page.get_by_role("link", name="Try a message").press("Enter")
        await page.get_by_label("Message", exact=True).fill(EXAM)
        await page.get_by_role("button", name="See what would happen").press("Enter")
        await expect(page.get_by_role("heading", name="It would ask for education level")).to_be_visible()
        assert "exam" not in page.url
        await page.get_by_label("Version of the policy").select_option(second)
        await page.get_by_role("button", name="See what would happen").press("Enter")
        await expect(page.get_by_role("heading", name="Beside the version that serves")).to_be_visible()
        await expect(page.get_by_role("row", name="Net worth of asking for")).not_to_have_count(0)
        await page.get_by_text("How the two policies differ").press("Enter")
        await expect(page.get_by_text("asking costs 0.16 instead of 0.06")).to_be_visible()
        await sound(page)

        await page.get_by_role("link", name="Decisions").press("Enter")
        await expect(page.get_by_role("img", name="Asked for education level.")).to_be_visible()
        await sound(page)
        for width, scheme in ((360, "dark"), (1200, "light")):
            await page.set_viewport_size({"width": width, "height": 800})
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # both are schemes
            await sound(page)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints == []
