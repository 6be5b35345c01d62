"""What a conversation remembers between turns. One state per person, a thread per space.

A person's spaces share one state so that a question asked in private about something said in a channel finds its way
back; what was said in one space is still never shown in another (``Thread`` keeps them apart).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from bot.clock import Seconds
from bot.frozen import dataclass, replace
from bot.identity import DIRECT, ConversationKey, Person, Space
from bot.llm import Role
from bot.private import Private
from bot.raise_core.agent.abstain import Sufficiency, Unasked
from bot.risk.verdicts import RiskHistory


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the short memory. ``private`` lines of a channel's thread are never shown to that channel; ``told``
    are the attributes that were learned from it, or that the bot used to write it."""

    role: Role
    text: Private[str]
    private: bool = False
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """What the person wants answered.

    ``id`` is the turn that began it; ``parts`` are the messages it was told in; ``asked`` the attributes asked for;
    ``unclear`` those whose reply told nothing, to this query or one before it (closed, not declined); ``private``
    turns true when something told in private is used for it; ``sufficiency`` is the model's last word on whether
    enough is known.
    """

    id: str
    parts: tuple[Private[str], ...]
    domain: str | None
    domain_score: float = 0.0
    asked: tuple[str, ...] = ()
    unclear: frozenset[str] = frozenset()
    private: bool = False
    sufficiency: Sufficiency = field(default_factory=Unasked)
    model_calls: int = 0

    @property
    def text(self) -> str:
        return "\n".join(part.reveal() for part in self.parts)


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """The one question waiting for a reply; its words come from the policy. ``private``: only the person saw it."""

    attribute: str
    private: bool
    asked_at: Seconds


@dataclass(frozen=True, slots=True)
class Thread:
    """One person in one space. ``session`` names this stretch of conversation: records of conversation scope belong to
    it; it ends when the thread has been idle for the policy's time. ``because`` says why the last step was taken."""

    session: str
    active_at: Seconds
    query: Query | None = None
    question: OpenQuestion | None = None
    declined: frozenset[str] = frozenset()
    no_questions: bool = False
    lines: tuple[Line, ...] = ()
    used: tuple[str, ...] = ()
    because: str = ""
    crisis_at: Seconds | None = None
    risk: RiskHistory = field(default_factory=RiskHistory)


@dataclass(frozen=True, slots=True)
class State:
    """Everything about one person's conversations. ``held`` names spaces that a moderator has taken over;
    ``at`` is the space of the thread that the latest turn works on: what its model calls bring belongs there."""

    threads: Mapping[Space, Thread] = field(default_factory=dict)
    held: frozenset[Space] = frozenset()
    at: Space | None = None

    def with_thread(self, space: Space, thread: Thread) -> State:
        return replace(self, threads={**self.threads, space: thread})

    def without_idle(self, now: Seconds, idle: Seconds) -> State:
        """Threads idle for longer than the policy allows are over: forgotten, not resumed."""
        living = {space: thread for space, thread in self.threads.items() if now - thread.active_at < idle}
        return self if len(living) == len(self.threads) else replace(self, threads=living)

    @property
    def unsettled(self) -> bool:
        """Whether the person is in a crisis somewhere, or somebody speaks with them: no question then, anywhere. One
        about something said in a channel would reach them in private, in the middle of it."""
        return bool(self.held) or any(thread.crisis_at is not None for thread in self.threads.values())

    def asking(self, space: Space, attribute: str | None = None) -> Space | None:
        """The space whose open question a reply in ``space`` belongs to: its own, or, for a direct message, the one
        asked in private about something said in a channel. None when none is open."""
        own = self.threads.get(space)
        if own is not None and own.question is not None and attribute in (None, own.question.attribute):
            return space
        if space != DIRECT:
            return None
        waiting = [
            (thread.question.asked_at, index, other)
            for index, (other, thread) in enumerate(self.threads.items())
            if thread.question is not None
            and thread.question.private
            and attribute in (None, thread.question.attribute)
        ]
        return max(waiting)[2] if waiting else None


def home(person: Person) -> ConversationKey:
    """The key under which a person's state is kept and their turns are put in order."""
    return ConversationKey(person, DIRECT)
