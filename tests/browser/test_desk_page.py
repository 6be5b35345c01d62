"""The moderators' desk in a real Chromium, with a real desk behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.chat import Notice, Undelivered
from bot.review.cases import Case, NoteKind
from tests.support.desk_site import PASSWORD, DeskSite, a_morning, desk_site, forgotten
from tests.support.page_checks import axe_faults, faults
from tests.support.reviewing import MINUTE

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def site() -> AsyncIterator[DeskSite]:
    async with desk_site() as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def case(site: DeskSite) -> Case:
    return await a_morning(site)


class Visitors:
    """Logs people in, each in a browser of their own; every complaint in a page's console is kept."""

    def __init__(self, browser: Browser, site: DeskSite) -> None:
        self._browser = browser
        self._site = site
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    async def open(self, name: str, address: str = "", **options: Any) -> Page:
        context = await self._browser.new_context(**{"locale": "en-US", "reduced_motion": "reduce", **options})
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        await page.goto(address or self._site.url)
        await page.get_by_label("Name").fill(name)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator("#me")).to_contain_text(name)
        return page

    def expected(self, sign: str) -> None:
        """The browser said so of an answer that was meant to be an error, and of nothing else."""
        assert self.complaints
        assert all(sign in complaint for complaint in self.complaints), self.complaints
        self.complaints.clear()

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def visitors(chromium: Browser, site: DeskSite) -> AsyncIterator[Visitors]:
    visitors = Visitors(chromium, site)
    yield visitors
    await visitors.close()
    assert visitors.complaints == []


async def live(page: Page) -> Page:
    await expect(page.locator("#live")).to_have_text("Live")
    return page


async def choose(page: Page, ruling: str) -> None:
    await page.locator(f"#decide input[value={ruling}]").check()


# -- the main road ---------------------------------------------------------------------------------------------------


async def test_from_the_queue_to_a_decision_by_keyboard(site: DeskSite, visitors: Visitors, case: Case) -> None:
    page = await live(await visitors.open("mia"))
    await expect(page.locator(".case-row")).to_have_count(4)
    for key, row in (("j", 0), ("j", 1), ("k", 0)):
        await page.keyboard.press(key)
        await expect(page.locator(".case-link").nth(row)).to_be_focused()
    await page.keyboard.press("c")
    await page.wait_for_url(f"**/cases/{case.id}")
    await live(page)
    await expect(page.locator("#timer")).to_have_text("15:00")
    covered = page.locator("#line-3")
    assert await covered.evaluate("node => node.inert && getComputedStyle(node).filter.startsWith('blur')")
    await page.get_by_role("button", name="Read line 3").press("Enter")
    await expect(covered).to_have_text("No. I have the pills here and I do not want to wake up tomorrow.")
    assert await covered.evaluate("node => !node.inert && getComputedStyle(node).filter === 'none'")
    await page.keyboard.press("b")
    await expect(page.locator("#line-1")).to_contain_text("My name is [name].")
    await expect(page.locator(".covered")).to_have_count(0)
    await page.keyboard.press("d")
    await expect(page.locator("#decide input[value=no_risk]")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.get_by_role("combobox", name="Look again").select_option("4")
    await page.get_by_role("button", name="Decide").press("Enter")
    await expect(page.locator("#said")).to_contain_text("Decided: watch. It comes back")
    await expect(page.locator("#decide")).to_have_count(0)
    await page.get_by_role("button", name="Undo the decision").press("Enter")
    await expect(page.locator("#decide")).to_be_visible()
    await expect(page.locator(".history li").first).to_contain_text("took the decision back: watch")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


async def test_identifiers_are_shown_for_a_reason(site: DeskSite, visitors: Visitors, case: Case) -> None:
    page = await live(await visitors.open("mia", site.of(case)))
    await expect(page.get_by_text("Show identifiers")).to_have_count(0)
    await page.keyboard.press("c")
    await page.locator("#note").fill("half a note")
    await page.locator("summary", has_text="Show identifiers").click()
    await page.get_by_label("Why do you need them?").fill("To call an ambulance")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-revealed]")).to_contain_text("slack user U1")
    await page.get_by_role("button", name="Read line 1").click()
    await expect(page.locator("#line-1")).to_contain_text("My name is Ann.")
    assert page.url == site.of(case)
    await expect(page.locator("#note")).to_have_value("half a note")
    await expect(page.locator("[data-list]")).to_contain_text("To call an ambulance")
    await expect(page.locator(".newer")).to_be_hidden()
    assert [note.kind for note in await site.room.store.notes(case)] == [NoteKind.REVEAL]
    await page.get_by_role("link", name="Hide them again").click()
    await expect(page.locator("#line-1")).to_contain_text("My name is [name].")


async def test_a_contact_is_previewed_and_its_delivery_told(site: DeskSite, visitors: Visitors, case: Case) -> None:
    site.room.people.answer = Undelivered("direct messages are closed", permanent=True)
    page = await visitors.open("mia", site.of(case))
    await page.get_by_role("button", name="Claim").click()
    await choose(page, "contact")
    await page.get_by_role("button", name="Decide").click()
    await expect(page.get_by_role("alert")).to_contain_text("Write the message first.")
    await page.get_by_role("textbox", name="Message").fill("A person has read this.\nAre you <b>safe</b>?")
    await page.get_by_role("button", name="Decide").click()
    preview = page.get_by_role("dialog", name="The person will see this")
    await expect(preview.locator("blockquote")).to_have_text("A person has read this.\nAre you <b>safe</b>?")
    assert site.room.people.sent == []
    await preview.get_by_role("button", name="Send it").click()
    await expect(page.locator(".outcome")).to_have_text("Not delivered: direct messages are closed")
    assert len(site.room.people.sent) == 1


async def test_taking_over_and_handing_back(site: DeskSite, visitors: Visitors, case: Case) -> None:
    page = await visitors.open("mia", site.of(case))
    await page.get_by_role("button", name="Claim").click()
    await choose(page, "take_over")
    await page.get_by_role("button", name="Decide").click()
    talk = page.locator("[data-part=talk]")
    await talk.get_by_label("Message").fill("Hello, I am Mia from the team.")
    await talk.get_by_role("button", name="Send").click()
    await expect(page.locator("[data-part=sent]")).to_contain_text("Hello, I am Mia from the team.")
    await expect(page.locator(".outcome")).to_have_text("Delivered")
    body = site.room.people.sent[-1].body
    assert isinstance(body, Notice)
    await page.get_by_role("button", name="Read line 3").click()
    await talk.get_by_label("Message").fill("half a sentence")
    site.room.said.person("Hello Mia. I put them away.")
    await page.get_by_role("button", name="Read line 5").click(timeout=15_000)
    await expect(page.locator("#line-5")).to_have_text("Hello Mia. I put them away.")
    await expect(page.locator("#line-3")).not_to_have_class("covered")
    await expect(talk.get_by_label("Message")).to_have_value("half a sentence")
    await talk.get_by_label("Message").fill("")
    await talk.get_by_role("button", name="Hand back to the bot").click()
    await expect(talk).to_have_count(0)
    await expect(page.locator("#decide")).to_be_visible()
    assert await page.evaluate("document.body.dataset.held") == "no"


# -- several moderators ------------------------------------------------------------------------------------------------


async def test_two_race_for_a_claim_and_one_wins(site: DeskSite, visitors: Visitors, case: Case) -> None:
    mia = await live(await visitors.open("mia", site.of(case)))
    noah = await live(await visitors.open("noah", site.of(case)))
    queue = await live(await visitors.open("lea"))
    pressed = "() => document.querySelector('#claim').requestSubmit()"
    await mia.evaluate(pressed)
    await noah.evaluate(pressed)
    for page, other in ((mia, noah), (noah, mia)):
        await expect(page.locator("#claim")).to_have_count(0)
        await expect(page.locator("[data-part=claim]")).to_contain_text("this case for another")
        assert other is not page
    kept = await site.room.store.find(case.id)
    assert kept is not None
    winner, loser = (mia, noah) if kept.holder(site.clock.now()) == "mia" else (noah, mia)
    await expect(winner.locator("#decide")).to_be_visible()
    await expect(loser.locator("#decide")).to_have_count(0)
    await expect(queue.locator(f"[data-case='{case.id}']")).to_contain_text("Claimed by")
    if visitors.complaints:
        await expect(loser.get_by_role("alert")).to_contain_text("is held by")
        visitors.expected("409")
    await loser.locator("#note").fill("typing while the other works")
    await winner.get_by_role("button", name="Release").click()
    await expect(loser.locator("#claim")).to_be_visible()
    await expect(loser.locator("#note")).to_have_value("typing while the other works")


async def test_a_second_opinion_and_handing_over(site: DeskSite, visitors: Visitors, case: Case) -> None:
    mia = await live(await visitors.open("mia", site.of(case)))
    await mia.keyboard.press("c")
    await mia.locator("#note").fill("Is this about now?")
    await mia.get_by_role("button", name="Ask for a second opinion").click()
    await expect(mia.locator("[data-list]")).to_contain_text("Is this about now?")
    await expect(mia.locator("#note")).to_have_value("")
    noah = await live(await visitors.open("noah", f"{site.url}?opinion=yes"))
    await noah.goto(site.of(case))
    await noah.locator("#note").fill("Yes, I think so.")
    await noah.get_by_role("button", name="Give my opinion").click()
    await expect(mia.locator("[data-list]")).to_contain_text("Yes, I think so.")
    await mia.locator("summary", has_text="Hand over").click()
    await mia.get_by_role("combobox", name="To").select_option("noah")
    await mia.get_by_role("button", name="Hand over").click()
    await expect(noah.locator("#decide")).to_be_visible()
    await expect(mia.locator("#decide")).to_have_count(0)


# -- time passes -------------------------------------------------------------------------------------------------------


async def test_a_session_that_ends_loses_nothing_typed(site: DeskSite, visitors: Visitors, case: Case) -> None:
    page = await live(await visitors.open("mia", site.of(case)))
    await page.locator("#note").fill("She has a sister in town.")
    await page.get_by_role("button", name="Read line 1").click()
    site.clock.advance(31 * MINUTE)
    asked = page.get_by_role("dialog", name="Your session has ended")
    await expect(asked).to_be_visible()
    await expect(page.locator("#line-1.covered")).to_have_count(1)
    await asked.get_by_label("Password").fill("not the password")
    await page.keyboard.press("Enter")
    await expect(asked.get_by_role("alert")).to_contain_text("not right")
    await asked.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(asked).to_be_hidden()
    await expect(page.locator("#note")).to_have_value("She has a sister in town.")
    await page.get_by_role("button", name="Keep the note").click()
    await expect(page.locator("[data-list]")).to_contain_text("She has a sister in town.")
    visitors.expected("401")


async def test_a_claim_that_runs_out_is_told(site: DeskSite, visitors: Visitors, case: Case) -> None:
    page = await live(await visitors.open("mia", site.of(case)))
    await page.keyboard.press("c")
    await choose(page, "contact")
    await page.get_by_role("textbox", name="Message").fill("a long letter")
    site.clock.advance(15 * MINUTE)
    await page.get_by_role("button", name="Decide").click()
    await page.get_by_role("button", name="Send it").click()
    await expect(page.get_by_role("alert")).to_contain_text("claim it first")
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("a long letter")
    await page.get_by_role("button", name="Claim").click()
    await page.get_by_role("button", name="Decide").click()
    await page.get_by_role("button", name="Send it").click()
    await expect(page.locator("[data-part=sent]")).to_contain_text("a long letter")
    visitors.expected("409")


async def test_a_forgotten_case_and_an_empty_queue(site: DeskSite, visitors: Visitors) -> None:
    page = await live(await visitors.open("mia"))
    await expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    gone = await forgotten(site)
    await page.goto(site.of(gone))
    await expect(page.get_by_role("heading", name="The person asked to be forgotten")).to_be_visible()
    await expect(page.locator(".lines, #note, #decide")).to_have_count(0)
    visitors.expected("410")


# -- for everybody -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_can_be_used_by_everybody(
    site: DeskSite, visitors: Visitors, case: Case, chromium: Browser, scheme: str
) -> None:
    page = await visitors.open("lea", color_scheme=scheme, viewport={"width": 360, "height": 740})
    await site.room.desk.claim(await site.accounts.find("lea"), case.id)  # type: ignore[arg-type]  # there is one
    for address in (site.url, site.of(case), f"{site.url}/figures"):
        await page.goto(address)
        await expect(page.locator("h1")).to_be_visible()
        await _usable(page)
        if address == site.of(case):
            await page.keyboard.press("b")
            await choose(page, "contact")
            await _usable(page)
    await page.get_by_role("button", name="Log out").click()
    await expect(page.get_by_role("heading", name="Log in to the desk")).to_be_visible()
    await _usable(page)


async def _usable(page: Page) -> None:
    assert await faults(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    assert await axe_faults(page) == []
