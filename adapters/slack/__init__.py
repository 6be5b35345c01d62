"""Slack: direct messages, mentions and threads, the agent's view, ``/raise``, App Home, modals and buttons.

Owns translation from Slack's events to Inbound, rendering of Outbound to blocks, pacing, streaming, delivery exactly
once, installation by OAuth and the checks of ``doctor``. May import slack-bolt, slack-sdk, aiohttp and the ports in
bot.chat and below. Built by bot.assembly: :class:`SlackApp` is made first, its ``platform`` given to the core, then it
runs with :class:`Ears` that hold the core's Intake. slack-bolt and slack-sdk do the work; nothing here thinks.

A newcomer reads in this order: ``shapes`` (what comes in), ``translate``, ``front`` (what happens until the
acknowledgement), ``platform`` and ``stream`` (what goes out), ``deliveries`` (once), ``app``.
"""

from adapters.slack.app import Access, Health, SlackApp
from adapters.slack.ears import Count, Ears
from adapters.slack.platform import SlackPlatform

__all__ = ["Access", "Count", "Ears", "Health", "SlackApp", "SlackPlatform"]
