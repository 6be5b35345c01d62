"""Who is logged in: in memory of this process, by the hash of a random token that only the browser has."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.clock import Clock, Seconds

TOKEN_BYTES: Final = 32
_MOST_PER_ACCOUNT: Final = 8


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """A session ends ``idle`` seconds after the moderator last did something, and ``longest`` after logging in."""

    idle: Seconds = 30 * 60.0
    longest: Seconds = 10 * 3600.0


@dataclass(slots=True, eq=False)
class Session:
    """``csrf`` is in every form of this session; ``said`` is shown once, on the next page."""

    name: str
    csrf: str
    began: Seconds
    used: Seconds
    said: str = ""
    failed: bool = False


def _random() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


class Sessions:
    """Used from one event loop. ``token`` makes what cannot be guessed."""

    def __init__(self, clock: Clock, lifetimes: Lifetimes = Lifetimes(), token: Callable[[], str] = _random) -> None:
        self._clock = clock
        self._lifetimes = lifetimes
        self._token = token
        self._sessions: dict[str, Session] = {}

    def begin(self, name: str) -> tuple[str, Session]:
        """A new session and its token, which is kept nowhere else."""
        self._sweep()
        theirs = [digest for digest, session in self._sessions.items() if session.name == name]
        for digest in theirs[: max(0, len(theirs) - _MOST_PER_ACCOUNT + 1)]:
            del self._sessions[digest]
        token, now = self._token(), self._clock.now()
        session = Session(name, self._token(), now, now)
        self._sessions[_digest(token)] = session
        return token, session

    def find(self, token: str, *, active: bool = True) -> Session | None:
        """The session of a token, unless it has ended. ``active``: the moderator did something, not just the page."""
        digest = _digest(token)
        session = self._sessions.get(digest)
        if session is None:
            return None
        if self._over(session):
            del self._sessions[digest]
            return None
        if active:
            session.used = self._clock.now()
        return session

    def end(self, token: str) -> None:
        self._sessions.pop(_digest(token), None)

    def _over(self, session: Session) -> bool:
        now = self._clock.now()
        return now - session.used >= self._lifetimes.idle or now - session.began >= self._lifetimes.longest

    def _sweep(self) -> None:
        for digest in [digest for digest, session in self._sessions.items() if self._over(session)]:
            del self._sessions[digest]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
