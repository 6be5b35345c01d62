"""Single sign-on in a real Chromium: to the provider, back, on to the desk, and out."""

from __future__ import annotations

from playwright.async_api import expect

from tests.support.browser import chromium_or_skip, launched
from tests.support.desk_sign_on import signing_on
from tests.support.desk_site import a_morning
from tests.support.page_checks import axe_faults, faults


async def test_somebody_logs_in_at_the_provider_claims_a_case_and_logs_out() -> None:
    async with signing_on(groups=["desk-t1"]) as (site, provider), launched(chromium_or_skip()) as browser:
        case = await a_morning(site)
        page = await browser.new_page()
        await page.goto(site.url)
        assert await faults(page) == []
        assert await axe_faults(page) == []
        await page.get_by_role("link", name="Log in with single sign-on").click()
        await page.wait_for_url(site.url)
        await expect(page.locator("#me")).to_contain_text("ada-")
        await page.goto(site.of(case))
        await page.get_by_role("button", name="Claim").first.click()
        await expect(page.locator("#timer")).to_be_visible()
        await page.get_by_role("button", name="Log out").click()
        await expect(page.get_by_role("heading", name="Log in to the desk")).to_be_visible()
        provider.person["groups"] = []
        await page.get_by_role("link", name="Log in with single sign-on").click()
        await expect(page.get_by_role("alert").filter(has_text="no role at this desk")).to_be_visible()
        assert await faults(page) == []
        assert await axe_faults(page) == []
