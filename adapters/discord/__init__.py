"""Discord: direct messages, mentions, replies and threads, ``/raise``, ``/privacy``, buttons, forms, streamed answers.

Owns translation from Discord's events to Inbound, rendering of Outbound to messages, private ways where the place is
public, streaming, delivery exactly once, shards and the checks of ``doctor``. May import discord.py, aiohttp,
cachetools, adapters.background and the ports in bot.chat and below. Built by bot.assembly: :class:`DiscordApp` is made
first, its ``platform`` given to the core, then it runs with :class:`Ears` that hold the core's Intake (without ears it
only sends). discord.py does the work; nothing here thinks.

A newcomer reads in this order: ``shapes`` (what comes in), ``translate``, ``front`` and ``interactions`` (what happens
until it is claimed), ``platform``, ``sinks`` and ``stream`` (what goes out), ``deliveries`` (once), ``app``.
"""

from adapters.discord.app import Access, DiscordApp, Health
from adapters.discord.ears import Count, Ears
from adapters.discord.platform import DiscordPlatform
from adapters.discord.shards import parse_shards

__all__ = ["Access", "Count", "DiscordApp", "DiscordPlatform", "Ears", "Health", "parse_shards"]
