"""One Discord message or modal as data, before it becomes discord.py's objects. Pure; labels are cut to what fits."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.discord.ids import Tag


@dataclass(frozen=True, slots=True)
class Button:
    """``strong`` stands out (the one thing to do); ``spent`` can no longer be pressed."""

    label: str
    tag: Tag
    strong: bool = False
    quiet: bool = False
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """A list to pick from; the option's id is what was picked."""

    placeholder: str
    tag: Tag
    options: tuple[tuple[str, str], ...]


Control = Button | Menu
Row = tuple[Button, ...] | tuple[Menu]


@dataclass(frozen=True, slots=True)
class Card:
    """``panel``: a framed box (Components v2, up to 4,000 characters), used for what the bot says about itself."""

    text: str
    rows: tuple[Row, ...] = ()
    panel: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """One to tick; ``value`` is what was ticked."""

    value: str
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class Boxes:
    """A group of them; ``name`` is its field's."""

    name: str
    label: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A modal: some text, at most one group to pick from (labelled ``pick``), boxes to tick, and fields to write in."""

    title: str
    tag: Tag
    text: str = ""
    pick: str = ""
    options: tuple[tuple[str, str], ...] = ()
    ticks: tuple[Boxes, ...] = ()
    fields: tuple[Field, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    content: str = ""
    required: bool = False
