"""The moderators' desk on the web, wired: as a process of its own beside the bot's, or within the playground."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.assembly import stores
from bot.assembly.operating import following
from bot.assembly.reviewing import looking
from bot.clock import Clock, SystemClock
from bot.errors import SettingsError
from bot.private import Private
from bot.review.accounts import AccountBook, Accounts
from bot.review.chat.store import LinkBook
from bot.review.desk import Desk
from bot.review.operating import Console
from bot.settings import Settings
from bot.telemetry.events import Telemetry

if TYPE_CHECKING:  # adapters are imported when used, Authlib only where there is single sign-on
    from adapters.web.desk.openid import OpenId
    from adapters.web.desk.signon import SignOn

NOTHING_KEPT = (
    "RAISE_STATE: expected a folder (--state DIR) or a database in RAISE_DATABASE_URL, the same as the bot's: without "
    "one there are no cases to look at and no accounts"
)


@asynccontextmanager
async def served(
    desk: Desk,
    accounts: Accounts,
    host: str,
    port: int,
    settings: Settings,
    *,
    sign_on: SignOn | None = None,
    operators: Console | None = None,
) -> AsyncIterator[str]:
    """The desk's pages; gives their address. Raises PlatformError when the port is taken, SettingsError for an address
    that would open them to others."""
    from adapters.web.desk import DeskAddress, DeskApp

    names = tuple(name.strip().lower() for name in settings.desk_hosts.split(",") if name.strip())
    app = DeskApp(
        desk, accounts, DeskAddress(host, port, names, settings.desk_secret), sign_on=sign_on, console=operators
    )
    url = await app.start()
    try:
        yield url
    finally:
        await app.stop()


async def serve(settings: Settings, telemetry: Telemetry, on_start: Callable[[str], None]) -> None:
    """Serve the desk until SIGINT or SIGTERM. What it decides is carried out by the process that runs the bot."""
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    clock = SystemClock()
    async with (
        account_book(settings, clock) as accounts,
        looking(settings, clock) as reviewing,
        following(settings, clock, telemetry) as operators,
    ):
        keeping_up = asyncio.create_task(reviewing.keep_up(telemetry), name="desk timers")
        try:
            single = sign_on(settings, accounts, clock)
            where = settings.host, settings.desk_port
            pages = served(reviewing.desk, accounts, *where, settings, sign_on=single, operators=operators)
            async with pages as url:
                on_start(url)
                await stop.wait()
        finally:
            keeping_up.cancel()
            await asyncio.wait([keeping_up])


def open_id(settings: Settings, clock: Clock) -> OpenId | None:
    """The OpenID provider of single sign-on; None where none is set. Raises SettingsError."""
    if not settings.oidc_issuer:
        return None
    from adapters.web.desk.openid import Client, OpenId

    return OpenId(Client(settings.oidc_issuer, settings.oidc_client_id, Private(settings.oidc_client_secret)), clock)


def sign_on(settings: Settings, book: AccountBook, clock: Clock) -> SignOn | None:
    """Single sign-on for the desk; None where no provider is set. Raises SettingsError for what is missing."""
    provider = open_id(settings, clock)
    if provider is None:
        return None
    from adapters.web.desk.signon import SignOn, grants

    return SignOn(provider, book, grants(settings.oidc_roles), settings.oidc_claim, clock)


@asynccontextmanager
async def account_book(settings: Settings, clock: Clock) -> AsyncIterator[AccountBook]:
    """The accounts of this deployment's desk. Raises SettingsError where nothing is kept."""
    if settings.state is None and not settings.database_url:
        raise SettingsError((NOTHING_KEPT,))
    async with stores.opened(settings, clock) as opened:
        if opened.accounts is None:
            raise SettingsError((NOTHING_KEPT,))
        yield opened.accounts


@asynccontextmanager
async def link_book(settings: Settings, clock: Clock) -> AsyncIterator[LinkBook]:
    """Who in chat works under which of those accounts. Raises SettingsError where nothing is kept."""
    if settings.state is None and not settings.database_url:
        raise SettingsError((NOTHING_KEPT,))
    async with stores.opened(settings, clock) as opened:
        if opened.channels is None:
            raise SettingsError((NOTHING_KEPT,))
        yield opened.channels.links
