"""What a server accepts beyond the common wire form, found out by asking and remembered.

Servers that speak the same wire form differ: one has native schemas, another knows no ``temperature``, a third cannot
switch its thinking off. Everything is sent until a server refuses it; then it is left out for that model for as long
as the process lives. So a new model or a local server needs no table of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, auto

from bot.errors import MalformedReply, ProviderError, ProviderRejected


class Extra(IntEnum):
    """Parts of a request that may be refused. Where a refusal fits several, the first one sent is left out."""

    NO_THINKING = auto()
    BETWEEN_TOOLS = auto()
    LOW_EFFORT = auto()
    TEMPERATURE = auto()
    COMPLETION_TOKENS = auto()
    STREAM_USAGE = auto()
    NOT_STORED = auto()
    SCHEMA = auto()


Words = Mapping[Extra, tuple[str, ...]]
"""Extra -> words of which one occurs in a server's message when it refuses that part."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """``room``: the model thinks within ``max_tokens``, so that it needs more of them than the answer is long."""

    extras: frozenset[Extra]
    room: bool = False


class Refused(ProviderRejected):
    """A bad request, with the parts of it that the server's message names."""

    def __init__(self, message: str, blamed: frozenset[Extra]) -> None:
        super().__init__(message)
        self.blamed = blamed


class OutOfTokens(MalformedReply):
    """The token limit was used up before the first word of the answer."""


def blamed_in(text: str, words: Words) -> frozenset[Extra]:
    lowered = text.lower()
    return frozenset(extra for extra, signs in words.items() if any(sign in lowered for sign in signs))


def learn(sent: Dialect, now: Dialect, problem: ProviderError) -> Dialect | None:
    """The dialect to try next, or None when the problem is not about the dialect.

    ``sent`` is what the failed request used; ``now`` may already know better, from a request beside it."""
    match problem:
        case Refused(blamed=blamed) if unfit := sorted(sent.extras & blamed):
            return replace(now, extras=now.extras - {unfit[0]})
        case OutOfTokens() if not sent.room:
            return replace(now, room=True)
    return None
