"""The chat page's endpoints, over real connections on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from adapters.web import Address, WebApp, WebPlatform
from bot.chat import Chose, Command, Said, Stopped, Verb
from bot.clock import ManualClock
from bot.identity import DIRECT, Place, Space
from bot.private import Private
from tests.support.scripted_intake import ANSWER, PLAIN, ScriptedIntake
from tests.support.site import Site, scripted_site
from tests.support.web_calls import events, items, post

GENERAL = Space(Place.CHANNEL, "general")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site(clock=ManualClock()) as site:
        yield site


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
        yield session


async def test_the_page_is_small_and_brings_nothing_from_elsewhere(browser: aiohttp.ClientSession, site: Site) -> None:
    async with browser.get(site.url) as answer:
        page = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    size, names = len(page), {part.split('"')[0] for part in page.split('"/static/')[1:]}
    names |= {f"{name}.js" for name in ("api", "cards", "dom", "markdown", "panel", "side")}
    for name in names:
        async with browser.get(f"{site.url}static/{name.removeprefix('/static/')}") as answer:
            assert answer.status == 200, name
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            text = await answer.text()
            assert "innerHTML" not in text
            size += len(text)
    assert size < 150_000
    assert "https://" not in page


async def test_it_says_that_it_is_alive_and_ready(browser: aiohttp.ClientSession, site: Site) -> None:
    for path, status in (("healthz", "ok"), ("readyz", "ready")):
        async with browser.get(site.url + path) as answer:
            assert (answer.status, (await answer.json())["status"]) == (200, status)


async def test_it_says_what_it_still_waits_for(browser: aiohttp.ClientSession) -> None:
    async def not_yet() -> tuple[str, ...]:
        return ("the database cannot be reached",)

    platform = WebPlatform(ManualClock())
    app = WebApp(platform, ScriptedIntake(platform), ManualClock(), Address(port=0), ready=not_yet)
    url = await app.start()
    try:
        async with browser.get(f"{url}readyz") as answer:
            assert answer.status == 503
            assert (await answer.json())["problems"] == ["the database cannot be reached"]
    finally:
        await app.stop()


# -- what reaches the core ----------------------------------------------------------------------------------------


async def test_a_message_reaches_the_core(browser: aiohttp.ClientSession, site: Site) -> None:
    status, sent = await post(browser, site, "messages", text="Should I quit?", locale="de-CH")
    assert (status, sent) == (202, {"turn": "web:playground:alex.e1", "duplicate": False, "crisis": False})
    (event,) = site.intake.seen
    assert event.content == Said(Private("Should I quit?"))
    assert (str(event.person), event.space, event.locale) == ("web:playground:alex", DIRECT, "de-CH")


async def test_words_that_are_a_command_are_one(browser: aiohttp.ClientSession, site: Site) -> None:
    await post(browser, site, "messages", text="/forget age", place="#general")
    (event,) = site.intake.seen
    assert (event.content, event.space) == (Command(Verb.FORGET, Private("age")), GENERAL)
    assert items(await events(browser, site, "sam", "#general")) == []


async def test_choices_commands_and_stops_reach_the_core(browser: aiohttp.ClientSession, site: Site) -> None:
    await post(browser, site, "messages", text="Should I quit?")
    (asked,) = [item for item in items(await events(browser, site, "alex", until="question")) if "choices" in item]
    await post(browser, site, "choices", id="e2", message=asked["id"], choice="emotional_state:anxious", text="a bit")
    await post(browser, site, "commands", id="e3", verb="export")
    await post(browser, site, "stop", id="e4", turn="web:playground:alex.e2")
    assert [event.content for event in site.intake.seen[1:]] == [
        Chose("emotional_state:anxious", Private("a bit")),
        Command(Verb.EXPORT),
        Stopped("web:playground:alex.e2"),
    ]


async def test_sending_again_is_one_message(browser: aiohttp.ClientSession, site: Site) -> None:
    for duplicate in (False, True):
        _, sent = await post(browser, site, "messages", text="plain")
        assert sent["duplicate"] is duplicate
    await site.intake.finished("web:playground:alex.e1")
    shown = items(await events(browser, site, "alex"))
    assert [item["kind"] for item in shown] == ["said", "answer"]


async def test_two_people_may_use_the_same_id(browser: aiohttp.ClientSession, site: Site) -> None:
    for user in ("alex", "sam"):
        _, sent = await post(browser, site, "messages", text="plain", user=user)
        assert sent["duplicate"] is False


async def test_a_message_that_was_not_kept_is_taken_back(browser: aiohttp.ClientSession, site: Site) -> None:
    status, sent = await post(browser, site, "messages", text="unavailable")
    assert status == 503
    assert "send it again" in sent["error"]["message"]
    assert [item["kind"] for item in items(await events(browser, site, "alex"))] == ["gone"]
    status, sent = await post(browser, site, "messages", text="plain, once more")
    assert (status, sent["duplicate"]) == (202, False)
    assert items(await events(browser, site, "alex"))[0]["text"] == "plain, once more"


async def test_a_repetition_of_what_was_forgotten_is_not_shown(browser: aiohttp.ClientSession, site: Site) -> None:
    await post(browser, site, "messages", text="plain")
    await site.intake.finished("web:playground:alex.e1")
    await site.platform.erase(site.platform.person("alex"))
    _, sent = await post(browser, site, "messages", text="plain")
    assert sent["duplicate"] is True
    assert {item["kind"] for item in items(await events(browser, site, "alex"))} == {"gone"}


# -- who sees what ------------------------------------------------------------------------------------------------


async def test_a_private_question_in_a_channel_is_seen_by_one(browser: aiohttp.ClientSession, site: Site) -> None:
    await post(browser, site, "messages", text="Should I quit?", place="#general")
    own = items(await events(browser, site, "alex", "#general", until="question"))
    assert [(item["kind"], item["hidden"]) for item in own] == [("said", False), ("question", True)]
    others = items(await events(browser, site, "sam", "#general"))
    assert [(item["kind"], item["text"]) for item in others] == [("said", "Should I quit?")]
    assert items(await events(browser, site, "sam")) == []


async def test_own_words_for_a_private_question_stay_private(browser: aiohttp.ClientSession, site: Site) -> None:
    await post(browser, site, "messages", text="Should I quit?", place="#general")
    asked = items(await events(browser, site, "alex", "#general", until="question"))[-1]
    await post(browser, site, "messages", id="e2", text="I feel sick", place="#general", reply_to=asked["id"])
    assert site.intake.seen[-1].space == DIRECT
    assert "I feel sick" in str(await events(browser, site, "alex", "#general"))
    assert "I feel sick" not in str(await events(browser, site, "sam", "#general"))


async def test_a_choice_of_a_private_question_stays_private(browser: aiohttp.ClientSession, site: Site) -> None:
    await post(browser, site, "messages", text="Should I quit?", place="#general")
    asked = items(await events(browser, site, "alex", "#general", until="question"))[-1]
    press = {"message": asked["id"], "choice": "emotional_state:anxious", "place": "#general"}
    await post(browser, site, "choices", id="e2", **press)
    await site.intake.finished("web:playground:alex.e2")
    own = items(await events(browser, site, "alex", "#general"))
    assert [(i["kind"], i["state"], i["chosen"]) for i in own if i["kind"] == "question"] == [
        ("question", "closed", "emotional_state:anxious")
    ]
    assert [i["text"] for i in own if i["kind"] == "said"] == ["Should I quit?", "Anxious"]
    assert "nxious" not in str(await events(browser, site, "sam", "#general"))
    assert items(await events(browser, site, "alex"))[0]["text"] == ANSWER


async def test_a_crisis_in_a_channel_is_shown_to_one(browser: aiohttp.ClientSession, site: Site) -> None:
    await post(browser, site, "messages", text="I took an overdose", place="#general")
    assert "988" in str(await events(browser, site, "alex", "#general"))
    assert "988" not in str(await events(browser, site, "sam", "#general"))


async def test_what_an_answer_used_is_told_to_one(browser: aiohttp.ClientSession, site: Site) -> None:
    await post(browser, site, "messages", text="Should I quit?", place="#general")
    asked = items(await events(browser, site, "alex", "#general", until="question"))[-1]
    press = {"message": asked["id"], "choice": "emotional_state:skip", "place": "#general"}
    await post(browser, site, "choices", id="e2", **press)
    await site.intake.finished("web:playground:alex.e2")
    (answer,) = [i for i in items(await events(browser, site, "sam", "#general")) if i["kind"] == "answer"]
    assert (answer["text"], answer["used"], answer["labels"]) == (ANSWER, [], [])


async def test_nobody_answers_for_another(browser: aiohttp.ClientSession, site: Site) -> None:
    await post(browser, site, "messages", text="Should I quit?")
    asked = items(await events(browser, site, "alex", until="question"))[-1]
    press = {"message": asked["id"], "choice": "emotional_state:anxious"}
    assert (await post(browser, site, "choices", user="sam", id="e2", **press))[0] == 400
    press["choice"] = "emotional_state:cheerful"
    assert (await post(browser, site, "choices", id="e2", **press))[0] == 400
    assert len(site.intake.seen) == 1


# -- events -------------------------------------------------------------------------------------------------------


async def test_an_answer_streams_and_ends(browser: aiohttp.ClientSession) -> None:
    gate = asyncio.Semaphore(0)

    async def pace() -> None:
        await gate.acquire()

    async with scripted_site(pace=pace) as site:
        reading = asyncio.create_task(events(browser, site, "alex", until="answer done", at_each=gate.release))
        await post(browser, site, "messages", text="plain")
        told = await reading
    pieces = [data["text"] for data in items(told) if data["state"] == "streaming"]
    pieces += [data["text"] for name, data in told if name == "delta"]
    assert len(pieces) > 3
    assert f"{PLAIN} ".startswith("".join(pieces))
    assert told[-1][1]["text"] == PLAIN
    assert [data["active"] for name, data in told if name == "thinking"] == [False, True]


async def test_a_broken_answer_says_so(browser: aiohttp.ClientSession, site: Site) -> None:
    await post(browser, site, "messages", text="break off")
    told = items(await events(browser, site, "alex", until="broken"))
    assert told[-1]["state"] == "broken"


@pytest.mark.parametrize("after", ["x", "-1", "", "9" * 5000, "²"])
async def test_a_number_that_is_none_means_everything(browser: aiohttp.ClientSession, site: Site, after: str) -> None:
    await post(browser, site, "messages", text="plain")
    await site.intake.finished("web:playground:alex.e1")
    assert len(items(await events(browser, site, "alex", after=after))) == 2


async def test_pages_of_one_person_are_counted(browser: aiohttp.ClientSession, site: Site) -> None:
    params = {"user": "alex", "place": "dm"}
    open_pages = [await browser.get(f"{site.url}api/events", params=params) for _ in range(12)]
    assert {page.status for page in open_pages} == {200}
    async with browser.get(f"{site.url}api/events", params=params) as refused:
        assert refused.status == 429
    for page in open_pages:
        page.close()


async def test_stopping_ends_open_pages(browser: aiohttp.ClientSession, site: Site) -> None:
    async with browser.get(f"{site.url}api/events", params={"user": "alex", "place": "dm"}) as page:
        await page.content.readuntil(b"event: ready")
        await site.app.stop()
        await page.content.read()
        assert page.content.at_eof()
