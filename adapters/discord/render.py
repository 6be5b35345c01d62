"""From what the core says to cards. Pure.

Limits: 2,000 characters a message, 4,000 in Components v2, 5 rows of 5 buttons, labels of 80, lists of 25
(https://discord.com/developers/docs/components/reference).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Final, assert_never

from adapters.discord import ids, words
from adapters.discord.cards import Box, Boxes, Button, Card, Field, Form, Menu, Row
from adapters.discord.escape import LIMIT, PART_LIMIT, neutralise
from adapters.discord.ids import Press, Tag
from adapters.forgetting import TITLE, groups, offered
from adapters.speaking import Say
from bot.chat import Answer, Attachment, Choice, ChoiceKind, Crisis, Notice, Outbound, Question, Resource
from bot.chat.forgettable import Forgettable
from bot.chat.splitting import cut, split
from bot.identity import Person

_LABEL: Final = 80
_OPTION: Final = 100
_NAME: Final = 82
"""What a tag has room for."""
_PANEL: Final = 3_800
_ROW: Final = 5
_LIST: Final = 25
_RADIO: Final = 10
_BUTTONS: Final = 10
"""More values than this make a list."""
SUBTEXT: Final = "-# "
"""Discord's small grey print."""
CHOICE: Final = "choice"
WORDS: Final = "words"
ABOUT: Final = "about"
TICKED: Final = "ticked"


class Where(StrEnum):
    """Who sees it: direct messages, one person in a server (by interaction only), everybody in a channel."""

    DIRECT = "direct"
    WHISPER = "whisper"
    CHANNEL = "channel"


def cards(message: Outbound, where: Where, say: Say) -> tuple[Card, ...]:
    """The message as one or more of Discord's, buttons under the last."""
    match message.body:
        case Question() as body:
            return _long(neutralise(body.text), question_rows(message, body, where, say))
        case Answer() as body:
            return answer_cards(message, body, where, say)
        case Crisis() as body:
            return _long(neutralise(crisis_text(body, say)), ())
        case Notice() as body:
            return _panel(notice_text(body), choice_rows(offered(body.choices, say), message, where, say))
        case _:
            assert_never(message.body)


def answer_cards(message: Outbound, body: Answer, where: Where, say: Say) -> tuple[Card, ...]:
    """Under the last part: whether it helped."""
    parts = split(neutralise(body.text.reveal()), PART_LIMIT)
    last = f"{parts[-1] or '…'}\n{footer(body, where, say)}"
    return (*(Card(part) for part in parts[:-1]), Card(last, (_feedback(message, where, say),)))


def footer(body: Answer, where: Where, say: Say) -> str:
    """That an AI wrote it and, where nobody else reads it, what it was written with (``/raise why`` says it too)."""
    if not body.used or where is Where.CHANNEL:
        return f"{SUBTEXT}{say(words.FOOTER)}"
    labels = ", ".join(" ".join(neutralise(label).split()) for label in body.labels)
    room = LIMIT - PART_LIMIT - 4
    return cut(f"{SUBTEXT}{say(words.FOOTER)} · {say(words.USED, attributes=labels)}", room)


def _feedback(message: Outbound, where: Where, say: Say) -> Row:
    about = cut(message.id, _NAME - 1)
    return tuple(
        Button(say(label), _tag(Press.HELPED, f"{sign}{about}", message, where), quiet=True)
        for sign, label in (("+", words.HELPFUL), ("-", words.NOT_HELPFUL))
    )


def crisis_text(body: Crisis, say: Say) -> str:
    return "\n".join((body.text, "", *(f"- {resource_line(each, say)}" for each in body.resources)))


def resource_line(resource: Resource, say: Say) -> str:
    ways = (
        say(words.CALL, number=resource.call) if resource.call else "",
        say(words.TEXT, number=resource.text) if resource.text else "",
        resource.web or "",
        resource.hours,
    )
    return f"**{resource.name}**: {', '.join(filter(None, ways))}"


def notice_text(body: Notice) -> str:
    text = neutralise(body.text.reveal())
    return f"### {body.title}\n{text}" if body.title else text


def question_rows(message: Outbound, body: Question, where: Where, say: Say) -> tuple[Row, ...]:
    """Values first, then skip, why and stop. Where people cannot simply write, a button opens a field for it."""
    rows = choice_rows(body.choices, message, where, say)
    if where is not Where.WHISPER:
        return rows
    own = Button(say(words.IN_MY_WORDS), Tag(Press.WORDS, body.attribute, private=True), quiet=True)
    if rows and isinstance(rows[-1][0], Button) and len(rows[-1]) < _ROW:
        return (*rows[:-1], (*(each for each in rows[-1] if isinstance(each, Button)), own))
    return (*rows, (own,))


def choice_rows(choices: Iterable[Choice], message: Outbound, where: Where, say: Say) -> tuple[Row, ...]:
    rows: list[Row] = []
    for values, group in groupby(choices, key=lambda choice: choice.kind is ChoiceKind.VALUE):
        found = tuple(group)
        if values and len(found) > _BUTTONS:
            rows.extend(_menus(found, message, where, say))
        else:
            buttons = tuple(_button(each, message, where) for each in found)
            rows.extend(buttons[start : start + _ROW] for start in range(0, len(buttons), _ROW))
    return tuple(rows)


def pointer(message: Outbound, key: str, say: Say) -> Card:
    """In a channel, for someone who takes no direct messages: a button that opens what is for them alone."""
    user, body = int(message.to.user), message.body
    if isinstance(body, Question):
        tag = Tag(Press.ANSWER, f"{body.attribute}.{key}", private=message.space.private, who=user)
        button = Button(say(words.ANSWER_PRIVATELY), tag, strong=True)
    else:
        tag = Tag(Press.READ, key, private=message.space.private, who=user)
        button = Button(say(words.READ_PRIVATELY), tag, strong=True)
    return Card(say(words.POINTER, user=user), ((button,),))


def question_form(body: Question, say: Say, *, private: bool) -> Form:
    """The private form of a question: the choices, or own words, or both."""
    options = tuple(
        (choice.id, cut(choice.label, _OPTION)) for choice in body.choices if choice.kind is not ChoiceKind.WHY
    )[: _LIST if len(body.choices) > _RADIO else _RADIO]
    text = neutralise(f"{body.text}\n{SUBTEXT}{body.reason}" if body.reason else body.text)
    tag = Tag(Press.ANSWER, body.attribute, private=private)
    return Form(
        say(words.ANSWER_PRIVATELY),
        tag,
        cut(text, LIMIT),
        say(words.PICK),
        options,
        fields=(Field(WORDS, say(words.OWN_WORDS)),),
    )


def words_form(attribute: str, say: Say) -> Form:
    tag = Tag(Press.WORDS, attribute, private=True)
    return Form(say(words.IN_MY_WORDS), tag, fields=(Field(WORDS, say(words.IN_MY_WORDS), required=True),))


def ask_form(about: str, say: Say) -> Form:
    """What to ask about a message; the message itself can be seen and shortened before it is sent."""
    fields = (
        Field(WORDS, say(words.ASK_LABEL), required=True),
        Field(ABOUT, say(words.ASK_ABOUT), content=cut(about, 4_000)),
    )
    return Form(say(words.ASK_TITLE), Tag(Press.ASK, "message", private=True), fields=fields)


def forget_form(items: tuple[Forgettable, ...], person: Person, say: Say) -> Form:
    """What is known, to be ticked; in direct messages the tag says which server they are about."""
    ticks = tuple(
        Boxes(f"{TICKED}{number}", line, tuple(_box(each) for each in part))
        for number, (line, part) in enumerate(groups(items, say))
    )
    tag = Tag(Press.FORGET, TICKED, private=True, who=ids.workspace_number(person.workspace))
    return Form(say(TITLE), tag, ticks=ticks)


def _box(item: Forgettable) -> Box:
    return Box(item.attribute, cut(item.label, _OPTION), cut(item.value.reveal(), _OPTION))


def file_as_text(file: Attachment) -> tuple[Card, ...]:
    """Where a file cannot be attached: its content in messages."""
    content = neutralise(file.content.reveal().decode("utf-8", "replace"))
    return tuple(Card(piece) for piece in split(f"{file.name}\n```\n{content}\n```", PART_LIMIT))


def settled(text: str, label: str, tag: Tag) -> Card:
    """A question once it was answered: the buttons give way to what was chosen, which cannot be pressed any more but
    still says whose question it was."""
    return Card(text, ((Button(_ticked(label), tag, quiet=True, spent=True),),))


def _ticked(label: str) -> str:
    return cut(f"✓ {' '.join(label.split())}", _LABEL)


def _long(text: str, rows: tuple[Row, ...]) -> tuple[Card, ...]:
    parts = split(text, PART_LIMIT)
    return (*(Card(part) for part in parts[:-1]), Card(parts[-1] or "…", rows))


def _panel(text: str, rows: tuple[Row, ...]) -> tuple[Card, ...]:
    parts = split(text, _PANEL)
    return (*(Card(part, panel=True) for part in parts[:-1]), Card(parts[-1] or "…", rows, panel=True))


def _menus(choices: Sequence[Choice], message: Outbound, where: Where, say: Say) -> Iterable[Row]:
    for start in range(0, len(choices), _LIST):
        some = choices[start : start + _LIST]
        options = tuple((cut(choice.label or choice.id, _OPTION), choice.id) for choice in some)
        tag = _tag(Press.CHOOSE, f"*{start}", message, where)
        yield (Menu(say(words.CHOOSE), tag, options),)


def _button(choice: Choice, message: Outbound, where: Where) -> Button:
    label = cut(choice.label.strip() or choice.id, _LABEL)
    return Button(
        label,
        _tag(Press.CHOOSE, choice.id, message, where),
        strong=choice.kind is ChoiceKind.VALUE,
        quiet=choice.kind in (ChoiceKind.SKIP, ChoiceKind.WHY, ChoiceKind.STOP),
    )


def _tag(press: Press, rest: str, message: Outbound, where: Where) -> Tag:
    match where:
        case Where.DIRECT:
            return Tag(press, rest, private=True, who=ids.workspace_number(message.to.workspace))
        case Where.WHISPER:
            return Tag(press, rest, private=message.space.private)
        case Where.CHANNEL:
            return Tag(press, rest, private=message.space.private, who=int(message.to.user))
        case _:
            assert_never(where)
