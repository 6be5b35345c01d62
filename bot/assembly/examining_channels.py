"""What ``raise-bot doctor`` says of the channels of moderators that the policy names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.assembly import slack, stores
from bot.assembly.stores import ChannelStores, Stores
from bot.clock import Clock, SystemClock
from bot.policy.folder import find_folder
from bot.policy.loader import load
from bot.private import Private
from bot.review.chat.channel import Channel, channels_of
from bot.settings import Settings

PLATFORMS: Final = ("slack", "discord")


@dataclass(frozen=True, slots=True)
class Looked:
    """``state`` is ok or problem."""

    what: str
    state: str
    found: str
    do: str = ""


async def examine(settings: Settings) -> list[Looked]:
    """Every channel: whether it can be posted in, whether somebody may act there, and what went wrong lately. Raises
    RaiseBotError where policy or stores cannot be opened. Posts nothing."""
    cases = load(find_folder(settings.policies)).cases
    channels = [channel for platform in PLATFORMS for channel in channels_of(cases, platform)]
    if not channels:
        return [Looked("channels", "ok", "none in the policy: cases are looked at at the desk")]
    clock = SystemClock()
    async with stores.opened(settings, clock) as kept:
        if kept.channels is None:
            todo = "Set RAISE_STATE: accounts, and who they are in chat, have to be kept somewhere."
            return [Looked("channels", "problem", "nobody may press anything: nothing is kept", todo)]
        closed = {**await _slack(settings, kept, channels), **await _discord(settings, channels, clock)}
        found = []
        for channel in channels:
            found += await _looked(channel, closed.get(channel, ""), kept.channels)
    return found


async def _looked(channel: Channel, closed: str, kept: ChannelStores) -> list[Looked]:
    name, found = str(channel), []
    lately = next((each.problem for each in await kept.postings.troubles() if each.channel == channel), "")
    if closed or lately:
        todo = "Make it so that the bot may read and write there; it tries again every five minutes."
        found.append(Looked(name, "problem", closed or f"the last card was not posted: {lately}", todo))
    staff = {account for who, account in await kept.links.linked() if f"{who.platform}:{who.workspace}" == channel.home}
    if not staff:
        todo = f"Link an account of the desk: raise-bot desk link NAME {channel.home}:USER"
        found.append(Looked(name, "problem", "nobody there is linked to an account, so nobody may press", todo))
    return found or [Looked(name, "ok", f"open to the bot; {len(staff)} accounts may act there")]


async def _slack(settings: Settings, kept: Stores, channels: Sequence[Channel]) -> Mapping[Channel, str]:
    from adapters.slack.channel_checks import problem

    found = {}
    for channel in channels:
        if channel.platform != "slack":
            continue
        if not slack.configured(settings):
            found[channel] = "Slack is not configured"
            continue
        token = await _token(settings, kept, channel)
        found[channel] = (
            f"the app is not installed in the workspace {channel.workspace}"
            if token is None
            else await problem(settings.slack_api_url, token, channel.workspace, channel.id)
        )
    return found


async def _token(settings: Settings, kept: Stores, channel: Channel) -> Private[str] | None:
    if settings.slack_bot_token:
        return Private(settings.slack_bot_token)
    installed = None if kept.installations is None else await kept.installations.find(channel.workspace, "")
    return None if installed is None else installed.token


async def _discord(settings: Settings, channels: Sequence[Channel], clock: Clock) -> Mapping[Channel, str]:
    theirs = [channel for channel in channels if channel.platform == "discord"]
    if not theirs:
        return {}
    if not settings.discord_token:
        return dict.fromkeys(theirs, "Discord is not configured")
    from adapters.discord.app import Access
    from adapters.discord.channel_checks import problems

    return await problems(Access(Private(settings.discord_token), settings.discord_proxy), theirs, clock)
