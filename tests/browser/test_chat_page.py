"""The chat page in a real Chromium, with a scripted core behind it."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import expect

from bot.chat import Answer, Chose, Outbound, Stopped
from bot.identity import DIRECT
from bot.private import Private
from tests.support.chat_pages import Pages, asked, send
from tests.support.scripted_intake import QUESTION, REASON
from tests.support.site import Site, scripted_site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


# -- the main road ---------------------------------------------------------------------------------------------------


async def test_a_hard_question_is_asked_about_and_then_answered(site: Site, pages: Pages) -> None:
    page = await pages.open(site.of("alex"))
    await expect(page.locator("#empty-title")).to_have_text("Hello Alex. What is on your mind?")
    await page.locator(".starters button").first.click()
    await expect(page.locator(".question")).to_contain_text(QUESTION)
    await expect(page.locator("#empty")).to_be_hidden()
    await page.get_by_role("button", name="Anxious").click()
    await expect(page.locator(".answer.done .chip")).to_have_text("Emotional state")
    await expect(page.locator(".answer .prose li")).to_have_count(3)
    await expect(page.locator(".answer .prose strong")).to_have_text("You do not have to decide today.")
    await expect(page.locator(".answer a")).to_have_attribute("rel", "noopener noreferrer nofollow")
    await expect(page.locator(".said .bubble")).to_have_text([re.compile("dread going"), "Anxious"])
    await expect(page.locator(".question.closed .choices")).to_be_hidden()
    assert [event.content for event in site.intake.seen][1] == Chose("emotional_state:anxious")
    assert site.intake.seen[0].locale == "en-US"


async def test_why_shows_the_reason_and_leaves_the_question_open(site: Site, pages: Pages) -> None:
    page = await pages.open(site.of("alex"))
    await asked(page)
    why = page.get_by_role("button", name="Why do you ask?")
    await expect(why).to_have_attribute("aria-expanded", "false")
    await why.click()
    await expect(page.locator(".reason")).to_have_text(REASON)
    await expect(why).to_have_attribute("aria-expanded", "true")
    await why.click()
    await expect(page.locator(".reason")).to_have_count(0)
    assert len(site.intake.seen) == 1


@pytest.mark.parametrize("way_out", ["Skip", "Stop asking"])
async def test_a_question_can_be_passed_over(site: Site, pages: Pages, way_out: str) -> None:
    page = await pages.open(site.of("alex"))
    await asked(page)
    await page.get_by_role("button", name=way_out).click()
    await expect(page.locator(".answer.done .foot")).to_contain_text("Used: nothing about you")
    await expect(page.locator(".answer .chip")).to_have_count(0)


async def test_an_answer_in_own_words(site: Site, pages: Pages) -> None:
    page = await pages.open(site.of("alex"))
    await asked(page)
    await expect(page.locator("#composer")).to_have_attribute("placeholder", "Or answer in your own words")
    await send(page, "Mostly afraid")
    await expect(page.locator(".answer.done .chip")).to_be_visible()
    await expect(page.locator(".question.open")).to_have_count(0)


async def test_an_answer_streams_and_can_be_stopped(pages: Pages) -> None:
    words = asyncio.Semaphore(3)
    async with scripted_site(pace=words.acquire) as site:
        page = await pages.open(site.of("alex"))
        await send(page, "plain")
        await expect(page.locator(".answer.streaming .prose")).to_have_text("Water boils at")
        await expect(page.locator("#polite")).to_be_empty()
        await page.get_by_role("button", name="Stop").click()
        await expect(page.locator(".answer.broken")).to_contain_text("stopped before it was complete")
        await expect(page.locator("#stop")).to_be_hidden()
        assert site.intake.seen[-1].content == Stopped("web:playground:" + site.intake.seen[0].id)


async def test_a_screen_reader_hears_an_answer_once_it_is_complete(site: Site, pages: Pages) -> None:
    page = await pages.open(site.of("alex"))
    await send(page, "plain")
    await expect(page.locator("#polite p")).to_have_text([re.compile("Water boils at 100 °C .* mountains")])
    await expect(page.locator("#items")).not_to_have_attribute("aria-live", "polite")


async def test_thinking_is_shown_until_the_answer_begins(pages: Pages) -> None:
    words = asyncio.Semaphore(0)
    async with scripted_site(pace=words.acquire) as site:
        page = await pages.open(site.of("alex"))
        await site.platform.thinking(site.platform.person("alex"), DIRECT, True)
        await expect(page.locator("#thinking")).to_be_visible()
        await expect(page.locator("#stop")).to_be_visible()
        await site.platform.thinking(site.platform.person("alex"), DIRECT, False)
        await expect(page.locator("#thinking")).to_be_hidden()


async def test_what_people_and_models_write_is_never_markup(site: Site, pages: Pages) -> None:
    attack = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> plain"
    page = await pages.open(site.of("alex"))
    await send(page, attack)
    await expect(page.locator(".said .bubble")).to_have_text(attack)
    person = site.platform.person("alex")
    text = Private(f"{attack}\n\n[press](javascript:alert(1)) **<b>x</b>** https://e.example/<i>")
    await site.platform.deliver(Outbound("m", person, DIRECT, Answer(text, (), ("<u>age</u>",), None, "m"), "t"))
    await expect(page.locator(".item").last.locator(".chip")).to_have_text("<u>age</u>")
    answer = page.locator(".item").last
    await expect(answer).to_contain_text("[press](javascript:alert(1))")
    assert await answer.locator("img, script, b, u, i").count() == 0
    assert [await link.get_attribute("href") for link in await answer.locator("a").all()] == ["https://e.example/"]
    assert await page.title() == "raise-bot"


# -- several people ----------------------------------------------------------------------------------------------------


async def test_two_people_do_not_see_each_others_private_messages(site: Site, pages: Pages) -> None:
    alex, sam = await pages.open(site.of("alex", "#general")), await pages.open(site.of("sam", "#general"))
    await asked(alex, "Should I tell my boss?")
    await expect(alex.locator(".question .tag")).to_have_text("Only you can see this")
    await expect(sam.locator(".said .bubble")).to_have_text("Should I tell my boss?")
    await expect(sam.locator(".said .who")).to_have_text("Alex")
    await send(sam, "plain")
    await expect(alex.locator(".answer.done")).to_be_visible()
    await expect(alex.locator(".answer .who")).to_have_text("raise-botto Sam")
    await expect(sam.locator(".question")).to_have_count(0)
    await alex.locator(".own-words input").fill("I am ashamed")
    await alex.get_by_role("button", name="Answer", exact=True).click()
    await expect(alex.locator(".said .bubble").last).to_have_text("I am ashamed")
    await expect(alex.locator("#elsewhere")).to_contain_text("private message for you")
    await alex.get_by_role("button", name="Open it").click()
    await expect(alex.locator(".answer.done .chip")).to_have_text("Emotional state")
    await expect(alex.locator("#elsewhere")).to_be_hidden()
    assert "ashamed" not in await sam.locator("body").inner_text()
    await expect(sam.locator("#elsewhere")).to_be_hidden()


async def test_one_window_can_play_several_people(site: Site, pages: Pages) -> None:
    page = await pages.open(site.of("alex"))
    await send(page, "plain")
    await expect(page.locator(".answer.done")).to_be_visible()
    await page.get_by_placeholder("Add another person").fill("Zoë Ŵ")
    await page.keyboard.press("Enter")
    await expect(page.locator("#empty-title")).to_contain_text("Zoë Ŵ")
    await expect(page.locator("#items > li")).to_have_count(0)
    await send(page, "plain too")
    await expect(page.locator(".answer.done")).to_be_visible()
    assert str(site.intake.seen[-1].person) == "web:playground:zoë-ŵ"
    await page.get_by_role("button", name="Alex").click()
    await expect(page.locator(".said .bubble")).to_have_text("plain")
    await page.reload()
    await expect(page.locator("#people button")).to_have_count(4)


# -- connections -------------------------------------------------------------------------------------------------------


async def test_a_reload_shows_everything_once(site: Site, pages: Pages) -> None:
    page = await pages.open(site.of("alex"))
    await asked(page)
    await page.get_by_role("button", name="Angry").click()
    await expect(page.locator(".answer.done")).to_be_visible()
    before = await page.locator("#items").inner_text()
    await page.reload()
    await expect(page.locator("#items > li")).to_have_count(4)
    assert await page.locator("#items").inner_text() == before
    await expect(page.locator("#polite")).to_be_empty()


async def test_a_reload_in_the_middle_of_an_answer_goes_on(pages: Pages) -> None:
    words = asyncio.Semaphore(3)
    async with scripted_site(pace=words.acquire) as site:
        page = await pages.open(site.of("alex"))
        await send(page, "plain")
        await expect(page.locator(".answer.streaming .prose")).to_have_text("Water boils at")
        await page.reload()
        await expect(page.locator(".answer.streaming .prose")).to_have_text("Water boils at")
        for _ in range(20):
            words.release()
        await expect(page.locator(".answer.done .prose")).to_have_text(re.compile("^Water boils at 100 .*mountains.$"))


async def test_a_server_that_is_away_loses_nothing(site: Site, pages: Pages) -> None:
    page = await pages.open(site.of("alex"))
    port = int(site.url.rstrip("/").rpartition(":")[2])
    await site.app.stop()
    await expect(page.locator("#offline")).to_be_visible()
    await send(page, "plain")
    await expect(page.locator(".failure")).to_contain_text("Not sent. The server cannot be reached.")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".failure")).to_be_visible()
    async with scripted_site(port=port) as back:
        await page.get_by_role("button", name="Try now").click()
        await expect(page.locator("#offline")).to_be_hidden()
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator(".answer.done")).to_be_visible()
        await expect(page.locator(".failure")).to_have_count(0)
        await expect(page.locator(".said")).to_have_count(1)
        assert len(back.intake.seen) == 1
    assert pages.complaints
    assert all("ERR_" in complaint for complaint in pages.complaints)
    pages.complaints.clear()


async def test_what_could_not_be_kept_can_be_sent_again_or_removed(site: Site, pages: Pages) -> None:
    page = await pages.open(site.of("alex"))
    await send(page, "unavailable")
    await expect(page.locator(".failure")).to_contain_text("send it again in a moment")
    await page.get_by_role("button", name="Robin").click()
    await page.get_by_role("button", name="Alex").click()
    await expect(page.locator(".failure")).to_be_visible()
    await page.get_by_role("button", name="Remove").click()
    await expect(page.locator("#items > li")).to_have_count(0)
    await expect(page.locator("#empty")).to_be_visible()
    assert {complaint for complaint in pages.complaints if "503" not in complaint} == set()
    pages.complaints.clear()


async def test_a_message_that_is_too_long_is_not_sent(site: Site, pages: Pages) -> None:
    page = await pages.open(site.of("alex"))
    await send(page, "x" * 100_000)
    await expect(page.locator("#composer-problem")).to_contain_text("too long to send at once (98 kB of 64 kB)")
    assert len(await page.locator("#composer").input_value()) == 100_000
    assert site.intake.seen == []


# -- what is known -----------------------------------------------------------------------------------------------------


async def test_what_is_known_can_be_seen_saved_and_forgotten(site: Site, pages: Pages) -> None:
    page = await pages.open(site.of("alex"))
    await send(page, "plain")
    await expect(page.locator(".answer.done")).to_be_visible()
    await page.locator("#privacy-open").click()
    await expect(page.locator("#privacy .notice")).to_contain_text("Emotional state: anxiety")
    await page.locator("#privacy .notice").get_by_role("button", name="Save a copy").click()
    await expect(page.locator("#privacy .notice")).to_have_text("Here is your copy.Save raise-bot-export.json")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Save raise-bot-export.json").click()
    assert (await download.value).suggested_filename == "raise-bot-export.json"
    await expect(page.locator("#items .notice")).to_have_count(0)
    await site.platform.erase(site.platform.person("alex"))
    await expect(page.locator("#items > li")).to_have_count(0)
    await page.keyboard.press("Escape")
    await expect(page.locator("#privacy")).to_be_hidden()
    await expect(page.locator("#privacy-open")).to_be_focused()
