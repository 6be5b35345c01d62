"""The web face: a chat page over server-sent events, for the playground and for anyone who embeds it.

Owns the page, its endpoints and a short memory of what was shown (so that a reload or a lost connection neither loses
nor doubles a message). May import aiohttp, Jinja2 and the ports in bot.chat and below. Built by bot.assembly, which
hands it an Intake; the core hands it messages through :class:`WebPlatform`.
"""

from adapters.web.platform import WebPlatform
from adapters.web.server import Address, WebApp

__all__ = ["Address", "WebApp", "WebPlatform"]
