"""Which server a person's direct messages are about.

A question asked in a server may be put, and answered, in direct messages; so these belong to the server whose buttons
were shown there last. The rule looks at what stood there when the message was written, so that the same message read
again, by any process, belongs to the same server.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

import discord

from adapters.discord import ids
from adapters.discord.calls import Refused, patience
from adapters.discord.reading import buttons_of
from adapters.discord.ways import Ways
from bot.clock import Seconds

_LOG = logging.getLogger(__name__)
_LAST: Final = 50
_WAIT: Final[Seconds] = 1.5


def note_shown(ways: Ways, message: discord.Message) -> None:
    """One of our own messages in somebody's direct messages, as the gateway tells everybody on the shard."""
    workspace = workspace_shown(message)
    if workspace is not None:
        ways.places.showed(message.channel.id, message.id, workspace)


def workspace_shown(message: discord.Message) -> str | None:
    """The workspace that the message's buttons name; None without buttons of ours."""
    tags = [ids.Tag.read(custom_id) for custom_id in buttons_of(message)]
    found = [tag for tag in tags if tag is not None and tag.press is not ids.Press.HELPED]
    return ids.workspace_of(found[0].who) if found else None


def learn(ways: Ways, channel: int, latest_first: Iterable[discord.Message], me: int) -> None:
    """What was said last in somebody's direct messages: the buttons shown there, or none."""
    for each in latest_first:
        workspace = workspace_shown(each) if each.author.id == me else None
        if workspace is not None:
            ways.places.showed(channel, each.id, workspace)
            return
    ways.places.showed(channel, 0, ids.DM)


async def about(ways: Ways, channel: int, before: int) -> str:
    """From memory, else by reading the direct messages; their own workspace where nothing was shown, or no answer."""
    known = ways.places.about(channel, before)
    if known is not None:
        return known
    try:
        rest = await ways.client()
        with ways.brake.calling("reading direct messages"):
            async with patience(_WAIT):
                read = rest.get_partial_messageable(channel).history(limit=_LAST, before=discord.Object(before))
                learn(ways, channel, [each async for each in read], rest.user.id if rest.user is not None else 0)
    except Refused as refusal:
        _LOG.info("%s", refusal)
        return ids.DM
    return ways.places.about(channel, before) or ids.DM
