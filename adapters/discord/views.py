"""Cards and forms as discord.py's objects.

The objects are told at once that nobody listens to them (``stop``): presses are understood by their ``custom_id``
alone, so a button works after any restart, and the library keeps no view in memory for every message ever sent.
"""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import ui

from adapters.discord import render
from adapters.discord.cards import Boxes, Button, Card, Form, Menu, Row
from bot.chat.splitting import cut

_LABEL: Final = 45
_TITLE: Final = 45
_TYPED: Final = 4_000
_RADIO: Final = 10


def view(card: Card) -> ui.View | ui.LayoutView | None:
    """None where there is nothing but text."""
    return panel(card) if card.panel else buttons(card)


def buttons(card: Card) -> ui.View | None:
    """What stands under plain text."""
    if not card.rows:
        return None
    made = ui.View(timeout=None)
    for number, row in enumerate(card.rows):
        for item in _items(row, number):
            made.add_item(item)
    made.stop()
    return made


def panel(card: Card) -> ui.LayoutView:
    """Text and buttons in a frame."""
    made = ui.LayoutView(timeout=None)
    box: ui.Container[Any] = ui.Container(ui.TextDisplay(card.text))
    for row in card.rows:
        box.add_item(ui.ActionRow(*_items(row, None)))
    made.add_item(box)
    made.stop()
    return made


def _items(row: Row, number: int | None) -> list[ui.Button[Any] | ui.Select[Any]]:
    return [_menu(each, number) if isinstance(each, Menu) else _button(each, number) for each in row]


def _button(button: Button, row: int | None) -> ui.Button[Any]:
    style = discord.ButtonStyle.primary if button.strong else discord.ButtonStyle.secondary
    name = button.tag.write()
    return ui.Button(style=style, label=button.label, custom_id=name, disabled=button.spent, row=row)


def _menu(menu: Menu, row: int | None) -> ui.Select[Any]:
    options = [discord.SelectOption(label=label, value=value) for label, value in menu.options]
    return ui.Select(custom_id=menu.tag.write(), placeholder=menu.placeholder, options=options, row=row)


def modal(form: Form) -> ui.Modal:
    made = ui.Modal(title=cut(form.title, _TITLE), custom_id=form.tag.write(), timeout=None)
    if form.text:
        made.add_item(ui.TextDisplay(form.text))
    if form.options:
        made.add_item(ui.Label(text=cut(form.pick, _LABEL), component=_group(form)))
    for each in form.ticks:
        made.add_item(ui.Label(text=cut(each.label, _LABEL), component=_boxes(each)))
    for field in form.fields:
        typed: ui.TextInput[Any] = ui.TextInput(
            style=discord.TextStyle.paragraph,
            custom_id=field.name,
            default=field.content or None,
            required=field.required,
            max_length=_TYPED,
        )
        made.add_item(ui.Label(text=cut(field.label, _LABEL), component=typed))
    made.stop()
    return made


def _group(form: Form) -> ui.RadioGroup[Any] | ui.Select[Any]:
    if len(form.options) > _RADIO:
        options = [discord.SelectOption(label=label, value=value) for value, label in form.options]
        return ui.Select(custom_id=render.CHOICE, options=options, required=False)
    group: ui.RadioGroup[Any] = ui.RadioGroup(custom_id=render.CHOICE, required=False)
    for value, label in form.options:
        group.add_option(label=label, value=value)
    return group


def _boxes(group: Boxes) -> ui.CheckboxGroup[Any]:
    """May be left empty: then the person is told that nothing was ticked."""
    made: ui.CheckboxGroup[Any] = ui.CheckboxGroup(
        custom_id=group.name, required=False, min_values=0, max_values=len(group.boxes)
    )
    for box in group.boxes:
        made.add_option(label=box.label, value=box.value, description=box.detail or None)
    return made
