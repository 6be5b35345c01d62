"""Every store over one SQL database, wired: for the running bot, and for tests whose database is a simulated one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.assembly.stores import ChannelStores, DiscordStores, Keys, Stores
from bot.chat.bookmarks import Bookmarks
from bot.chat.locales import Locales
from bot.chat.outbound import Outbound
from bot.chat.threads import Threads
from bot.clock import Clock
from bot.conversation.codec import FORMS, decode, encode
from bot.conversation.engine import Engine
from bot.identity import Person
from bot.profile.store import ProfileStore
from bot.profile.sweeper import Swept
from bot.review.timers import Departures
from bot.review.trail import Seal

if TYPE_CHECKING:
    from adapters.stores.sql.database import SqlDatabase
    from adapters.stores.sql.vault import SqlVault

THREAD_SECONDS: Final = 30 * 86_400
"""How long the bot goes on in a thread without being mentioned anew."""
BOOKMARK_SECONDS: Final = 30 * 86_400
"""How long a place nobody wrote in is read on after a restart."""
LOCALE_SECONDS: Final = 90 * 86_400
"""How long a language is remembered after a person last showed it."""
AUDIT_SECONDS: Final = 180 * 86_400
"""How long decisions stay on record."""


def over(
    database: SqlDatabase,
    vault: SqlVault,
    keys: Sequence[bytes],
    clock: Clock,
    engine: Engine,
    profiles: ProfileStore,
) -> Stores:
    """Stores over an open database. ``keys`` are the deployment's; what the engine and a Redis bring besides is left to
    the caller."""
    from adapters.stores.sql.accounts import SqlAccounts
    from adapters.stores.sql.audit import SqlAudit
    from adapters.stores.sql.bookmarks import SqlBookmarks
    from adapters.stores.sql.cards import SqlPostings
    from adapters.stores.sql.consents import SqlConsents
    from adapters.stores.sql.costs import SqlCosts
    from adapters.stores.sql.counting import rows_about
    from adapters.stores.sql.envelopes import SqlEnvelopes
    from adapters.stores.sql.erasures import SqlErasures
    from adapters.stores.sql.evidence import SqlEvidence
    from adapters.stores.sql.installations import SqlInstallations
    from adapters.stores.sql.ledger import SqlLedger
    from adapters.stores.sql.links import SqlLinks
    from adapters.stores.sql.locales import SqlLocales
    from adapters.stores.sql.review import sql_review
    from adapters.stores.sql.snapshots import SqlSnapshots
    from adapters.stores.sql.threads import SqlThreads
    from adapters.stores.sql.workspaces import SqlRegistrations, SqlWorkspaces

    ledger = SqlLedger(database, vault, clock, FORMS)
    consents, audit = SqlConsents(database), SqlAudit(database, AUDIT_SECONDS)
    review = sql_review(database, vault, Seal(keys))
    threads, erasures = SqlThreads(database, THREAD_SECONDS), SqlErasures(database, keys)
    envelopes = SqlEnvelopes(database, vault, clock, write=encode, read=partial(decode, kind=Outbound))
    bookmarks, locales = SqlBookmarks(database, "discord", BOOKMARK_SECONDS), SqlLocales(database, LOCALE_SECONDS)
    installations = SqlInstallations(database, keys)

    async def rotate(limit: int) -> int:
        return await vault.rotate(limit) or await installations.rotate()

    return Stores(
        engine=engine,
        ledger=ledger,
        profiles=profiles,
        consents=consents,
        review=review,
        audit=audit,
        accounts=SqlAccounts(database),
        channels=ChannelStores(SqlPostings(database), SqlLinks(database)),
        erasable={
            "envelopes": envelopes,
            "contacts": _Contacts(bookmarks, locales),
            "threads": _Threads(threads),
            "profile": profiles,
            "conversation": ledger,
            "review": Departures(review.cases, clock),
            "audit": audit,
            "consent": consents,
            "keys": Keys(vault),
        },
        erasures=erasures,
        swept=(
            Swept("profile", profiles),
            Swept("conversation", ledger),
            Swept("audit", audit),
            Swept("receipt", erasures),
            Swept("threads", threads),
            Swept("envelopes", envelopes),
            Swept("bookmarks", bookmarks),
            Swept("locales", locales),
        ),
        people=vault.people,
        threads=threads,
        installations=installations,
        discord=DiscordStores(
            envelopes, bookmarks, locales, SqlWorkspaces(database, "discord"), SqlRegistrations(database, "discord")
        ),
        evidence=SqlEvidence(database),
        snapshots=SqlSnapshots(database),
        tallies=audit,
        costs=SqlCosts(database),
        counts=partial(rows_about, database),
        rotate=rotate,
    )


@dataclass(frozen=True, slots=True)
class _Threads:
    """In which threads of public channels a person talks with the bot."""

    threads: Threads

    async def erase(self, person: Person) -> int:
        return await self.threads.leave(person)


@dataclass(frozen=True, slots=True)
class _Contacts:
    """How a platform reaches a person: kept by account, so it goes with any of their workspaces."""

    bookmarks: Bookmarks
    locales: Locales

    async def erase(self, person: Person) -> int:
        account = Person(person.platform, "dm", person.user)
        return await self.bookmarks.forget(account) + await self.locales.forget(account)
