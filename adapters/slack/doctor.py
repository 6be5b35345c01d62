"""What is wrong with the Slack set-up, and what to click. Nothing is changed, nothing is posted."""

from __future__ import annotations

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.app import Access
from adapters.slack.bolt import sdk_logger
from adapters.slack.findings import APPS, Finding, State, said
from adapters.slack.install import Client
from adapters.slack.install_checks import installing
from adapters.slack.manifest import Manifest, manifest_of
from adapters.slack.nodes import child, text
from bot.private import Private


async def examine(
    access: Access, wanted: Manifest, config_token: Private[str] | None = None, oauth: Client | None = None
) -> tuple[Finding, ...]:
    """Look at tokens, scopes, events and manifest, and where workspaces install the app by ``oauth`` at that.
    ``config_token`` (an app configuration token, xoxe...) is needed to read the app's own manifest; without it events
    can only be listed for a person to compare."""
    timeout = aiohttp.ClientTimeout(total=15)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        client = AsyncWebClient(
            base_url=access.api_url, session=session, logger=sdk_logger(), retry_handlers=[], timeout=15
        )
        findings, app = await _bot_token(client, access.bot_token, wanted)
        findings += await installing(client, oauth) if oauth is not None else []
        findings += await _app_token(client, access.app_token)
        findings += _signing_secret(access.signing_secret)
        findings += await _manifest(client, app, wanted, config_token, socket_mode=access.app_token is not None)
    return tuple(findings)


async def _bot_token(client: AsyncWebClient, token: Private[str] | None, wanted: Manifest) -> tuple[list[Finding], str]:
    """The findings, and the app's id."""
    what = "SLACK_BOT_TOKEN"
    where = f"{APPS} > your app > OAuth & Permissions > Bot User OAuth Token"
    if token is None:
        return [Finding(what, State.OK, "not set: workspaces install the app by OAuth")], ""
    if not token.reveal().startswith("xoxb-"):
        return [Finding(what, State.PROBLEM, "does not begin with xoxb-", f"copy the bot's token: {where}")], ""
    try:
        answer = await client.auth_test(token=token.reveal())
    except (SlackApiError, SlackClientError, aiohttp.ClientError, OSError) as error:
        return [Finding(what, State.PROBLEM, said(error), f"install the app again and copy the token: {where}")], ""
    granted = {scope.strip() for scope in str(answer.headers.get("x-oauth-scopes", "")).split(",") if scope.strip()}
    app = await _app_id(client, token, text(child(answer.data), "bot_id"))
    place = f"{text(child(answer.data), 'team')} ({text(child(answer.data), 'team_id')})"
    return [Finding(what, State.OK, f"valid in {place}"), *_scopes(granted, wanted, app)], app


async def _app_id(client: AsyncWebClient, token: Private[str], bot: str) -> str:
    try:
        return text(child((await client.bots_info(token=token.reveal(), bot=bot)).data), "bot", "app_id")
    except (SlackApiError, SlackClientError, aiohttp.ClientError, OSError):
        return ""  # only makes the addresses below less exact


def _scopes(granted: set[str], wanted: Manifest, app: str) -> list[Finding]:
    missing, surplus = sorted(wanted.scopes - granted), sorted(granted - wanted.scopes)
    where = f"{_page(app, 'oauth')} > Scopes"
    findings = []
    if missing:
        do = f"add them at {where}, then press Reinstall to Workspace there"
        findings.append(Finding("scopes", State.PROBLEM, f"missing: {', '.join(missing)}", do))
    if surplus:
        findings.append(
            Finding("scopes", State.PROBLEM, f"not needed: {', '.join(surplus)}", f"remove them at {where}")
        )
    return findings or [Finding("scopes", State.OK, f"all {len(wanted.scopes)}, and no more")]


async def _app_token(client: AsyncWebClient, token: Private[str] | None) -> list[Finding]:
    what = "SLACK_APP_TOKEN"
    where = f"{APPS} > your app > Basic Information > App-Level Tokens"
    if token is None:
        return [Finding(what, State.OK, "not set: events come by HTTP")]
    if not token.reveal().startswith("xapp-"):
        do = f"generate one with the scope connections:write: {where}"
        return [Finding(what, State.PROBLEM, "does not begin with xapp-", do)]
    try:
        await client.apps_connections_open(app_token=token.reveal())
    except (SlackApiError, SlackClientError, aiohttp.ClientError, OSError) as error:
        do = f"switch Socket Mode on, and generate a token with the scope connections:write: {where}"
        return [Finding(what, State.PROBLEM, said(error), do)]
    return [Finding(what, State.OK, "valid, Socket Mode is on")]


def _signing_secret(secret: Private[str] | None) -> list[Finding]:
    what = "SLACK_SIGNING_SECRET"
    if secret is None:
        return [Finding(what, State.OK, "not set: events come by Socket Mode")]
    value = secret.reveal()
    if len(value) == 32 and all(char in "0123456789abcdef" for char in value):
        return [Finding(what, State.OK, "has the form of one; the first event will show whether it is the right one")]
    do = f"copy it: {APPS} > your app > Basic Information > App Credentials > Signing Secret"
    return [Finding(what, State.PROBLEM, "expected 32 hexadecimal digits", do)]


async def _manifest(
    client: AsyncWebClient, app: str, wanted: Manifest, config_token: Private[str] | None, *, socket_mode: bool
) -> list[Finding]:
    if config_token is None or not app:
        do = f"compare with {_page(app, 'event-subscriptions')}: {', '.join(sorted(wanted.events))}"
        return [Finding("events", State.UNKNOWN, "these tokens cannot read which events the app is told of", do)]
    try:
        answer = await client.apps_manifest_export(token=config_token.reveal(), app_id=app)
    except (SlackApiError, SlackClientError, aiohttp.ClientError, OSError) as error:
        do = f"generate a new app configuration token at the foot of {APPS}"
        return [Finding("manifest", State.PROBLEM, said(error), do)]
    return _compared(manifest_of(child(answer.data, "manifest")), wanted, app, socket_mode=socket_mode)


def _compared(there: Manifest, wanted: Manifest, app: str, *, socket_mode: bool) -> list[Finding]:
    findings: list[Finding] = []

    def must(name: str, holds: bool, found: str, do: str) -> None:
        findings.append(
            Finding(name, State.OK, "as it should be") if holds else Finding(name, State.PROBLEM, found, do)
        )

    missing = ", ".join(sorted(wanted.events - there.events))
    must("events", not missing, f"missing: {missing}", f"subscribe to them: {_page(app, 'event-subscriptions')}")
    lost = ", ".join(sorted(wanted.commands - there.commands))
    must("commands", not lost, f"missing: {lost}", f"create them: {_page(app, 'slash-commands')}")
    must("buttons and modals", there.interactive, "off", f"switch on: {_page(app, 'interactive-messages')}")
    must("App Home", there.home, "the Home tab is off", f"switch on: {_page(app, 'app-home')}")
    must("agent", there.agent, "the app is no agent", f"switch on: {_page(app, 'app-assistant')}")
    on = "on" if there.socket_mode else "off"
    must("Socket Mode", there.socket_mode == socket_mode, on, f"change it: {_page(app, 'socket-mode')}")
    return findings


def _page(app: str, name: str) -> str:
    return f"{APPS}/{app}/{name}" if app else f"{APPS} > your app"
