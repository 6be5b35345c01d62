"""Many workspaces: installation by OAuth, each workspace with its own token, and everything gone when the app is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web

from adapters.slack.install import INSTALL, REDIRECT, Client, OAuth
from adapters.slack.workspaces import MemoryInstallations
from bot.clock import ManualClock, SystemClock
from bot.private import Private
from tests.support.slack import payloads
from tests.support.slack.bot import lines
from tests.support.slack.model import ALL_SCOPES, BOT_USER, Post
from tests.support.slack.world import World, a_world

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # in slack-sdk


@dataclass
class Site:
    """The pages of the installation, and a browser."""

    world: World
    store: MemoryInstallations
    clock: ManualClock
    url: str
    browser: aiohttp.ClientSession

    async def begin(self) -> tuple[str, str]:
        """Open the first page; the state in the address of Slack's page, and the cookie."""
        async with self.browser.get(self.url + INSTALL) as answer:
            assert answer.status == 200
            page = await answer.text()
            cookie = answer.headers["Set-Cookie"].split(";")[0]
        link = next(part for part in page.split('"') if part.startswith("https://slack.com/")).replace("&amp;", "&")
        query = parse_qs(urlsplit(link).query)
        assert set(query["scope"][0].split(",")) == set(ALL_SCOPES)
        return query["state"][0], cookie

    async def end(self, code: str, state: str, cookie: str) -> int:
        """Come back from Slack."""
        params = {"code": code, "state": state}
        async with self.browser.get(self.url + REDIRECT, params=params, headers={"Cookie": cookie}) as answer:
            assert "Traceback" not in await answer.text()
            return answer.status


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    store, clock = MemoryInstallations(), ManualClock()
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(a_world("http", installations=store))
        client = Client(
            "123.456",
            Private("a test's own"),
            "https://raise.example.org/slack/oauth_redirect",
            (b"key",),
            ALL_SCOPES,
            world.server.base(),
        )
        pages = web.Application()
        pages.add_routes(OAuth(client, world.app.workspaces, clock, lines).routes())
        runner = web.AppRunner(pages)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        browser = await stack.enter_async_context(aiohttp.ClientSession())
        yield Site(world, store, clock, f"http://{host}:{port}", browser)


def granted(site: Site, code: str, team: str | None = "T1", enterprise: str | None = None) -> None:
    """What Slack will answer for a code."""
    token = f"xoxb-{code}"
    site.world.workspace.tokens[token] = ALL_SCOPES
    site.world.workspace.codes[code] = {
        "access_token": token,
        "scope": ",".join(ALL_SCOPES),
        "bot_user_id": BOT_USER,
        "app_id": "A1",
        "team": {"id": team} if team else None,
        "enterprise": {"id": enterprise} if enterprise else None,
        "is_enterprise_install": team is None,
        "authed_user": {"id": "U1"},
    }


async def install(site: Site, code: str, team: str | None = "T1", enterprise: str | None = None) -> int:
    granted(site, code, team, enterprise)
    state, cookie = await site.begin()
    return await site.end(code, state, cookie)


async def test_a_workspace_installs_talks_and_leaves(site: Site) -> None:
    ann = site.world.user()
    await ann.says("hello?")
    assert site.world.intake.accepted == [], "not installed yet"
    assert await install(site, "c1") == 200
    found = await site.store.find("T1", "")
    assert found is not None
    assert found.token == Private("xoxb-c1")
    assert found.scopes == ALL_SCOPES
    await ann.says("hello")
    await site.world.intake.idle()
    assert site.world.seen()[-1]["text"] == "You said: hello"
    await site.world.town.tell({"type": "app_uninstalled"})
    assert site.world.heard.gone == ["T1"]
    assert await site.store.find("T1", "") is None


async def test_an_organisation_installs_for_all_its_workspaces(site: Site) -> None:
    assert await install(site, "c1", None, "E1") == 200
    site.world.workspace.enterprise = "E1"
    site.world.user()
    message = Post(site.world.workspace.ts(), "DU1", "U1", "hello")
    event = payloads.event(site.world.workspace, payloads.message(site.world.workspace, message))
    event["authorizations"][0] |= {"team_id": "T1", "enterprise_id": "E1", "is_enterprise_install": True}
    site.world.workspace.put(message)
    await site.world.door.knock("events_api", event)
    await site.world.intake.idle()
    assert site.world.seen()[-1]["text"] == "You said: hello", "answers know the workspace alone"


@pytest.mark.parametrize("harm", ["state", "cookie", "late", "code", "nothing"])
async def test_half_an_installation_is_none(site: Site, harm: str) -> None:
    granted(site, "c1")
    state, cookie = await site.begin()
    other, _ = await site.begin()
    if harm == "late":
        site.clock.advance(601)
    status = await site.end(
        "c9" if harm == "code" else "c1",
        {"state": other, "nothing": ""}.get(harm, state),
        "" if harm in ("cookie", "nothing") else cookie,
    )
    assert status in (400, 401)
    assert await site.store.find("T1", "") is None


async def test_a_state_signed_by_somebody_else_is_refused(site: Site) -> None:
    granted(site, "c1")
    forged = f"{SystemClock().now() + 99:.0f}.nonce.{'0' * 64}"
    assert await site.end("c1", forged, f"slack-app-oauth-state={forged}") == 401
    assert await site.store.find("T1", "") is None
