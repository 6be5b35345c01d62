"""What the core hands to a platform, and what a platform promises."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Protocol

from bot.frozen import dataclass
from bot.identity import Person, Space
from bot.private import Private


class ChoiceKind(StrEnum):
    """What pressing a choice means; platforms may give VALUE and the others different looks."""

    VALUE = "value"
    SKIP = "skip"
    WHY = "why"
    STOP = "stop"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class Choice:
    """``id`` is stable across releases and restarts (``emotional_state:anxiety``, ``age:skip``, ``privacy:export``)."""

    id: str
    label: str
    kind: ChoiceKind = ChoiceKind.VALUE


@dataclass(frozen=True, slots=True)
class Question:
    """One clarifying background question. ``private`` means: ask where only this person sees it.

    Free text is welcome beside the choices. Values come first, then skip, why and stop.
    """

    attribute: str
    text: str
    choices: tuple[Choice, ...]
    private: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer. ``used`` names the attributes it was written with; ``labels`` are their display names."""

    text: Private[str]
    used: tuple[str, ...]
    labels: tuple[str, ...]
    domain: str | None
    model: str


@dataclass(frozen=True, slots=True)
class Resource:
    """Where to find help now. ``call`` and ``text`` are numbers as dialled; None where there is none."""

    name: str
    country: str
    call: str | None = None
    text: str | None = None
    web: str | None = None
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Crisis:
    """Acknowledgement and resources; ``text`` names the first resource within its first two sentences."""

    text: str
    resources: tuple[Resource, ...]
    category: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file for this person alone (an export)."""

    name: str
    media_type: str
    content: Private[bytes]


@dataclass(frozen=True, slots=True)
class Notice:
    """A line of the bot about itself: help, privacy, an error, a state. Always private where ``private`` is set.
    ``pointer``: it only says that help was sent in private; a place that says so itself leaves it out."""

    text: Private[str]
    choices: tuple[Choice, ...] = ()
    attachment: Attachment | None = None
    private: bool = False
    title: str = ""
    pointer: bool = False


Body = Question | Answer | Crisis | Notice


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to one person. ``id`` is unique and the same when a delivery is tried again: platforms that can
    deduplicate (Discord's nonce, the web's message list) use it. ``space`` is where it belongs; a private body goes
    to the person alone even if ``space`` is a channel. ``turn`` is the turn that caused it; ``origin`` is where the
    person was when that is another space: the way to them when they take no direct messages. ``again``: another process
    may have sent it a moment ago and died of it; platforms that can look for it first do."""

    id: str
    to: Person
    space: Space
    body: Body
    turn: str
    locale: str = "und"
    origin: Space | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """``reference`` is the platform's own message id, where it has one."""

    reference: str = ""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """``problem`` is fit for an operator; ``permanent`` means that trying again will not help."""

    problem: str
    permanent: bool = False


Delivery = Delivered | Undelivered


class AnswerStream(Protocol):
    """An answer on its way. Text appended is shown as soon as the platform allows."""

    async def append(self, text: str) -> None: ...

    async def finish(self, answer: Answer) -> Delivery:
        """Replace what was streamed by the complete answer (identical text where all went well) and its footer."""
        ...


class Platform(Protocol):
    """What an adapter that talks to people provides to the core."""

    @property
    def name(self) -> str:
        """The platform part of every Person it makes: ``slack``, ``discord``, ``web``, ``terminal``."""
        ...

    async def deliver(self, message: Outbound) -> Delivery:
        """Send one message. Never raises for a refusal of the platform: that is Undelivered."""
        ...

    def stream(self, head: Outbound) -> AbstractAsyncContextManager[AnswerStream]:
        """Open a streamed answer; ``head.body`` is an Answer with empty text. Left without ``finish``, the platform
        marks what was shown as broken off."""
        ...

    async def thinking(self, person: Person, space: Space, active: bool) -> None:
        """Show or hide the sign that the bot is at work. Best effort: never raises."""
        ...
