"""What Discord sends, read into types of ours. Total: what is not for the bot becomes Skipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import discord

from adapters.discord.ids import Tag
from bot.private import Private

_SPOKEN: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})
_BOXES: Final = discord.ComponentType.checkbox_group.value


@dataclass(frozen=True, slots=True)
class Message:
    """``guild`` is 0 in direct messages. ``mention``: the bot is named or pinged by a reply; ``reply``: it answers a
    message of the bot. Without the message-content intent ``text`` is empty unless one of them is so, or it is a direct
    message."""

    id: int
    user: int
    guild: int
    channel: int
    text: Private[str]
    mention: bool
    reply: bool
    thread: bool
    files: bool


@dataclass(frozen=True, slots=True)
class Skipped:
    """Nothing for the bot."""

    why: str


def read_message(message: discord.Message, me: int) -> Message | Skipped:
    if message.webhook_id is not None or message.author.bot or message.author.system:
        return Skipped("said by a bot, a webhook or Discord")
    if message.type not in _SPOKEN:
        return Skipped("not something a person said")
    replied = message.reference.resolved if message.reference is not None else None
    return Message(
        id=message.id,
        user=message.author.id,
        guild=message.guild.id if message.guild is not None else 0,
        channel=message.channel.id,
        text=Private(message.content),
        mention=any(user.id == me for user in message.mentions),
        reply=isinstance(replied, discord.Message) and replied.author.id == me,
        thread=isinstance(message.channel, discord.Thread),
        files=bool(message.attachments or message.stickers or message.poll or message.message_snapshots),
    )


@dataclass(frozen=True, slots=True)
class Press:
    """A button or a list. ``picked`` is the option of a list, ``label`` what the control says, ``text`` and ``plain``
    the message it is on."""

    tag: Tag
    picked: str
    label: str
    text: str
    plain: bool


def read_press(interaction: discord.Interaction[Any]) -> Press | Skipped:
    data = _data(interaction)
    custom_id = data.get("custom_id")
    tag = Tag.read(custom_id) if isinstance(custom_id, str) else None
    if tag is None:
        return Skipped("a button of another release")
    values = data.get("values")
    picked = str(values[0]) if isinstance(values, list) and values else ""
    message = interaction.message
    label = _label(message, str(custom_id), picked) if message is not None else ""
    plain = message is not None and not message.flags.components_v2
    return Press(tag, picked, label, message.content if message is not None else "", plain)


@dataclass(frozen=True, slots=True)
class Submission:
    """A modal was sent: what was picked or typed by field, and which boxes were ticked."""

    tag: Tag
    values: Mapping[str, str]
    ticked: tuple[str, ...] = ()


def read_submission(interaction: discord.Interaction[Any]) -> Submission | Skipped:
    tag = Tag.read(name_of(interaction))
    if tag is None:
        return Skipped("a form of another release")
    return Submission(tag, typed(interaction), tuple(_ticked(_data(interaction).get("components"))))


def name_of(interaction: discord.Interaction[Any]) -> str:
    """The ``custom_id`` of what was pressed or sent; empty where there is none."""
    custom_id = _data(interaction).get("custom_id")
    return custom_id if isinstance(custom_id, str) else ""


def typed(interaction: discord.Interaction[Any]) -> Mapping[str, str]:
    """What was picked or typed in a form, by field."""
    return dict(_values(_data(interaction).get("components")))


def _data(interaction: discord.Interaction[Any]) -> Mapping[str, object]:
    return dict(interaction.data) if interaction.data is not None else {}


def _values(node: object) -> Iterator[tuple[str, str]]:
    """Every field below: ``value`` of text and radio groups, the first of ``values`` of lists."""
    if isinstance(node, list):
        for each in node:
            yield from _values(each)
    elif isinstance(node, dict):
        name, value, values = node.get("custom_id"), node.get("value"), node.get("values")
        if isinstance(name, str) and isinstance(value, str):
            yield name, value
        elif isinstance(name, str) and isinstance(values, list) and values:
            yield name, str(values[0])
        yield from _values(node.get("component"))
        yield from _values(node.get("components"))


def _ticked(node: object) -> Iterator[str]:
    """Every box that was ticked, in any group below."""
    if isinstance(node, list):
        for each in node:
            yield from _ticked(each)
    elif isinstance(node, dict):
        values = node.get("values")
        if node.get("type") == _BOXES and isinstance(values, list):
            yield from (each for each in values if isinstance(each, str))
        yield from _ticked(node.get("component"))


def _label(message: discord.Message, custom_id: str, picked: str) -> str:
    for row in message.components:
        for each in row.children if isinstance(row, discord.ActionRow) else ():
            if each.custom_id != custom_id:
                continue
            if isinstance(each, discord.SelectMenu):
                return next((option.label for option in each.options if option.value == picked), "")
            return each.label or ""
    return ""
