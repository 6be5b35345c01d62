"""An event, a conversation and a journal that hold a text, to be looked for where they are kept."""

from __future__ import annotations

from bot.chat import Inbound, Notice, Said
from bot.conversation.effects import Journal, Say
from bot.conversation.states import Line, State, Thread
from bot.identity import DIRECT, Person
from bot.llm import Role
from bot.private import Private


def event(person: Person, text: str, event_id: str = "e1") -> Inbound:
    return Inbound(event_id, person, DIRECT, Said(Private(text)), 0.0, "en")


def conversation(text: str) -> State:
    return State({DIRECT: Thread("s1", 0.0, lines=(Line(Role.USER, Private(text)),))}, at=DIRECT)


def journal(text: str) -> Journal:
    return Journal((Say(Notice(Private(text)), DIRECT),), frozenset({0}))
