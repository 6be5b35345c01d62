"""The terminal's two forms, wired: JSON lines for scripts, and a conversation for a person."""

from __future__ import annotations

import uuid
from typing import BinaryIO, TextIO

from bot.assembly.application import application
from bot.clock import ManualClock, SystemClock
from bot.risk.flags import Flag
from bot.settings import Settings
from bot.telemetry.logs import silent


async def chat_by_lines(settings: Settings, lines: BinaryIO, out: TextIO, *, manual_clock: bool) -> None:
    """``raise-bot chat --json``: serve ``lines`` until they end, writing JSON lines to ``out``."""
    from adapters.terminal.json_terminal import JsonTerminal
    from adapters.terminal.lines import LineParser
    from adapters.terminal.session import JsonSession
    from adapters.terminal.streams import ByteLines

    def write(line: str) -> None:
        out.write(line)
        out.flush()

    moved = ManualClock() if manual_clock else None
    clock = moved or SystemClock()
    terminal = JsonTerminal(write)
    parser = LineParser(clock, lambda: uuid.uuid4().hex, terminal.asked_in)

    def flagged(flag: Flag) -> None:
        terminal.flag(flag.conversation.person, flag.severity, flag.category)

    async with application(settings, [terminal], clock=clock, telemetry=silent(), on_flag=flagged) as app:
        await JsonSession(ByteLines(lines), parser, terminal, app.intake, moved).run()
