"""Whether the bot could post cards of cases in a channel. Nothing is posted."""

from __future__ import annotations

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.bolt import sdk_logger
from adapters.slack.findings import said
from adapters.slack.moderators import hint
from adapters.slack.nodes import child, text
from bot.private import Private


async def problem(api_url: str, token: Private[str], workspace: str, channel: str) -> str:
    """Empty when all is well. Reads one message's worth of history, for which the bot has to be in the channel."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
        client = AsyncWebClient(base_url=api_url, session=session, logger=sdk_logger(), retry_handlers=[], timeout=15)
        try:
            who = await client.auth_test(token=token.reveal())
            await client.conversations_history(token=token.reveal(), channel=channel, limit=1)
        except SlackApiError as error:
            return f"{said(error)}{hint(text(child(error.response.data), 'error'))}"
        except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
            return said(error)
    home = text(child(who.data), "team_id")
    return "" if home == workspace else f"the token belongs to the workspace {home}, not to {workspace}"
