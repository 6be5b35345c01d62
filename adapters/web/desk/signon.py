"""Single sign-on: the way to the OpenID provider and back, and what somebody may do here by their groups there.

Whoever comes back gets an account of the desk named after them and their subject at the provider, so that it can never
be one made here. Its role is set anew at every login; without a role there it is taken away.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from bot.clock import Clock, Seconds
from bot.errors import InputError, PlatformError, SettingsError
from bot.private import Private
from bot.review.accounts import AccountBook, new_moderator
from bot.review.moderators import Moderator

LASTS: Final = 600.0
"""Seconds in which somebody has to come back."""
_MOST_TRIPS: Final = 1000
_NAMES: Final = ("preferred_username", "email", "name")


class ProviderDown(PlatformError):  # noqa: N818 - the name says what happened
    """The OpenID provider did not answer, or not with what the protocol asks for."""


class Untrusted(PlatformError):  # noqa: N818 - the name says what happened
    """What came back is not for us, not from the provider, too old, or not signed as it should be."""


@dataclass(frozen=True, slots=True)
class Trip:
    """One visit to the provider: secrets of this side that must come back, and where the browser goes on to."""

    state: str
    nonce: str
    verifier: str
    back: str
    following: str
    began: Seconds


class Provider(Protocol):
    """Where people prove who they are."""

    async def address(self, trip: Trip) -> str:
        """Where the browser has to go. Raises ProviderDown."""
        ...

    async def claims(self, trip: Trip, code: str) -> Mapping[str, Any]:
        """Who came back with ``code``. Raises ProviderDown, Untrusted."""
        ...


class NoRole(InputError):  # noqa: N818 - the name says what happened
    """Known to the provider, not allowed at this desk."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one group may do."""

    group: str
    role: str
    workspaces: tuple[str, ...] = ()


def grants(text: str) -> tuple[Grant, ...]:
    """``desk-leads=lead, desk-t1=moderator@slack:T1+slack:T2``: the first group that somebody is in decides. Raises
    SettingsError."""
    found = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        group, sign, rest = part.rpartition("=")
        role, _, places = rest.partition("@")
        workspaces = tuple(filter(None, places.split("+")))
        if not (group and sign):
            raise SettingsError((f"RAISE_OIDC_ROLES: expected group=role, got {part[:60]!r}",))
        try:
            new_moderator("anybody", role, list(workspaces))
        except InputError as problem:
            raise SettingsError((f"RAISE_OIDC_ROLES: {problem}",)) from problem
        found.append(Grant(group, role, workspaces))
    if not found:
        raise SettingsError(("RAISE_OIDC_ROLES: expected group=role, such as desk-leads=lead, got nothing",))
    return tuple(found)


class SignOn:
    """``claim`` is where the provider says which groups somebody is in."""

    def __init__(
        self, provider: Provider, book: AccountBook, granted: Sequence[Grant], claim: str, clock: Clock
    ) -> None:
        self._provider = provider
        self._book = book
        self._granted = tuple(granted)
        self._claim = claim
        self._clock = clock
        self._trips: OrderedDict[str, Trip] = OrderedDict()

    async def leave(self, back: str, following: str) -> tuple[str, str]:
        """The address to send a browser to, and what it has to keep in a cookie. Raises ProviderDown."""
        browser = secrets.token_urlsafe(32)
        trip = Trip(
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(48),
            back,
            following,
            self._now(),
        )
        address = await self._provider.address(trip)
        self._trips[_digest(browser)] = trip
        while len(self._trips) > _MOST_TRIPS:
            self._trips.popitem(last=False)
        return address, browser

    async def come_back(self, browser: str, state: str, code: str) -> tuple[Moderator, str]:
        """Who it is, with an account, and the page to go on to. Each trip ends once. Raises InputError where the trip
        is not known, NoRole, ProviderDown, Untrusted, StoreUnavailable."""
        trip = self._trips.pop(_digest(browser), None)
        if trip is None or self._now() - trip.began > LASTS or not hmac.compare_digest(trip.state, state):
            raise InputError("this login took too long or was begun in another window: please begin again")
        claims = await self._provider.claims(trip, code)
        name = account_name(claims)
        grant = next((each for each in self._granted if each.group in _groups(claims.get(self._claim))), None)
        if grant is None:
            await self._book.remove(name)
            raise NoRole("you have no role at this desk: ask whoever runs it to put you into a group that has one")
        who = new_moderator(name, grant.role, list(grant.workspaces))
        known = await self._book.account(name)
        if known is None or known.moderator != who:
            # Nobody knows the password: this account opens through the provider only.
            await self._book.save(who, Private(secrets.token_urlsafe(48)), self._now())
        return who, trip.following

    def _now(self) -> Seconds:
        return self._clock.now()


def account_name(claims: Mapping[str, Any]) -> str:
    """A readable name, made unique by the subject: the same person at the same provider has the same for ever."""
    subject = hashlib.sha256(f"{claims['iss']}|{claims['sub']}".encode()).hexdigest()[:10]
    said = next((str(claims[name]) for name in _NAMES if claims.get(name)), "")
    plain = re.sub(r"[^a-z0-9]+", ".", said.partition("@")[0].lower()).strip(".")
    return f"{plain[:28] or 'sso'}-{subject}"


def _groups(value: object) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset(value.replace(",", " ").split())
    return frozenset(str(each) for each in value) if isinstance(value, list) else frozenset()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
