"""Reading back what was said in a channel since a turn began."""

from __future__ import annotations

from typing import Final

import discord

from adapters.discord.calls import Brake, patience
from adapters.discord.deliveries import Found
from adapters.discord.ids import Anchor
from adapters.discord.render import Where
from adapters.discord.sinks import ChannelSink

_MOST: Final = 100


async def read_back(rest: discord.Client, brake: Brake, sink: ChannelSink, anchor: Anchor | None) -> list[Found]:
    """Messages of ours that may belong to the turn, oldest first: in a channel, those that answer its message. Raises
    Refused."""
    if anchor is None or rest.user is None:
        return []
    me = rest.user.id
    target = rest.get_partial_messageable(sink.channel)
    with brake.calling("reading back"):
        async with patience():
            after = target.history(limit=_MOST, after=discord.Object(anchor.id), oldest_first=True)
            theirs = [each async for each in after if each.author.id == me]
    return [
        Found(each.id, each.content, buttons_of(each))
        for each in theirs
        if sink.where is Where.DIRECT or _answers(each, anchor)
    ]


def _answers(message: discord.Message, anchor: Anchor) -> bool:
    return message.reference is not None and message.reference.message_id == anchor.id


def buttons_of(message: discord.Message) -> frozenset[str]:
    """The ``custom_id`` of everything that can be pressed."""
    return frozenset(_custom_ids(message.components))


def _custom_ids(components: object) -> list[str]:
    found: list[str] = []
    if isinstance(components, list | tuple):
        for each in components:
            found += _custom_ids(getattr(each, "children", ()))
            custom_id = getattr(each, "custom_id", None)
            if isinstance(custom_id, str):
                found.append(custom_id)
    return found
