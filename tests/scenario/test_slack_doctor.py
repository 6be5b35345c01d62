"""``doctor`` says what is wrong with the Slack set-up and what to click."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from adapters.slack.app import Access
from adapters.slack.doctor import examine
from adapters.slack.findings import Finding, State
from adapters.slack.install import Client
from adapters.slack.manifest import read_manifest
from bot.private import Private
from tests.support.slack.model import APP_TOKEN, TOKEN, Fault, Workspace
from tests.support.slack.server import Server

SOURCE = (Path(__file__).parents[2] / "deploy" / "slack-manifest.yaml").read_text()
WANTED = read_manifest(SOURCE)
CONFIG = Private("xoxe-1")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    workspace = Workspace()
    workspace.tokens[CONFIG.reveal()] = ()
    workspace.manifest = yaml.safe_load(SOURCE)
    async with Server(workspace).running() as running:
        yield running


@pytest.fixture
def access(server: Server) -> Access:
    return Access(Private(TOKEN), Private(APP_TOKEN), Private("0" * 31 + "f"), server.base())


def problems(findings: tuple[Finding, ...]) -> dict[str, str]:
    assert all(finding.do for finding in findings if finding.state is not State.OK), "each says what to do"
    return {finding.what: finding.found for finding in findings if finding.state is State.PROBLEM}


async def test_all_is_well(access: Access) -> None:
    findings = await examine(access, WANTED, CONFIG)
    assert problems(findings) == {}
    assert len(findings) == 10


async def test_without_a_configuration_token_events_are_listed_for_a_person(access: Access) -> None:
    findings = await examine(access, WANTED)
    unknown = [finding for finding in findings if finding.state is State.UNKNOWN]
    assert [finding.what for finding in unknown] == ["events"]
    assert "message.im" in unknown[0].do
    assert "/apps/A1/event-subscriptions" in unknown[0].do


async def test_wrong_tokens(server: Server) -> None:
    access = Access(Private("xoxb-gone"), Private("xapp-wrong"), Private("short"), server.base())
    assert problems(await examine(access, WANTED)) == {
        "SLACK_BOT_TOKEN": "Slack says token_revoked",
        "SLACK_APP_TOKEN": "Slack says invalid_auth",
        "SLACK_SIGNING_SECRET": "expected 32 hexadecimal digits",
    }


async def test_tokens_in_the_wrong_place(server: Server) -> None:
    access = Access(Private(APP_TOKEN), Private(TOKEN), None, server.base())
    assert problems(await examine(access, WANTED)) == {
        "SLACK_BOT_TOKEN": "does not begin with xoxb-",
        "SLACK_APP_TOKEN": "does not begin with xapp-",
    }


async def test_scopes_missing_and_surplus(access: Access, server: Server) -> None:
    server.workspace.tokens[TOKEN] = ("chat:write", "admin")
    found = [finding for finding in await examine(access, WANTED) if finding.what == "scopes"]
    assert "im:history" in found[0].found
    assert "Reinstall" in found[0].do
    assert found[1].found == "not needed: admin"


async def test_a_manifest_that_differs(access: Access, server: Server) -> None:
    manifest = server.workspace.manifest
    manifest["settings"]["event_subscriptions"]["bot_events"].remove("message.im")
    manifest["settings"]["interactivity"]["is_enabled"] = False
    del manifest["features"]["agent_view"]
    found = problems(await examine(access, WANTED, CONFIG))
    assert set(found) == {"events", "buttons and modals", "agent"}
    assert found["events"] == "missing: message.im"
    http = replace(access, app_token=None)
    assert "Socket Mode" in problems(await examine(http, WANTED, CONFIG))


async def test_slack_cannot_be_reached(access: Access) -> None:
    away = replace(access, api_url="http://127.0.0.1:9/api/")
    found = problems(await examine(away, WANTED, CONFIG))
    assert found["SLACK_BOT_TOKEN"].startswith("Slack cannot be reached")


def oauth(server: Server, redirect: str | None = "https://raise.example.org/slack/oauth_redirect") -> Client:
    return Client("123.456", Private("right"), redirect, (b"key",), tuple(WANTED.scopes), server.base())


@pytest.fixture
def many(server: Server) -> Access:
    """A bot of many workspaces."""
    server.workspace.client = ("123.456", "right")
    return Access(None, None, Private("0" * 32), server.base())


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # in slack-sdk
class TestManyWorkspaces:
    async def test_client_and_secret_belong_together(self, many: Access, server: Server) -> None:
        found = {each.what: each for each in await examine(many, WANTED, None, oauth(server))}
        assert found["SLACK_CLIENT_ID, SLACK_CLIENT_SECRET"].state is State.OK
        assert found["SLACK_BOT_TOKEN"].found == "not set: workspaces install the app by OAuth"
        address = found["RAISE_PUBLIC_URL"]
        assert address.state is State.UNKNOWN
        assert "people begin at https://raise.example.org/slack/install" in address.do
        assert server.workspace.codes == {}, "nothing was installed"

    async def test_a_wrong_secret(self, many: Access, server: Server) -> None:
        server.workspace.client = ("123.456", "another")
        found = problems(await examine(many, WANTED, None, oauth(server)))
        assert found == {"SLACK_CLIENT_ID, SLACK_CLIENT_SECRET": "Slack says bad_client_secret"}

    async def test_an_address_slack_will_not_take(self, many: Access, server: Server) -> None:
        plain = oauth(server, "http://raise.example.org/slack/oauth_redirect")
        assert "https://" in problems(await examine(many, WANTED, None, plain))["RAISE_PUBLIC_URL"]
        server.workspace.faults.append(Fault("oauth.v2.access", error="bad_redirect_uri"))
        found = problems(await examine(many, WANTED, None, oauth(server)))
        assert found == {"RAISE_PUBLIC_URL": "Slack says bad_redirect_uri"}

    async def test_no_address(self, many: Access, server: Server) -> None:
        found = {each.what: each for each in await examine(many, WANTED, None, oauth(server, None))}
        assert "/slack/oauth_redirect" in found["RAISE_PUBLIC_URL"].do
