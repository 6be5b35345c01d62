"""A desk with single sign-on, its provider, and one clock for both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from adapters.web.desk.openid import Client, OpenId
from adapters.web.desk.signon import SignOn, grants
from bot.clock import Clock
from bot.private import Private
from bot.review.accounts import AccountBook
from tests.support.desk_site import DeskSite, desk_site
from tests.support.openid_server import CLIENT, SECRET, Idp, idp
from tests.support.people import NOW

ROLES: Final = "desk-leads=lead, desk-t1=moderator@slack:T1, figures=operator"


@dataclass
class _Desks:
    """The time at the desk, once there is one."""

    clock: Clock | None = None

    def now(self) -> float:
        return NOW if self.clock is None else self.clock.now()


@asynccontextmanager
async def signing_on(**person: Any) -> AsyncIterator[tuple[DeskSite, Idp]]:
    """``person``: claims of whoever logs in at the provider."""
    time = _Desks()

    async with idp(time.now) as provider:

        def sign_on(book: AccountBook, clock: Clock) -> SignOn:
            time.clock = clock
            client = Client(provider.issuer, CLIENT, Private(SECRET))
            return SignOn(OpenId(client, clock), book, grants(ROLES), "groups", clock)

        provider.person |= person
        async with desk_site(sign_on=sign_on) as site:
            provider.back = f"{site.url}/login/back"
            yield site, provider
