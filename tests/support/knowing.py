"""What is known of somebody, for faces without a core behind them."""

from __future__ import annotations

from bot.chat.forgettable import Forgettable, Forgettables
from bot.errors import StoreUnavailable
from bot.identity import Person
from bot.private import Private


async def nothing_known(person: Person, locale: str) -> tuple[Forgettable, ...]:
    return ()


async def away(person: Person, locale: str) -> tuple[Forgettable, ...]:
    raise StoreUnavailable("the profiles cannot be reached: try again")


def knows(**values: str) -> Forgettables:
    """``knows(age="34")``: of everybody."""

    async def known(person: Person, locale: str) -> tuple[Forgettable, ...]:
        return tuple(Forgettable(name, name.capitalize(), Private(value)) for name, value in values.items())

    return known
