"""What the chat page's endpoints refuse, and how they say so."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from adapters.web import Address, WebApp, WebPlatform
from adapters.web.guard import BODY_LIMIT
from adapters.web.limits import Limiter, Rate
from bot.clock import ManualClock
from bot.errors import PlatformError, SettingsError
from bot.identity import Place, Space
from tests.support.scripted_intake import ScriptedIntake
from tests.support.site import Site, scripted_site
from tests.support.web_calls import Sent, post

GENERAL = Space(Place.CHANNEL, "general")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site(clock=ManualClock()) as site:
        yield site


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
        yield session


# -- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        ("messages", {"text": 5}, 'key "text": expected text, got a number'),
        ("messages", {"text": " "}, "only white space"),
        ("messages", {"txt": "hi", "text": "hi"}, 'did you mean "text"'),
        ("messages", {"text": "hi", "place": "#secret"}, "expected one of dm, #general"),
        ("messages", {"text": "hi", "user": "a:b"}, 'key "user"'),
        ("messages", {"text": "hi", "user": ""}, 'key "user"'),
        ("messages", {"text": "hi", "id": "a.b"}, 'key "id"'),
        ("commands", {"verb": "explode"}, "expected one of help"),
        ("choices", {"choice": "x" * 300, "message": "m"}, "at most 200 characters"),
    ],
)
async def test_a_bad_request_is_explained(
    browser: aiohttp.ClientSession, site: Site, path: str, body: Sent, problem: str
) -> None:
    status, sent = await post(browser, site, path, **body)
    assert status == 400
    assert problem in sent["error"]["message"]
    assert site.intake.seen == []


async def test_a_megabyte_is_too_much(browser: aiohttp.ClientSession, site: Site) -> None:
    status, sent = await post(browser, site, "messages", text="x" * 1_000_000)
    assert status == 413
    assert "64 kB" in sent["error"]["message"]
    assert (await post(browser, site, "messages", text="plain"))[0] == 202
    assert BODY_LIMIT == 65_536


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"[]", b"", b"{"])
async def test_what_is_not_json_is_refused(browser: aiohttp.ClientSession, site: Site, raw: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    async with browser.post(f"{site.url}api/messages", data=raw, headers=headers) as answer:
        assert answer.status == 400
        assert "expected" in (await answer.json())["error"]["message"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example:80", "Origin": "http://evil.example:80"}, 421),
        ({"Host": "[oops"}, 421),
        ({"Host": "localhost:1"}, 202),
    ],
)
async def test_other_sites_cannot_send(
    browser: aiohttp.ClientSession, site: Site, headers: dict[str, str], status: int
) -> None:
    body = json.dumps({"user": "alex", "place": "dm", "id": "e1", "text": "plain"})
    whole = {"Content-Type": "application/json", **headers}
    async with browser.post(f"{site.url}api/messages", data=body, headers=whole) as answer:
        assert answer.status == status
    assert len(site.intake.seen) == (status == 202)


async def test_other_names_cannot_read(browser: aiohttp.ClientSession, site: Site) -> None:
    for path in ("", "api/events?user=alex&place=dm", "static/app.js"):
        async with browser.get(site.url + path, headers={"Host": "evil.example"}) as answer:
            assert answer.status == 421


async def test_own_pages_may_send(browser: aiohttp.ClientSession, site: Site) -> None:
    headers = {"Origin": site.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert (await post(browser, site, "messages", headers, text="plain"))[0] == 202


async def test_what_is_not_served_is_said_in_json(browser: aiohttp.ClientSession, site: Site) -> None:
    async with browser.get(f"{site.url}api/messages") as answer:
        assert answer.status == 405
        assert (await answer.json())["error"]["code"] == "no_such_request"
    async with browser.get(f"{site.url}static/../server.py") as answer:
        assert answer.status == 404


async def test_too_much_at_once_is_slowed_down(browser: aiohttp.ClientSession) -> None:
    clock = ManualClock()
    async with scripted_site(clock=clock, rate=Rate(burst=3, per_second=0.5)) as site:
        answers = [await post(browser, site, "messages", id=f"e{number}", text="plain") for number in range(4)]
        assert [status for status, _ in answers] == [202, 202, 202, 429]
        assert "local emergency number" in answers[3][1]["error"]["message"]
        clock.advance(2)
        assert (await post(browser, site, "messages", id="e9", text="plain"))[0] == 202


def test_a_bucket_says_how_long_to_wait() -> None:
    clock = ManualClock()
    limiter = Limiter(Rate(burst=1, per_second=0.5), clock)
    assert [limiter.wait("a"), limiter.wait("a"), limiter.wait("b")] == [0, 2, 0]
    clock.advance(1)
    assert limiter.wait("a") == 1
    clock.advance(1)
    assert limiter.wait("a") == 0


# -- starting -----------------------------------------------------------------------------------------------------


async def test_a_busy_port_is_named(site: Site) -> None:
    port = int(site.url.rstrip("/").rpartition(":")[2])
    platform = WebPlatform(ManualClock())
    app = WebApp(platform, ScriptedIntake(platform), ManualClock(), Address(port=port))
    with pytest.raises(PlatformError, match=f"port {port} on 127.0.0.1 is in use"):
        await app.start()
    await app.stop()


async def test_a_host_that_is_none_is_named() -> None:
    platform = WebPlatform(ManualClock())
    app = WebApp(platform, ScriptedIntake(platform), ManualClock(), Address("192.0.2.1", 0, hosts=("x.example",)))
    with pytest.raises(PlatformError, match=r"cannot listen on port 0 on 192\.0\.2\.1"):
        await app.start()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])  # noqa: S104 - what is refused
def test_opening_the_page_to_others_has_to_be_meant(host: str) -> None:
    with pytest.raises(SettingsError, match="no log-in"):
        Address(host)
    assert Address(host, hosts=("chat.example.org",)).host == host
