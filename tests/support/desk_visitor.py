"""One visitor of the desk without a browser: cookies, forms and addresses as a browser would send them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

import aiohttp

from tests.support.desk_site import PASSWORD


class Site(Protocol):
    """A desk that is served."""

    url: str


class Browser:
    """One visitor: keeps cookies, sends the Origin a browser would, knows its form token."""

    def __init__(self, site: Site, http: aiohttp.ClientSession) -> None:
        self.site = site
        self.http = http
        self.csrf = ""

    async def get(self, path: str = "", **options: Any) -> tuple[int, str]:
        async with self.http.get(self.site.url + path, allow_redirects=False, **options) as answer:
            text = await answer.text()
            token = re.search(r'name="csrf" value="([^"]+)"', text)
            self.csrf = token[1] if token else self.csrf
            return answer.status, text

    async def post(
        self, path: str, headers: dict[str, str] | None = None, **fields: str
    ) -> tuple[int, dict[str, Any], aiohttp.ClientResponse]:
        """A form as the page's script sends it, unless ``headers`` say otherwise."""
        sent = {"Origin": self.site.url.removesuffix("/desk"), "X-Desk": "pressed"} if headers is None else headers
        form = {"csrf": self.csrf, **fields}
        async with self.http.post(self.site.url + path, data=form, headers=sent, allow_redirects=False) as answer:
            said = await answer.json() if answer.content_type == "application/json" else {}
            return answer.status, said, answer

    async def filled(self, path: str, fields: Mapping[str, str]) -> tuple[int, str]:
        """A form as a browser sends it by itself; the page it leads to."""
        form, origin = {"csrf": self.csrf, **fields}, {"Origin": self.site.url.removesuffix("/desk")}
        async with self.http.post(self.site.url + path, data=form, headers=origin) as answer:
            return answer.status, await answer.text()

    async def log_in(self, name: str = "mia", password: str = PASSWORD) -> int:
        status, said, _ = await self.post("/login", name=name, password=password)
        self.csrf = said.get("csrf", "")
        return status


@asynccontextmanager
async def visiting(site: Site, name: str | None = None) -> AsyncIterator[Browser]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=20)) as http:
        browser = Browser(site, http)
        if name is not None:
            assert await browser.log_in(name) == 200
        yield browser
