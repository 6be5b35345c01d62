"""Installation by OAuth inside one process: the pages people see, half installations, late news of removals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web

from adapters.slack.install import INSTALL, Client, OAuth
from adapters.slack.workspaces import MemoryInstallations
from bot.chat.installations import Installation
from bot.clock import ManualClock, SystemClock
from bot.errors import StoreUnavailable
from bot.private import Private
from tests.support.slack import payloads
from tests.support.slack.bot import english, lines
from tests.support.slack.installing import Page, Visitor, grant
from tests.support.slack.model import ALL_SCOPES, Fault, Post
from tests.support.slack.world import World, a_world

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # in slack-sdk


class Store(MemoryInstallations):
    """Can be down, as a database can."""

    down = False

    async def save(self, installation: Installation) -> None:
        if self.down:
            raise StoreUnavailable("the database is away")
        await super().save(installation)


@dataclass
class Site:
    """The pages of the installation, and a browser."""

    world: World
    store: Store
    clock: ManualClock
    visitor: Visitor

    async def install(self, code: str, team: str | None = "T1", enterprise: str | None = None) -> Page:
        return await self.visitor.install(self.world.workspace, code, team, enterprise)

    async def removed(self, event: dict[str, object], at: float) -> None:
        """News of a removal, of what happened then."""
        told = payloads.event(self.world.workspace, event) | {"event_time": int(at)}
        await self.world.door.knock("events_api", told)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    store, clock = Store(), ManualClock()
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(a_world("http", installations=store))
        client = Client("123.456", Private("a test's own"), None, (b"new", b"old"), ALL_SCOPES, world.server.base())
        pages = web.Application()
        pages.add_routes(OAuth(client, world.app.workspaces, clock, lines).routes())
        # Another replica, which has not heard of the newer key yet.
        other = OAuth(replace(client, state_keys=(b"old",)), world.app.workspaces, clock, lines)
        replica = web.Application()
        replica.add_routes(other.routes())
        pages.add_subapp("/other", replica)
        runner = web.AppRunner(pages)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        browser = await stack.enter_async_context(aiohttp.ClientSession())
        yield Site(world, store, clock, Visitor(f"http://{host}:{port}", browser))


async def test_a_workspace_installs_talks_and_leaves(site: Site) -> None:
    ann = site.world.user()
    await ann.says("hello?")
    assert site.world.intake.accepted == [], "not installed yet"
    assert (await site.install("c1")).status == 200
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
    assert (await site.install("c1", None, "E1")).status == 200
    site.world.workspace.enterprise = "E1"
    site.world.user()
    message = Post(site.world.workspace.ts(), "DU1", "U1", "hello")
    event = payloads.event(site.world.workspace, payloads.message(site.world.workspace, message))
    event["authorizations"][0] |= {"team_id": "T1", "enterprise_id": "E1", "is_enterprise_install": True}
    site.world.workspace.put(message)
    await site.world.door.knock("events_api", event)
    await site.world.intake.idle()
    assert site.world.seen()[-1]["text"] == "You said: hello", "answers know the workspace alone"


async def test_what_people_see(site: Site) -> None:
    page, _, _ = await site.visitor.begin()
    assert english("slack.install.intro") in page.text
    assert set(parse_qs(urlsplit(page.link).query)["scope"][0].split(",")) == set(ALL_SCOPES)
    assert "redirect_uri" not in page.link, "Slack takes the only one the app has"
    assert page.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    done = await site.install("c1")
    assert "Everybody in Team &lt;T1&gt; can now write to raise" in done.text
    assert done.link == "slack://app?team=T1"
    site.visitor.language = "de-AT,de;q=0.9,en;q=0.5"
    page, _, _ = await site.visitor.begin()
    assert lines("de", "slack.install.title") in page.text
    site.visitor.language = '"><script>alert(1)</script>'
    page, _, _ = await site.visitor.begin()
    assert "<script" not in page.text


@pytest.mark.parametrize(
    ("harm", "status", "told"),
    [
        ("state", 400, "other_browser"),
        ("cookie", 400, "other_browser"),
        ("nothing", 400, "other_browser"),
        ("late", 401, "too_late"),
        ("code", 401, "failed"),
        ("declined", 200, "declined"),
        ("away", 502, "slack_away"),
        ("store", 500, "not_kept"),
    ],
)
async def test_half_an_installation_is_none_and_says_what_to_do(site: Site, harm: str, status: int, told: str) -> None:
    grant(site.world.workspace, "c1")
    _, state, cookie = await site.visitor.begin()
    _, other, _ = await site.visitor.begin()
    site.clock.advance(601 if harm == "late" else 0)
    site.store.down = harm == "store"
    if harm == "away":
        site.world.workspace.faults.append(Fault("oauth.v2.access", cut="before", times=9))
    back = {"code": "c9" if harm == "code" else "c1", "state": {"state": other, "nothing": ""}.get(harm, state)}
    page = await site.visitor.end(
        "" if harm in ("cookie", "nothing") else cookie, **({"error": "access_denied"} if harm == "declined" else back)
    )
    assert page.status == status
    assert english(f"slack.install.{told}").split(".")[0].replace("'", "&#x27;") in page.text
    assert page.link == INSTALL
    assert await site.store.find("T1", "") is None
    site.store.down = False
    site.world.workspace.faults.clear()
    assert (await site.install("c2")).status == 200, "and once more works"


async def test_a_state_signed_by_somebody_else_is_refused(site: Site) -> None:
    grant(site.world.workspace, "c1")
    forged = f"{SystemClock().now() + 99:.0f}.nonce.{'0' * 64}"
    page = await site.visitor.end(f"slack-app-oauth-state={forged}", code="c1", state=forged)
    assert page.status == 401
    assert await site.store.find("T1", "") is None


async def test_while_the_deployments_key_is_exchanged_either_half_may_be_taken_anywhere(site: Site) -> None:
    grant(site.world.workspace, "c1")
    older = Visitor(f"{site.visitor.site}/other", site.visitor.browser)
    _, state, cookie = await older.begin()
    assert (await site.visitor.end(cookie, code="c1", state=state)).status == 200


async def test_late_news_of_a_removal_leaves_a_newer_installation(site: Site) -> None:
    await site.install("c1")
    installed = await site.store.find("T1", "")
    assert installed is not None
    await site.removed({"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}}, installed.installed_at - 60)
    assert site.world.heard.gone == ["T1"], "what was known from before goes"
    assert await site.store.find("T1", "") == installed
    await site.removed({"type": "app_uninstalled"}, installed.installed_at + 60)
    assert await site.store.find("T1", "") is None


async def test_an_organisation_that_installs_again_is_answered_with_the_new_token(site: Site) -> None:
    clock = SystemClock().now()
    workspaces = site.world.app.workspaces
    for token, at in (("xoxb-first", clock), ("xoxb-second", clock + 1)):
        whole = Installation("", "E1", Private(token), "UBOT", "B1", "A1", ALL_SCOPES, at)
        await workspaces.save(whole)
        found = await workspaces.find("T1", "E1")
        assert found is not None
        assert (found.workspace, found.token.reveal()) == ("T1", token)


@pytest.mark.parametrize(
    "event",
    [
        {"team_id": "T1", "enterprise_id": "E1"},
        {"team_id": "E1"},
        {"team_id": None, "enterprise_id": "E1"},
        {"team_id": "T2", "enterprise_id": "E1", "is_enterprise_install": True},
    ],
)
async def test_however_an_organisation_leaves_all_its_workspaces_go(site: Site, event: dict[str, object]) -> None:
    """Slack names a workspace of it, the organisation in place of one, or the organisation alone."""
    whole = Installation("", "E1", Private("xoxb-1"), "UBOT", "B1", "A1", ALL_SCOPES, 1.0)
    workspaces = site.world.app.workspaces
    await workspaces.save(whole)
    await workspaces.find("T1", "E1")
    await workspaces.find("T2", "E1")
    body = payloads.event(site.world.workspace, {"type": "app_uninstalled"}) | {"authorizations": [], **event}
    await site.world.door.knock("events_api", body)
    assert sorted(site.world.heard.gone) == ["T1", "T2"]
    assert await site.store.find("T1", "E1") is None


async def test_a_workspace_with_its_own_installation_leaves_alone(site: Site) -> None:
    for team, token in (("", "xoxb-whole"), ("T1", "xoxb-own"), ("T2", "xoxb-whole")):
        await site.store.save(Installation(team, "E1", Private(token), "UBOT", "B1", "A1", ALL_SCOPES, 1.0))
    event = payloads.event(site.world.workspace, {"type": "app_uninstalled"}) | {"enterprise_id": "E1"}
    await site.world.door.knock("events_api", event)
    assert site.world.heard.gone == ["T1"]
    assert await site.store.workspaces("E1") == ("T2",)
