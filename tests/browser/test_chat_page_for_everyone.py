"""The chat page for everyone: by keyboard, on narrow screens, from right to left, calm, with help at hand."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import expect

from bot.chat import Chose, Said
from bot.private import Private
from tests.support.chat_pages import Pages, asked, send
from tests.support.site import Site, scripted_site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


# -- keyboard, small screens, other scripts ----------------------------------------------------------------------------


async def test_everything_works_without_a_mouse(site: Site, pages: Pages) -> None:
    page = await pages.open(site.of("alex"))
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the message box")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#composer")).to_be_focused()
    await page.keyboard.type("Should I quit")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("my job?")
    await page.keyboard.press("Enter")
    await expect(page.locator(".question.open")).to_be_visible()
    assert site.intake.seen[0].content == Said(Private("Should I quit\nmy job?"))
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_role("button", name="Anxious")).to_be_focused()
    for key, name in (
        ("ArrowRight", "Lonely"),
        ("End", "Stop asking"),
        ("ArrowDown", "Anxious"),
        ("ArrowLeft", "Stop"),
    ):
        await page.keyboard.press(key)
        await expect(page.get_by_role("button", name=name)).to_be_focused()
    await page.keyboard.press("Home")
    await page.keyboard.press("2")
    await expect(page.locator(".answer.done")).to_be_visible()
    await expect(page.locator("#composer")).to_be_focused()
    assert site.intake.seen[1].content == Chose("emotional_state:lonely")


async def test_escape_stops(pages: Pages) -> None:
    words = asyncio.Semaphore(2)
    async with scripted_site(pace=words.acquire) as site:
        page = await pages.open(site.of("alex"))
        await send(page, "plain")
        await expect(page.locator(".answer.streaming .prose")).to_have_text("Water boils")
        await page.keyboard.press("Escape")
        await expect(page.locator(".answer.broken")).to_be_visible()


async def test_a_narrow_screen_never_scrolls_sideways(site: Site, pages: Pages) -> None:
    small = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
    page = await pages.open(site.of("alex"), **small)
    width = "document.documentElement.scrollWidth"
    assert await page.evaluate(width) == 360
    await asked(page, "Should I " + "really" * 40 + "?")
    await page.get_by_role("button", name="Calm").tap()
    await expect(page.locator(".answer.done")).to_be_visible()
    await send(page, "I took an overdose")
    await expect(page.locator(".crisis")).to_be_visible()
    await page.locator("#privacy-open").tap()
    await expect(page.locator("#privacy .notice")).to_be_visible()
    assert await page.evaluate(width) == 360
    assert await page.evaluate("document.getElementById('scroll').scrollWidth") <= 360
    await page.locator("#privacy-close").tap()
    await page.locator("#side-open").tap()
    await expect(page.locator("#people [aria-current=true]")).to_be_focused()
    await page.get_by_role("button", name="Sam").tap()
    await expect(page.locator("#title")).to_contain_text("Sam")
    await expect(page.locator("#side-open")).to_have_attribute("aria-expanded", "false")


async def test_right_to_left_text_runs_right_to_left(site: Site, pages: Pages) -> None:
    page = await pages.open(site.of("alex"))
    await send(page, "plain: \u200fهل أترك عملي؟")
    await send(page, "هل أترك عملي؟ plain")
    direction = "node => getComputedStyle(node).direction"
    await expect(page.locator(".said .bubble")).to_have_count(2)
    assert await page.locator(".said .bubble").nth(1).evaluate(direction) == "rtl"
    await page.locator("#composer").fill("مرحبا")
    assert await page.locator("#composer").evaluate(direction) == "rtl"


async def test_calm_for_those_who_ask_for_it(site: Site, pages: Pages) -> None:
    page = await pages.open(site.of("alex"), color_scheme="dark")
    await asked(page)
    assert await page.locator(".dots i").first.evaluate("node => getComputedStyle(node).animationName") == "none"
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", ground))) < 60


# -- danger ------------------------------------------------------------------------------------------------------------


async def test_help_can_be_called_and_texted(site: Site, pages: Pages) -> None:
    page = await pages.open(site.of("alex"))
    await send(page, "I took an overdose")
    card = page.locator(".crisis")
    await expect(card.get_by_role("link", name="Call 988")).to_have_attribute("href", "tel:988")
    await expect(card.get_by_role("link", name="Text 988")).to_have_attribute("href", "sms:988")
    await expect(card.get_by_role("link", name="website")).to_have_attribute("href", "https://988lifeline.org/")
    await expect(page.locator("#urgent")).to_contain_text("call or text 988")
    await expect(page.locator("#composer")).to_be_focused()
