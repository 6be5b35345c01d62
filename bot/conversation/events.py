"""What can happen to a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from bot.chat import Inbound
from bot.clock import Seconds
from bot.conversation.audit import Use
from bot.frozen import dataclass
from bot.policy.locate import Location
from bot.private import Private
from bot.profile.consent import Standing
from bot.profile.record import Record
from bot.raise_core.agent.model_reading import ReadReply
from bot.risk.screen import Findings


@dataclass(frozen=True, slots=True)
class Arrived:
    """A person did something. ``records`` is their profile as far as it is not expired; None when the profile store is
    down (answers then go without it, and say so). ``crisis_shown``: the intake has replied to it already;
    ``in_danger``: it took the event for a crisis, of all it hears of the person, whether its reply arrived or not.
    ``findings``: what the intake's screening found in the text; None means that it is still to be screened.
    ``location``: where the text belongs, by who has looked before; None means that it is still to be located.
    ``uses`` says in which answers what is known was used, where the person asks for it."""

    inbound: Inbound
    now: Seconds
    records: tuple[Record, ...] | None
    standing: Standing
    crisis_shown: bool = False
    in_danger: bool = False
    findings: Findings | None = None
    uses: Mapping[str, Use] = field(default_factory=dict)
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """The structured model call of a turn ended: what it read, or None with the problem (never taken for "enough")."""

    arrived: Arrived
    read: ReadReply | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """An answer was delivered. ``text`` as shown."""

    arrived: Arrived
    text: Private[str]
    model: str


Event = Arrived | Read | Written
