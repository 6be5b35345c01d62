"""What the assembly needs to know of a face that talks to people on a platform of others (Slack, Discord)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from bot.chat import Intake, Platform
from bot.chat.forgettable import Forgettables
from bot.clock import Seconds
from bot.identity import Person
from bot.profile.erasure import Holding, Receipt
from bot.review.chat.board import Surface
from bot.review.chat.presses import Presses


@dataclass(frozen=True, slots=True)
class Health:
    """``detail`` is fit for an operator."""

    name: str
    ready: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Door:
    """What a face is given of the core. ``forget`` returns once somebody is forgotten; ``forget_soon`` once it is
    noted, so that it is done whatever happens to this process, and tells nobody; ``known`` is what could be forgotten;
    ``presses`` is the moderators' desk, where it is open in chat."""

    intake: Intake
    forget: Callable[[Person], Awaitable[Receipt]]
    forget_soon: Callable[[Iterable[Person]], Awaitable[None]]
    known: Forgettables
    presses: Presses | None = None


@dataclass(frozen=True, slots=True)
class Face:
    """``run`` connects, and disconnects on leaving; ``pause`` takes no more events and waits up to so many seconds for
    what is being acknowledged; ``routes`` are what it adds to the HTTP server (aiohttp's own, unknown to the core);
    ``holdings`` what it keeps about people; ``surface`` where it can show cards of cases."""

    platform: Platform
    run: Callable[[Door], AbstractAsyncContextManager[None]]
    pause: Callable[[Seconds], Awaitable[None]]
    health: Callable[[], Awaitable[Health]]
    routes: tuple[Any, ...] = ()
    holdings: tuple[Holding, ...] = ()
    surface: Surface | None = None
