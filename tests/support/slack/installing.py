"""Installing the app as a person does: press "Add to Slack", allow it there, come back."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import aiohttp

from adapters.slack.install import INSTALL, REDIRECT
from tests.support.slack.model import ALL_SCOPES, BOT_USER, Workspace


def grant(workspace: Workspace, code: str, team: str | None = "T1", enterprise: str | None = None) -> str:
    """What Slack will answer for a code, once; the token."""
    token = f"xoxb-{code}"
    workspace.tokens[token] = ALL_SCOPES
    workspace.codes[code] = {
        "access_token": token,
        "scope": ",".join(ALL_SCOPES),
        "bot_user_id": BOT_USER,
        "app_id": "A1",
        "team": {"id": team, "name": f"Team <{team}>"} if team else None,
        "enterprise": {"id": enterprise, "name": "The whole house"} if enterprise else None,
        "is_enterprise_install": team is None,
        "authed_user": {"id": "U1"},
    }
    return token


@dataclass
class Page:
    status: int
    text: str
    headers: dict[str, str]

    @property
    def link(self) -> str:
        return self.text.split('<a href="')[1].split('"')[0].replace("&amp;", "&")


@dataclass
class Visitor:
    """A browser at the site; ``language`` as its owner set it."""

    site: str
    browser: aiohttp.ClientSession
    language: str = "en-US"

    async def begin(self) -> tuple[Page, str, str]:
        """Open the first page; it, the state in the address it leads to, and the cookie."""
        page, cookie = await self._open(INSTALL, {}, "")
        return page, parse_qs(urlsplit(page.link).query)["state"][0], cookie

    async def end(self, cookie: str, **params: str) -> Page:
        """Come back from Slack."""
        return (await self._open(REDIRECT, params, cookie))[0]

    async def install(self, workspace: Workspace, code: str, team: str | None, enterprise: str | None = None) -> Page:
        grant(workspace, code, team, enterprise)
        _, state, cookie = await self.begin()
        return await self.end(cookie, code=code, state=state)

    async def _open(self, path: str, params: dict[str, str], cookie: str) -> tuple[Page, str]:
        headers = {"Accept-Language": self.language, **({"Cookie": cookie} if cookie else {})}
        async with self.browser.get(self.site + path, params=params, headers=headers) as answer:
            page = Page(answer.status, await answer.text(), dict(answer.headers))
        assert "Traceback" not in page.text
        return page, page.headers.get("Set-Cookie", "").split(";")[0]
