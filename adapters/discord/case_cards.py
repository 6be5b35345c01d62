"""Cards of cases, their forms and what is revealed, as discord.py's objects.

What a person wrote is shown behind a spoiler, so that reading it is a choice, and with nothing that Discord would turn
into a mention or a link. Buttons say which case they are about, so they work after any restart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import discord
from discord import ui

from adapters.discord import escape
from bot.chat.splitting import cut
from bot.review.chat.cards import LONGEST, Asked, Card, Filled, Form, Line, Moment, Press
from bot.review.presentation import Context, View
from bot.review.transcript import Voice
from bot.review.wording import CONTEXTS

PREFIX: Final = "case:"
"""Begins the ``custom_id`` of everything about cases."""
ONLY_YOU: Final = "Only you can see this. Press a line to read it."
_PIECE: Final = 700
"""Of what somebody typed; escaped it may be more than twice as long."""
_ROOM: Final = 1_900
_ROW: Final = 5
_TITLE: Final = 45


def name(press: Press, case_id: str) -> str:
    """The ``custom_id`` of a button or form."""
    return f"{PREFIX}{press}:{case_id}"


def read(custom_id: str) -> tuple[Press, str] | None:
    """What was pressed, on which case; None for a button of another release."""
    press, _, case_id = custom_id.removeprefix(PREFIX).partition(":")
    return (Press(press), case_id) if press in list(Press) and case_id else None


def text(card: Card) -> str:
    sign = "🚨 " if card.urgent else ""
    lines = "\n".join(_line(line) for line in card.lines)
    return cut(f"{sign}**{escape.neutralise(card.title)}**\n{lines}", _ROOM)


def buttons(card: Card) -> ui.View | None:
    """None where nothing can be done any more."""
    if not card.buttons:
        return None
    made = ui.View(timeout=None)
    for number, each in enumerate(card.buttons):
        style = discord.ButtonStyle.primary if each.strong else discord.ButtonStyle.secondary
        custom_id = name(each.press, card.case_id)
        made.add_item(ui.Button(style=style, label=each.label, custom_id=custom_id, row=number // _ROW))
    made.stop()  # presses are understood by their custom_id alone
    return made


def _line(line: Line) -> str:
    return "".join(_moment(part) if isinstance(part, Moment) else escape.neutralise(part) for part in line)


def _moment(value: Moment) -> str:
    """Shown in the reader's own time zone."""
    return f"<t:{int(value.at)}:{'R' if value.relative else 'f'}>"


def modal(form: Form) -> ui.Modal:
    made = ui.Modal(title=cut(form.title, _TITLE), custom_id=name(form.press, form.case_id), timeout=None)
    made.add_item(ui.TextDisplay(form.text))
    for asked in form.fields:
        made.add_item(ui.Label(text=asked.label, description=asked.hint or None, component=_component(asked)))
    made.stop()
    return made


def _component(asked: Asked) -> ui.RadioGroup[Any] | ui.TextInput[Any]:
    if not asked.options:
        return ui.TextInput(
            style=discord.TextStyle.paragraph,
            custom_id=asked.field.value,
            required=asked.required,
            max_length=LONGEST,
        )
    group: ui.RadioGroup[Any] = ui.RadioGroup(custom_id=asked.field.value, required=asked.required)
    for value, label in asked.options:
        group.add_option(label=label, value=value)
    return group


def revealed(shown: View) -> Iterator[str]:
    """The last lines, in pieces of a message each."""
    whose = {Voice.PERSON: "Person", Voice.BOT: "Bot"}
    lines = [f"**{whose[line.voice]}:** ||{_words(line.text.reveal())}||" for line in shown.lines]
    if shown.context is not Context.SHOWN:
        lines.append(CONTEXTS[shown.context])
    if shown.person is not None:
        lines.append(f"**Who and where:** ||{_words(str(shown.person.reveal()))}||")
    piece = ONLY_YOU
    for line in lines:
        if len(piece) + len(line) + 1 > _ROOM:
            yield piece
            piece = ""
        piece = f"{piece}\n{line}" if piece else line
    yield piece


def kept(line: str, filled: Filled) -> Iterator[str]:
    """A line, with what was typed in vain, so that it can be copied: Discord closes every form."""
    typed = filled.words.reveal().strip()
    yield line if not typed else f"{line}\nWhat you wrote, to copy:"
    for start in range(0, len(typed), _PIECE):
        yield escape.quote(_words(typed[start : start + _PIECE]))


def _words(typed: str) -> str:
    """What somebody typed, without markup of any kind."""
    return escape.neutralise(discord.utils.escape_markdown(cut(typed, _PIECE)))
