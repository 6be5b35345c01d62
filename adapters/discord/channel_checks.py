"""Whether the bot could post cards of cases in channels. Calls by REST only, nothing is posted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import aiohttp
import discord

from adapters.discord import permissions
from adapters.discord.app import Access, Connect, quiet
from adapters.discord.calls import Brake
from bot.clock import Clock, Seconds
from bot.review.chat.channel import Channel

_PATIENCE: Final[Seconds] = 15.0


async def problems(
    access: Access, channels: Sequence[Channel], clock: Clock, *, connect: Connect | None = None
) -> Mapping[Channel, str]:
    """What is wrong with each channel, only of those with which something is."""
    quiet()
    connector = connect() if connect is not None else aiohttp.TCPConnector(limit=0)
    wanted = discord.Intents.none()
    client = discord.Client(intents=wanted, max_messages=None, proxy=access.proxy or None, connector=connector)
    found: dict[Channel, str] = {}
    try:
        async with asyncio.timeout(_PATIENCE):
            await client.login(access.token.reveal())
            for each in channels:
                found[each] = await permissions.missing(client, Brake(clock), int(each.workspace), int(each.id))
    except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as trouble:
        found |= {each: f"no answer from Discord ({type(trouble).__name__})" for each in channels if each not in found}
    finally:
        await client.close()
        await connector.close()
    return {each: problem for each, problem in found.items() if problem}
