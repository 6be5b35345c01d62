"""Where things are kept: all in memory, or profiles in memory and the rest in SQL under the state folder."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace

from bot.assembly.keys import DATABASE, deployment_keys
from bot.chat.bookmarks import Bookmarks
from bot.chat.envelopes import Envelopes
from bot.chat.installations import Installations
from bot.chat.locales import Locales
from bot.chat.threads import Threads
from bot.chat.workspaces import Registrations, Workspaces
from bot.clock import Clock
from bot.conversation.audit import Audit
from bot.conversation.effects import Journal
from bot.conversation.engine import Engine
from bot.conversation.ledger import Ledger
from bot.conversation.replicas import Replicas
from bot.conversation.states import State
from bot.errors import SettingsError
from bot.identity import Person
from bot.policy.snapshots import Snapshots
from bot.profile.consent import ConsentStore
from bot.profile.erasure import Erasable, Erasures
from bot.profile.store import ProfileStore
from bot.profile.sweeper import Swept
from bot.profile.vault import Vault
from bot.raise_core.paths.index import EvidenceStore
from bot.review.accounts import AccountBook
from bot.review.chat.store import LinkBook, Postings
from bot.review.operating import Costs, Tallies
from bot.review.store import ReviewStores
from bot.review.timers import Departures
from bot.review.trail import Seal
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class DiscordStores:
    """What Discord does not tell a process that starts anew, shared by all of them."""

    envelopes: Envelopes
    bookmarks: Bookmarks
    locales: Locales
    workspaces: Workspaces
    registrations: Registrations


@dataclass(frozen=True, slots=True)
class ChannelStores:
    """Where cards of cases stand in channels of moderators, and who there works under which account of the desk."""

    postings: Postings
    links: LinkBook

    async def leave(self, platform: str, workspace: str) -> None:
        """The bot was removed from this workspace."""
        await self.postings.leave(platform, workspace)
        await self.links.leave(platform, workspace)


@dataclass(frozen=True, slots=True)
class Stores:
    """Every store of one deployment. ``erasable`` are those that hold something of a person, by their name in the
    inventory; ``erasures`` notes who is being forgotten; ``swept`` are the stores whose expired items are to be freed;
    ``people`` names everybody of a platform's workspace about whom something is kept; ``accounts`` of the desk, its
    ``channels`` in chat, ``threads``, ``installations``, ``discord``, ``replicas`` (the processes beside this one),
    ``reached`` (raises StoreUnavailable where what may be away for a while, Redis, cannot be used as set up),
    ``counts`` (rows about a person by table) and ``rotate`` (wraps at most so many keys anew; zero means done) are None
    where nothing outlives the process."""

    engine: Engine
    ledger: Ledger[State, Journal]
    profiles: ProfileStore
    consents: ConsentStore
    review: ReviewStores
    audit: Audit
    erasable: Mapping[str, Erasable]
    erasures: Erasures
    swept: tuple[Swept, ...]
    people: Callable[[str, str | None, str | None], Awaitable[tuple[Person, ...]]]
    accounts: AccountBook | None = None
    channels: ChannelStores | None = None
    threads: Threads | None = None
    installations: Installations | None = None
    discord: DiscordStores | None = None
    evidence: EvidenceStore | None = None
    snapshots: Snapshots | None = None
    tallies: Tallies | None = None
    costs: Costs | None = None
    replicas: Replicas | None = None
    reached: Callable[[], Awaitable[None]] | None = None
    counts: Callable[[Person], Awaitable[Mapping[str, int]]] | None = None
    rotate: Callable[[int], Awaitable[int]] | None = None


@asynccontextmanager
async def in_memory(clock: Clock) -> AsyncIterator[Stores]:
    """Nothing outlives the process."""
    from adapters.engine.inline import InlineEngine
    from adapters.stores.memory import MemoryProfiles
    from adapters.stores.memory_erasures import MemoryErasures
    from adapters.stores.memory_ledger import MemoryLedger, MemoryVault
    from adapters.stores.memory_review import memory_review
    from adapters.stores.memory_standing import MemoryAudit, MemoryConsents

    vault = MemoryVault()
    profiles, ledger = MemoryProfiles(), MemoryLedger[State, Journal](vault, clock)
    consents, review, audit = MemoryConsents(), memory_review(Seal((secrets.token_bytes(32),))), MemoryAudit()
    yield Stores(
        engine=InlineEngine(),
        ledger=ledger,
        profiles=profiles,
        consents=consents,
        review=review,
        audit=audit,
        erasable={
            "profile": profiles,
            "conversation": ledger,
            "review": Departures(review.cases, clock),
            "audit": audit,
            "consent": consents,
            "keys": Keys(vault),
        },
        erasures=MemoryErasures(),
        swept=(Swept("profile", profiles), Swept("conversation", ledger)),
        people=vault.people,
    )


@asynccontextmanager
async def in_sql(settings: Settings, clock: Clock) -> AsyncIterator[Stores]:
    """Profiles in memory, everything else in SQL: a file in the state folder, or the database of the settings."""
    from adapters.engine.dbos import DbosEngine
    from adapters.stores.memory import MemoryProfiles
    from adapters.stores.redis import RedisProfiles
    from adapters.stores.sql.database import SqlDatabase
    from adapters.stores.sql.vault import SqlVault
    from bot.assembly.stores_sql import over

    kept, turns = urls(settings)
    keys, database = deployment_keys(settings), SqlDatabase(kept)
    vault, redis = SqlVault(database, keys, clock), None
    try:
        redis = RedisProfiles(settings.redis_url, vault) if settings.redis_url else None
        await database.open()
        await vault.verify()
        engine = DbosEngine(turns, clock)
        stores = over(database, vault, keys, clock, engine, redis or MemoryProfiles())
        yield replace(
            stores,
            swept=(*stores.swept, Swept("turns", engine)),
            replicas=engine,
            reached=None if redis is None else redis.reached,
        )
    finally:
        if redis is not None:
            await redis.close()
        await database.close()


@dataclass(frozen=True, slots=True)
class Keys:
    """A person's data key, erased last: without it no copy of anything sealed can be read."""

    vault: Vault

    async def erase(self, person: Person) -> int:
        return await self.vault.shred(person)


def urls(settings: Settings) -> tuple[str, str]:
    """Where things are kept, and where the engine keeps its turns."""
    if settings.database_url:
        return settings.database_url, settings.database_url
    if settings.state is None:
        raise SettingsError(("RAISE_STATE: expected a folder, or a database in RAISE_DATABASE_URL; got neither",))
    try:
        settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as problem:
        raise SettingsError((f"RAISE_STATE: the folder {settings.state} cannot be used: {problem.strerror}",)) from None
    return f"sqlite:///{settings.state / DATABASE}", f"sqlite:///{settings.state / 'turns.db'}"


def opened(settings: Settings, clock: Clock) -> AbstractAsyncContextManager[Stores]:
    """The stores the settings ask for."""
    kept = settings.state is not None or settings.database_url
    return in_sql(settings, clock) if kept else in_memory(clock)
