"""The terminal's two forms, wired: JSON lines for scripts, and a conversation for a person."""

from __future__ import annotations

import asyncio
import signal
import uuid
from typing import BinaryIO, TextIO

from bot.assembly.application import application
from bot.clock import ManualClock, Seconds, SystemClock
from bot.identity import Person
from bot.profile.sweeper import empty
from bot.risk.flags import Flag
from bot.settings import Settings
from bot.telemetry.logs import silent


async def chat_by_lines(settings: Settings, lines: BinaryIO, out: TextIO, *, manual_clock: bool) -> None:
    """``raise-bot chat --json``: serve ``lines`` until they end, writing JSON lines to ``out``."""
    from adapters.terminal.json_terminal import JsonTerminal
    from adapters.terminal.lines import LineParser
    from adapters.terminal.printed import FILE, Printed
    from adapters.terminal.session import JsonSession
    from adapters.terminal.streams import ByteLines

    def write(line: str) -> None:
        out.write(line)
        out.flush()

    moved = ManualClock() if manual_clock else None
    clock = moved or SystemClock()
    printed = Printed(settings.state / FILE if settings.state is not None else None)
    terminal = JsonTerminal(write, printed)
    parser = LineParser(clock, lambda: uuid.uuid4().hex, terminal.asked_in)

    def flagged(flag: Flag) -> None:
        terminal.flag(flag.conversation.person, flag.severity, flag.category)

    async with application(settings, [terminal], clock=clock, telemetry=silent(), on_flag=flagged) as app:

        async def advanced(seconds: Seconds) -> None:
            for each in app.stores.swept:
                await empty(each.store, clock)

        await JsonSession(ByteLines(lines), parser, terminal, app.intake, moved, advanced).run()
    printed.close()


async def chat(settings: Settings, lines: BinaryIO) -> None:
    """``raise-bot chat``: talk with the person at this terminal until they leave."""
    import locale as system_locale

    from rich.console import Console

    from adapters.terminal.rich_session import RichSession
    from adapters.terminal.rich_terminal import RichTerminal
    from adapters.terminal.streams import ByteLines

    console = Console(highlight=False)
    terminal, clock, interrupted = RichTerminal(console), SystemClock(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted.set)
    language, _ = system_locale.getlocale()
    async with application(settings, [terminal], clock=clock, telemetry=silent()) as app:
        await RichSession(
            ByteLines(lines),
            terminal,
            app.intake,
            clock,
            Person(terminal.name, "local", "you"),
            new_id=lambda: uuid.uuid4().hex,
            prompt=lambda sign: console.print(sign, end="", style="bold"),
            interrupted=interrupted,
            locale=(language or "und").replace("_", "-"),
        ).run()
