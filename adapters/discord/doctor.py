"""What ``raise-bot doctor`` asks Discord about, as data: what is right, what is wrong, and what to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import aiohttp
import discord
from discord import app_commands

from adapters.discord.app import Access, Connect, quiet
from adapters.discord.commands import ASK_ABOUT
from adapters.discord.gateway import intents
from adapters.discord.permissions import needed
from bot.clock import Seconds

_PATIENCE: Final[Seconds] = 15.0
_COMMANDS: Final = frozenset({"raise", "privacy", ASK_ABOUT})
_PORTAL: Final = "https://discord.com/developers/applications"
_FEW: Final = 50
"""Sessions left of Discord's 1,000 a day, below which restarts become a risk."""


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """``what`` was looked at, what was ``found``, and what to ``do`` about it (empty when it is ok)."""

    what: str
    state: State
    found: str
    do: str = ""


async def examine(access: Access, *, connect: Connect | None = None) -> tuple[Finding, ...]:
    """Never raises for what Discord answers, or for no answer; takes at most about 15 s. Calls by REST only."""
    quiet()
    async with _client(access, connect) as client:
        try:
            async with asyncio.timeout(_PATIENCE):
                await client.login(access.token.reveal())
                return await _findings(client)
        except discord.LoginFailure:
            todo = f"Copy the token again from {_PORTAL} (Bot > Reset Token) into DISCORD_TOKEN."
            return (Finding("token", State.PROBLEM, "Discord does not know this token", todo),)
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as problem:
            proxy = "Check RAISE_DISCORD_PROXY and" if access.proxy else "Check"
            todo = f"{proxy} that this machine may reach https://discord.com and wss://gateway.discord.gg."
            return (Finding("connection", State.PROBLEM, f"no answer ({type(problem).__name__})", todo),)


@asynccontextmanager
async def _client(access: Access, connect: Connect | None) -> AsyncIterator[discord.AutoShardedClient]:
    connector = connect() if connect is not None else aiohttp.TCPConnector(limit=0)
    client = discord.AutoShardedClient(
        intents=intents(content=False), max_messages=None, proxy=access.proxy or None, connector=connector
    )
    try:
        yield client
    finally:
        await client.close()
        await connector.close()


async def _findings(client: discord.AutoShardedClient) -> tuple[Finding, ...]:
    info = await client.application_info()
    return (
        Finding("token", State.OK, f"the bot is {client.user}"),
        _content(info),
        _endpoint(info),
        _installation(info),
        _pages(info),
        _servers(info),
        await _commands(client),
        await _sessions(client),
    )


def _content(info: discord.AppInfo) -> Finding:
    if info.flags.gateway_message_content or info.flags.gateway_message_content_limited:
        return Finding("message content", State.OK, "granted: threads go on without a mention")
    return Finding("message content", State.OK, "not granted: direct messages, mentions and commands work all the same")


def _endpoint(info: discord.AppInfo) -> Finding:
    if not info.interactions_endpoint_url:
        return Finding("interactions", State.OK, "come through the gateway")
    todo = f"Clear the Interactions Endpoint URL in {_PORTAL} (General Information)."
    return Finding("interactions", State.PROBLEM, "buttons and commands are sent to a web address instead of us", todo)


def _installation(info: discord.AppInfo) -> Finding:
    link = discord.utils.oauth_url(info.id, permissions=needed(), scopes=("bot", "applications.commands"))
    if info.bot_require_code_grant:
        todo = f"Switch off Requires OAuth2 Code Grant in {_PORTAL} (Bot)."
        return Finding("installation", State.PROBLEM, "the bot cannot join servers by its link", todo)
    params = info.install_params
    lacking = needed().value & ~params.permissions.value if params is not None else 0
    if lacking:
        names = ", ".join(name.replace("_", " ").title() for name, on in discord.Permissions(lacking) if on)
        todo = f"Add them to the Default Install Settings in {_PORTAL} (Installation)."
        return Finding("installation", State.WARNING, f"the link does not ask for: {names}", todo)
    return Finding("installation", State.OK, f"link to add the bot: {link}")


def _pages(info: discord.AppInfo) -> Finding:
    absent = [
        name
        for name, url in (
            ("privacy policy", info.privacy_policy_url),
            ("terms of service", info.terms_of_service_url),
        )
        if not url
    ]
    if not absent:
        return Finding("policies", State.OK, "privacy policy and terms of service are linked")
    todo = f"Publish them (deploy/discord.md has a text) and link them in {_PORTAL} (General Information)."
    return Finding("policies", State.WARNING, f"not linked: {' and '.join(absent)}", todo)


def _servers(info: discord.AppInfo) -> Finding:
    count = info.approximate_guild_count
    if count:
        return Finding("servers", State.OK, f"in about {count}")
    return Finding("servers", State.WARNING, "in no server yet", "Add the bot to a server with its link.")


async def _commands(client: discord.AutoShardedClient) -> Finding:
    known = {command.name for command in await app_commands.CommandTree(client).fetch_commands()}
    absent = sorted(_COMMANDS - known)
    if not absent:
        return Finding("commands", State.OK, "registered")
    return Finding("commands", State.WARNING, f"not registered: {', '.join(absent)}", "They are when the bot starts.")


async def _sessions(client: discord.AutoShardedClient) -> Finding:
    limits = await client.fetch_session_start_limits()
    detail = f"{limits.remaining} of {limits.total} left today"
    if limits.remaining >= _FEW:
        return Finding("sessions", State.OK, detail)
    hours = limits.reset_after / 3_600_000
    return Finding(
        "sessions", State.PROBLEM, detail, f"Do not restart the bot for {hours:.0f} hours; find out why it did."
    )
