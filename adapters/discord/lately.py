"""Which server a person's direct messages are about, read from the direct messages themselves."""

from __future__ import annotations

import logging
from typing import Final

from adapters.discord import ids
from adapters.discord.calls import Refused, patience
from adapters.discord.platform import DiscordPlatform
from adapters.discord.reading import buttons_of
from adapters.discord.shapes import Message
from bot.clock import Seconds

_LOG = logging.getLogger(__name__)
_LAST: Final = 10
_WAIT: Final[Seconds] = 1.5


async def lately_about(platform: DiscordPlatform, message: Message) -> str:
    """The workspace named by the newest buttons of ours; direct messages' own where there are none, or no answer."""
    try:
        rest = await platform.ways.client()
        me = rest.user.id if rest.user is not None else 0
        target = rest.get_partial_messageable(message.channel)
        with platform.ways.brake.calling("reading direct messages"):
            async with patience(_WAIT):
                async for each in target.history(limit=_LAST):
                    tags = [ids.Tag.read(custom_id) for custom_id in buttons_of(each)]
                    found = [tag for tag in tags if tag is not None]
                    if each.author.id == me and found:
                        return ids.workspace_of(found[0].who)
    except Refused as refusal:
        _LOG.info("%s", refusal)
    return ids.DM
