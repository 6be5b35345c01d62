"""How a face with forms lets people choose what is forgotten: boxes to tick, behind a button."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from adapters.speaking import Say
from bot.chat import Choice, ChoiceKind, Command, Verb
from bot.chat.forgettable import Forgettable, Forgettables
from bot.clock import Seconds
from bot.errors import StoreError
from bot.identity import Person
from bot.private import Private

FORGET: Final = f"do:{Verb.FORGET}"
"""The button that opens the form. Where no form opens, the core takes it and says how to name one thing."""
BOXES: Final = 10
"""In one group, in Slack and in Discord; more than these go into another group of the same form."""
TITLE: Final = "privacy.choice.forget"
TICK: Final = "face.tick"
NOTHING_TICKED: Final = "face.nothing_ticked"
NOTHING_KNOWN: Final = "privacy.empty"
_LOOKUP: Final[Seconds] = 1.5
"""A form must open within 3 s of the press."""


def offered(choices: Iterable[Choice], say: Say) -> tuple[Choice, ...]:
    """The choices of a notice; where several things can be forgotten one by one, also the button for the form."""
    found = list(choices)
    ones = [place for place, choice in enumerate(found) if choice.id.startswith(f"{FORGET}.")]
    if len(ones) > 1:
        found.insert(ones[-1] + 1, Choice(FORGET, say(TITLE), ChoiceKind.ACTION))
    return tuple(found)


async def known(look_up: Forgettables, person: Person, locale: str) -> tuple[Forgettable, ...] | None:
    """None where that cannot be said in time."""
    try:
        async with asyncio.timeout(_LOOKUP):
            return await look_up(person, locale)
    except (TimeoutError, StoreError):
        return None


def groups(items: tuple[Forgettable, ...], say: Say) -> tuple[tuple[str, tuple[Forgettable, ...]], ...]:
    """The boxes with the line over each group of them."""
    parts = [items[start : start + BOXES] for start in range(0, len(items), BOXES)]
    if len(parts) == 1:
        return ((say(TICK), parts[0]),)
    return tuple((f"{say(TICK)} ({number}/{len(parts)})", part) for number, part in enumerate(parts, 1))


def ticked(attributes: Iterable[str]) -> Command | None:
    """What a form asks for; None where nothing was ticked."""
    names = ", ".join(attributes)
    return Command(Verb.FORGET, Private(names)) if names else None


def asks_for_the_form(command: Command) -> bool:
    """Whether somebody wants something forgotten without saying what."""
    return command.verb is Verb.FORGET and not command.argument.reveal().strip()
