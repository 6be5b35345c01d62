"""What a platform hands to the core, after acknowledging and translating an event."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import Protocol

from bot.clock import Seconds
from bot.frozen import dataclass
from bot.identity import ConversationKey, Person, Space
from bot.private import Private


@dataclass(frozen=True, slots=True)
class Said:
    """The person wrote something."""

    text: Private[str]


@dataclass(frozen=True, slots=True)
class Chose:
    """The person pressed a button or picked from a list: ``choice`` is a :class:`bot.chat.Choice` id.

    ``text`` carries what was typed beside it (the free-text field of a modal), else None.
    """

    choice: str
    text: Private[str] | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The person cancelled the running turn (Slack's stop button, a closed stream)."""

    turn: str | None = None


class Verb(StrEnum):
    """What can be asked for by slash command, button or words, the same on every platform."""

    HELP = "help"
    WHY = "why"
    PRIVACY = "privacy"
    EXPORT = "export"
    CORRECT = "correct"
    FORGET = "forget"
    FORGET_ME = "forget_me"
    SHARE = "share"
    UNSHARE = "unshare"
    PAUSE = "pause"
    RESUME = "resume"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Command:
    """An explicit request to the bot itself, e.g. ``/privacy forget age``: verb FORGET, argument ``age``."""

    verb: Verb
    argument: Private[str] = field(default_factory=lambda: Private(""))


@dataclass(frozen=True, slots=True)
class Moderated:
    """A moderator takes the conversation over (the bot is silent there), or hands it back. In the person's order with
    everything they say; made by the review desk, never by a platform."""

    held: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A moderator wrote to the person, and it was delivered: the conversation remembers it like a line of the bot's."""

    text: Private[str]


Content = Said | Chose | Command | Stopped | Moderated | Told


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event. ``id`` is the platform's own event id, unique within platform and workspace: it starts the turn,
    and a second event with the same id is the same event. ``at`` is when the person sent it.
    ``locale`` is a BCP 47 tag such as ``en-US``; ``und`` where the platform does not say."""

    id: str
    person: Person
    space: Space
    content: Content
    at: Seconds
    locale: str = "und"

    @property
    def conversation(self) -> ConversationKey:
        return ConversationKey(self.person, self.space)

    @property
    def turn_id(self) -> str:
        """Unique over all platforms and workspaces."""
        return f"{self.person.platform}:{self.person.workspace}:{self.id}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Given once the event is durably claimed and queued; only then may an adapter acknowledge it."""

    turn_id: str
    duplicate: bool = False
    crisis: bool = False


class Intake(Protocol):
    """The door of the core, called by adapters."""

    async def accept(self, inbound: Inbound) -> Receipt:
        """Screen for a crisis (and reply to it at once), then claim and queue in one step.

        Raises StoreUnavailable when the event could not be queued: the adapter must then not acknowledge it, so that
        the platform sends it again. Crisis resources have gone out even then.
        """
        ...

    async def finished(self, turn_id: str) -> None:
        """Return once the turn has ended (answered, asked, or failed with a line to the person)."""
        ...
