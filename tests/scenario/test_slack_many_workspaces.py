"""``raise-bot run`` with client id, client secret and signing secret alone: from "Add to Slack" to an answer with the
workspace's own token, and a whole organisation that leaves."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.support.slack import payloads
from tests.support.slack.doors import HttpDoor, NotAcknowledged
from tests.support.slack.installing import Page, Visitor
from tests.support.slack.model import Json, Post, Workspace
from tests.support.slack.process import a_bot
from tests.support.slack.server import Server

CLIENT = ("123.456", "a test's own")
PUBLIC = "https://raise.example.org"


@dataclass
class Deployment:
    """A running bot of many workspaces."""

    server: Server
    state: Path
    door: HttpDoor
    visitor: Visitor

    @property
    def workspace(self) -> Workspace:
        return self.server.workspace

    async def install(self, code: str, team: str | None, enterprise: str | None = None) -> Page:
        return await self.visitor.install(self.workspace, code, team, enterprise)

    async def says(self, user: str, team: str, enterprise: str = "", *, home: str = "") -> Post:
        """Somebody in a workspace writes to the bot; a guest whose ``home`` is another one."""
        self.workspace.add_member(user, home or team)
        self.workspace.direct(user)
        post = self.workspace.put(Post(self.workspace.ts(), f"D{user}", user, "set a timer for ten minutes please"))
        await self.tell(payloads.message(self.workspace, post), team, enterprise)
        return post

    async def tell(self, inner: Json, team: str, enterprise: str = "", *, whole: bool = False) -> None:
        event = payloads.event(self.workspace, inner)
        event |= {"team_id": team or None, "enterprise_id": enterprise or None, "is_enterprise_install": whole}
        event["authorizations"] = [
            {"team_id": team, "enterprise_id": enterprise or None, "user_id": "UBOT", "is_enterprise_install": whole}
        ]
        await self.door.knock("events_api", event)

    async def answered_with(self, post: Post) -> set[str]:
        """Tokens of the calls that wrote the answer, once it is there."""
        await self.workspace.until(lambda: [each for each in self.workspace.by_bot() if self._ours(each, post)])
        calls = [each for each in self.workspace.calls if each.args.get("channel") == post.channel]
        return {each.token for each in calls}

    def _ours(self, each: Post, post: Post) -> bool:
        return each.channel == post.channel and each.metadata is not None

    def people(self) -> list[str]:
        """Everybody about whom something is kept."""
        with sqlite3.connect(self.state / "raise.db") as database:
            return sorted(row[0] for row in database.execute("select person from person_keys"))

    async def until_people(self, *people: str) -> None:
        async with asyncio.timeout(20):
            while self.people() != sorted(people):  # noqa: ASYNC110 - another process writes there
                await asyncio.sleep(0.05)


@pytest.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    workspace = Workspace()
    workspace.client = CLIENT
    settings = {"SLACK_BOT_TOKEN": "", "SLACK_CLIENT_ID": CLIENT[0], "SLACK_CLIENT_SECRET": CLIENT[1]}
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Server(workspace).running())
        bot = await stack.enter_async_context(a_bot(server, tmp_path, RAISE_PUBLIC_URL=PUBLIC, **settings))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        url = await bot.url
        yield Deployment(server, tmp_path, HttpDoor(f"{url}/slack/events", session), Visitor(url, session))
        assert await bot.stop() == 0


async def test_each_workspace_is_answered_with_its_own_token(deployment: Deployment) -> None:
    page, _, _ = await deployment.visitor.begin()
    assert page.link.startswith("https://slack.com/oauth/v2/authorize?")
    assert f"redirect_uri={PUBLIC}/slack/oauth_redirect" in page.link
    await deployment.says("U0", "T1")  # not installed: nobody answers, nobody fails
    for code, team in (("one", "T1"), ("two", "T2")):
        done = await deployment.install(code, team)
        assert done.status == 200
        assert done.link == f"slack://app?team={team}"
    first, second = await deployment.says("U1", "T1"), await deployment.says("U2", "T2")
    assert await deployment.answered_with(first) == {"xoxb-one"}
    assert await deployment.answered_with(second) == {"xoxb-two"}
    assert not [each for each in deployment.workspace.by_bot() if each.channel == "DU0"]


async def test_an_organisation_comes_and_goes_with_all_its_workspaces(deployment: Deployment) -> None:
    assert (await deployment.install("other", "T9")).status == 200
    done = await deployment.install("house", None, "E1")
    assert "The whole house" in done.text
    for number, team in enumerate(("T1", "T2", "T3"), 1):
        assert await deployment.answered_with(await deployment.says(f"U{number}", team, "E1")) == {"xoxb-house"}
    await deployment.answered_with(await deployment.says("U9", "T9"))
    await deployment.answered_with(await deployment.says("U5", "T2", "E1", home="T7"))
    await deployment.until_people("slack:T1:U1", "slack:T2:U2", "slack:guest@T2:U5", "slack:T3:U3", "slack:T9:U9")

    revoked = {"type": "team_access_revoked", "team_ids": ["T3"]}
    await deployment.tell(revoked, "", "E1", whole=True)
    left = ("slack:T1:U1", "slack:T2:U2", "slack:guest@T2:U5", "slack:T9:U9")
    await deployment.until_people(*left)
    await deployment.answered_with(await deployment.says("U9", "T9"))
    assert await deployment.answered_with(await deployment.says("U1", "T1", "E1")) == {"xoxb-house"}
    await deployment.until_people(*left)
    await deployment.tell({"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}}, "T1", "E1", whole=True)
    await deployment.tell({"type": "app_uninstalled"}, "T1", "E1", whole=True)
    await deployment.until_people("slack:T9:U9")
    with sqlite3.connect(deployment.state / "raise.db") as database:
        assert database.execute("select workspace, enterprise from installations").fetchall() == [("T9", "")]


async def test_a_forged_event_is_refused(deployment: Deployment) -> None:
    deployment.door.now = lambda: 0.0
    with pytest.raises(NotAcknowledged, match="401"):
        await deployment.says("U1", "T1")
