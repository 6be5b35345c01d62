"""``doctor`` on the installation by OAuth: whether client id and secret belong together, and where Slack sends people
back to. Nothing is installed: a code nobody gave out is refused, and how it is refused says enough."""

from __future__ import annotations

from typing import Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.findings import APPS, Finding, State, said
from adapters.slack.install import INSTALL, REDIRECT, Client
from adapters.slack.nodes import child, text

_RIGHT: Final = frozenset({"invalid_code", "code_already_used"})
_REDIRECT: Final = frozenset({"bad_redirect_uri"})
_WHERE: Final = f"{APPS} > your app > Basic Information > App Credentials"
_PAGE: Final = f"{APPS} > your app > OAuth & Permissions > Redirect URLs"


async def installing(client: AsyncWebClient, oauth: Client) -> list[Finding]:
    """Findings on SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and RAISE_PUBLIC_URL."""
    what = "SLACK_CLIENT_ID, SLACK_CLIENT_SECRET"
    problem: Exception | None = None
    try:
        await client.oauth_v2_access(
            client_id=oauth.id, client_secret=oauth.secret.reveal(), code="doctor", redirect_uri=oauth.redirect
        )
    except (SlackApiError, SlackClientError, aiohttp.ClientError, OSError) as error:
        problem = error
    refusal = text(child(problem.response.data), "error") if isinstance(problem, SlackApiError) else ""
    if problem is None or refusal in _RIGHT:
        return [Finding(what, State.OK, "belong together"), _redirect(oauth)]
    if refusal in _REDIRECT:
        wrong = Finding("RAISE_PUBLIC_URL", State.PROBLEM, said(problem), f"add {oauth.redirect} at {_PAGE}")
        return [Finding(what, State.OK, "belong together"), wrong]
    return [Finding(what, State.PROBLEM, said(problem), f"copy both: {_WHERE}"), _redirect(oauth)]


def _redirect(oauth: Client) -> Finding:
    if oauth.redirect is None:
        do = f"set it to the address people reach this server at, and add that with {REDIRECT} at {_PAGE}"
        return Finding("RAISE_PUBLIC_URL", State.UNKNOWN, "not set: Slack takes the app's only redirect URL", do)
    page = f"{oauth.redirect.removesuffix(REDIRECT)}{INSTALL}"
    if not oauth.redirect.startswith("https://"):
        do = "put the server behind https and set RAISE_PUBLIC_URL to that address"
        return Finding("RAISE_PUBLIC_URL", State.PROBLEM, "does not begin with https://, as Slack demands", do)
    do = f"see that {oauth.redirect} is at {_PAGE}, and that Manage Distribution is on; people begin at {page}"
    return Finding("RAISE_PUBLIC_URL", State.UNKNOWN, "these settings cannot tell which redirect URLs the app has", do)
