"""The terminal face: a conversation for people, and the same in JSON lines for scripts.

Owns the reading of lines, both renderings and the loop that serves one line after another. May import rich (only in
``rich_terminal``) and the ports in bot.chat and below. Built by bot.assembly for ``raise-bot chat``.
"""

from adapters.terminal.json_terminal import JsonTerminal
from adapters.terminal.lines import Advance, LineParser, Problem
from adapters.terminal.session import JsonSession
from adapters.terminal.streams import ByteLines

__all__ = ["Advance", "ByteLines", "JsonSession", "JsonTerminal", "LineParser", "Problem"]
