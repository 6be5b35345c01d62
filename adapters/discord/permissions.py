"""Which permission is missing in a channel, in the words that Discord's settings use."""

from __future__ import annotations

from typing import Final

import discord

from adapters.discord.calls import Brake, Refused, patience

NEEDED: Final = ("view_channel", "send_messages", "send_messages_in_threads", "read_message_history", "attach_files")
"""What the bot needs in the channels it is to work in. It adds reactions too where it may."""


def needed() -> discord.Permissions:
    return discord.Permissions(**dict.fromkeys((*NEEDED, "add_reactions"), True))


async def missing(rest: discord.Client, brake: Brake, guild: int | None, channel: int) -> str:
    """A sentence for an operator; empty where it cannot be found out."""
    if guild is None or rest.user is None:
        return ""
    try:
        with brake.calling("looking up permissions"):
            async with patience():
                server = await rest.fetch_guild(guild, with_counts=False)
                me = await server.fetch_member(rest.user.id)
                there = await server.fetch_channel(channel)
    except Refused:
        return f"missing permission in channel {channel} of server {guild}: View Channel"
    allowed = there.permissions_for(me)
    absent = [name for name in NEEDED if not getattr(allowed, name)]
    names = ", ".join(name.replace("_", " ").title() for name in absent)
    return f"missing permission in channel {channel} of server {guild}: {names}" if names else ""
