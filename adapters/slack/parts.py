"""How far a growing answer has come."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from adapters.slack.web import Refused
from bot.clock import Seconds


@dataclass(slots=True)
class Part:
    """One message of the answer. ``shown`` is what Slack confirmed; ``open`` while it can grow; ``doubtful`` when more
    may be shown than was confirmed."""

    ts: str
    shown: str = ""
    open: bool = True
    native: bool = True
    doubtful: bool = False


@dataclass(slots=True)
class Progress:
    """``waiting`` was not shown yet; ``failed`` is why nothing more is tried; ``unsure``: an attempt to begin a message
    may have worked; ``beginning`` is the one under way."""

    parts: list[Part] = field(default_factory=list)
    waiting: str = ""
    sent_at: Seconds = 0.0
    native: bool = True
    failed: Refused | None = None
    unsure: bool = False
    beginning: asyncio.Task[Part] | None = None
