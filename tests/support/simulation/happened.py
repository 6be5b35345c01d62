"""One thing that somebody did, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.chat import Chose, Command, Content, Inbound, Said, Verb
from tests.scenario.conversations import CRISIS
from tests.support.simulation.people import FORGET_ME


@dataclass(slots=True)
class Happened:
    """One thing somebody did. ``began`` and ``accepted`` are moments of the loop; ``gone``: forgotten since;
    ``between``: taken while its person was being forgotten, so that it may be gone or not, and be
    taken anew when it is sent again."""

    number: int
    inbound: Inbound
    began: float | None = None
    accepted: float | None = None
    claims: int = 0
    gone: bool = False
    between: bool = False

    @property
    def turn(self) -> str:
        return self.inbound.turn_id

    def __str__(self) -> str:
        content = self.inbound.content
        about = getattr(content, "choice", None) or getattr(content, "verb", None) or ("crisis" if self.crisis else "")
        return f"e{self.number} {type(content).__name__} {about}"

    @property
    def crisis(self) -> bool:
        return isinstance(self.inbound.content, Said) and self.inbound.content.text.reveal() == CRISIS


def before(one: Happened, other: Happened) -> bool:
    """Whether ``one`` was taken before ``other`` was sent on."""
    return one.accepted is not None and other.began is not None and one.accepted < other.began


def asks(content: Content, verb: Verb) -> bool:
    return isinstance(content, Command) and content.verb is verb


def confirms(content: Content) -> bool:
    return isinstance(content, Chose) and content.choice == FORGET_ME
