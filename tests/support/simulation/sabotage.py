"""Parts that do one thing wrong. The witness must find each of them out, or it would not find out the bot either."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from bot.assembly.stores import Stores
from bot.chat import Crisis, Delivered, Delivery, Outbound, Question
from bot.clock import Seconds
from bot.identity import Person
from bot.profile.record import Record
from bot.profile.store import Changes
from tests.support.simulation.people import PEOPLE
from tests.support.simulation.platform import SimulatedPlatform
from tests.support.simulation.world import Sabotage


class _Instead:
    """``honest``, but for the methods given."""

    def __init__(self, honest: Any, **methods: Callable[..., Awaitable[Any]]) -> None:
        self._honest = honest
        self.__dict__.update(methods)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._honest, name)


class _Nothing:
    """Erases nothing, and says so."""

    async def erase(self, person: Person) -> int:
        return 0


def _forgetful_ledger(stores: Stores) -> Stores:
    """Takes every event for a new one."""

    async def claim(turn_id: str, *rest: Any) -> bool:
        await stores.ledger.claim(turn_id, *rest)
        return True

    return replace(stores, ledger=_Instead(stores.ledger, claim=claim))


def _keeps_for_good(stores: Stores) -> Stores:
    """Is told to keep things for a second, and keeps and gives them for good."""

    async def read(person: Person, now: Seconds) -> tuple[Record, ...]:
        records = await stores.profiles.read(person, 0.0)
        return tuple(replace(each, expires_at=max(each.expires_at, now + 3600.0)) for each in records)

    async def purge(now: Seconds, limit: int) -> int:
        return 0

    async def write(person: Person, changes: Changes, now: Seconds) -> None:
        briefly = tuple(replace(each, expires_at=now + 1.0) for each in changes.put)
        await stores.profiles.write(person, replace(changes, put=briefly), 0.0)

    kept = _Instead(stores.profiles, read=read, write=write, purge=purge)
    return replace(stores, profiles=kept, swept=tuple(each for each in stores.swept if each.name != "profile"))


def _mixes_people_up(stores: Stores) -> Stores:
    """Gives everybody the profile of the first of them."""

    async def read(person: Person, now: Seconds) -> tuple[Record, ...]:
        return await stores.profiles.read(PEOPLE[0], now)

    return replace(stores, profiles=_Instead(stores.profiles, read=read))


def _forgets_nobody(stores: Stores) -> Stores:
    """Keeps profiles, conversations and their keys, whoever asks to be forgotten."""
    kept = dict.fromkeys(("profile", "conversation", "keys"), _Nothing())
    return replace(stores, erasable={**stores.erasable, **kept})


def _loses_turns(stores: Stores) -> Stores:
    """Says that it queued a turn, and sometimes does not."""
    submitted: list[str] = []

    async def submit(turn_id: str, conversation: str) -> bool:
        submitted.append(turn_id)
        return True if len(submitted) % 3 == 0 else await stores.engine.submit(turn_id, conversation)

    return replace(stores, engine=_Instead(stores.engine, submit=submit))


def _in_no_order(stores: Stores) -> Stores:
    """Runs the turns of one person beside each other."""

    async def submit(turn_id: str, conversation: str) -> bool:
        return await stores.engine.submit(turn_id, f"{conversation} {turn_id}")

    return replace(stores, engine=_Instead(stores.engine, submit=submit))


def _asks_everybody(platform: SimulatedPlatform) -> Any:
    """Shows questions in the open."""

    async def deliver(message: Outbound) -> Delivery:
        body = message.body
        return await platform.deliver(
            replace(message, body=replace(body, private=False)) if isinstance(body, Question) else message
        )

    return _Instead(platform, deliver=deliver)


def _no_help(platform: SimulatedPlatform) -> Any:
    """Swallows resources."""

    async def deliver(message: Outbound) -> Delivery:
        return Delivered() if isinstance(message.body, Crisis) else await platform.deliver(message)

    return _Instead(platform, deliver=deliver)


def _says_it_twice(platform: SimulatedPlatform) -> Any:
    """Knows no message again that it has shown before."""
    sent: list[str] = []

    async def deliver(message: Outbound) -> Delivery:
        sent.append(message.id)
        return await platform.deliver(replace(message, id=f"{message.id}.{len(sent)}"))

    return _Instead(platform, deliver=deliver)


SABOTAGES: Final = {
    "an event sent twice is taken twice": (Sabotage(stores=_forgetful_ledger), "accepted as new", 0),
    "expired values are used": (Sabotage(stores=_keeps_for_good), "expired", 0),
    "people are mixed up": (Sabotage(stores=_mixes_people_up), "holds canary", 14),
    "what is kept outlives forget me": (Sabotage(stores=_forgets_nobody), "was forgotten", 11),
    "turns are lost": (Sabotage(stores=_loses_turns), "never came to rest", 0),
    "turns overtake each other": (Sabotage(stores=_in_no_order), "which came first", 0),
    "sensitive questions are asked in the open": (Sabotage(platform=_asks_everybody), "asks about", 0),
    "help does not arrive": (Sabotage(platform=_no_help), "was answered 0 times", 0),
    "messages are shown twice": (Sabotage(platform=_says_it_twice), "answered more than once", 0),
}
"""What goes wrong, what the witness must say about it, and from which seed on to look (it is found in others too)."""
