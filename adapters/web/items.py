"""What the page shows, and how one item looks to one viewer."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, assert_never

from bot.chat import Answer, Choice, Crisis, Notice, Question, Resource
from bot.clock import Seconds
from bot.identity import Person, Place, Space
from bot.private import Private

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


class State(StrEnum):
    """STREAMING: more text may come. BROKEN: it ended before it was complete. OPEN: a question that waits for a reply.
    CLOSED: a question that was answered or passed over. DONE: everything else."""

    STREAMING = "streaming"
    BROKEN = "broken"
    OPEN = "open"
    CLOSED = "closed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Line:
    """What a person wrote or chose, as shown back to them."""

    text: Private[str]


@dataclass(frozen=True, slots=True)
class Gone:
    """Something was here and has been forgotten. Holds nothing, so that an open page can clear it too."""


View = Line | Question | Answer | Crisis | Notice | Gone


@dataclass(frozen=True, slots=True)
class Item:
    """One thing shown. ``owner`` wrote it or is spoken to; ``hidden`` items in a channel are for the owner alone.

    ``order`` is its place among the others, ``changed`` the number of its last change, ``draft`` counts how often a
    streamed answer was begun anew, ``chosen`` is the choice that was pressed.
    """

    id: str
    turn: str
    owner: Person
    space: Space
    hidden: bool
    view: View
    state: State
    order: int
    changed: int
    at: Seconds
    draft: int = 0
    chosen: str = ""

    @property
    def audience(self) -> Person | None:
        """The only person who may see it; None where everybody in the space may."""
        return self.owner if self.hidden or self.space.private else None

    @property
    def size(self) -> int:
        """Characters of text, for bounds."""
        match self.view:
            case Line(text=text) | Answer(text=text):
                return len(text.reveal())
            case Notice(text=text, attachment=attachment):
                return len(text.reveal()) + (len(attachment.content.reveal()) if attachment else 0)
            case Question() | Crisis():
                return len(self.view.text)
            case Gone():
                return 0
            case _:
                assert_never(self.view)


def place_name(space: Space) -> str:
    """``dm``, or ``#general`` for the channel of id ``general``."""
    return "dm" if space.place is Place.DM else f"#{space.id}"


def draw(item: Item, viewer: Person) -> dict[str, Json]:
    """The item as JSON for one viewer. What an answer was based on is for the person it was written for."""
    own = item.owner == viewer
    return {
        "id": item.id,
        "turn": item.turn,
        "order": item.order,
        "person": item.owner.user,
        "hidden": item.hidden and not item.space.private,
        "state": item.state.value,
        "chosen": item.chosen if own else "",
        **_view(item.view, own),
    }


def _view(view: View, own: bool) -> dict[str, Json]:
    match view:
        case Line():
            return {"kind": "said", "text": view.text.reveal()}
        case Question():
            return {
                "kind": "question",
                "attribute": view.attribute,
                "text": view.text,
                "reason": view.reason,
                "choices": _choices(view.choices if own else ()),
            }
        case Answer():
            return {
                "kind": "answer",
                "text": view.text.reveal(),
                "used": list(view.used if own else ()),
                "labels": list(view.labels if own else ()),
                "domain": view.domain,
                "model": view.model,
            }
        case Crisis():
            return {
                "kind": "crisis",
                "text": view.text,
                "category": view.category,
                "resources": [_resource(resource) for resource in view.resources],
            }
        case Notice():
            return {
                "kind": "notice",
                "title": view.title,
                "text": view.text.reveal(),
                "choices": _choices(view.choices if own else ()),
                "attachment": _attachment(view) if own else None,
            }
        case Gone():
            return {"kind": "gone"}
        case _:
            assert_never(view)


def _choices(choices: tuple[Choice, ...]) -> list[Json]:
    return [{"id": choice.id, "label": choice.label, "kind": choice.kind.value} for choice in choices]


def _resource(resource: Resource) -> Json:
    return {
        "name": resource.name,
        "country": resource.country,
        "call": resource.call,
        "text": resource.text,
        "web": resource.web,
        "hours": resource.hours,
    }


def _attachment(notice: Notice) -> Json:
    file = notice.attachment
    if file is None:
        return None
    content = base64.b64encode(file.content.reveal()).decode()
    return {"name": file.name, "media_type": file.media_type, "base64": content}
