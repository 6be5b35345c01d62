"""The processes beside this one: each says which release and policy it has, and what differs is said in one line.

A rolling upgrade, or a policy on its way to every machine, differs for a while and is right; so nothing is refused.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections.abc import Callable
from typing import Final

from bot.conversation.replicas import Replica, Replicas
from bot.errors import StoreError
from bot.telemetry.events import Event, Telemetry

LOOK_SECONDS: Final = 30.0
RELEASE: Final = importlib.metadata.version("raise-bot")


class Beside:
    """``policy`` gives the id of the one in force."""

    def __init__(self, replicas: Replicas, policy: Callable[[], str], telemetry: Telemetry) -> None:
        self._replicas, self._policy, self._telemetry = replicas, policy, telemetry
        self._said: tuple[str, ...] = ()

    def introduce(self) -> None:
        """Tell the others what this process has."""
        self._replicas.introduce(RELEASE, self._policy())

    async def look(self) -> None:
        """Say what differs, unless it was said already."""
        try:
            found = differences(await self._replicas.others(), RELEASE, self._policy())
        except StoreError:
            return  # the engine says so itself, and the next look follows
        if found != self._said:
            self._said = found
            for problem in found:
                self._telemetry.emit(Event.REPLICAS_DIFFER, problem=problem)

    async def keep_looking(self) -> None:
        """At start and then now and then, until cancelled."""
        while True:
            self.introduce()
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)


def differences(others: tuple[Replica, ...], release: str, policy: str) -> tuple[str, ...]:
    """One line for what others run that this process does not, each with what to do."""
    releases = sorted({each.release for each in others} - {release})
    policies = sorted({each.policy for each in others} - {policy})
    found = []
    if releases:
        other = ", ".join(releases)
        found.append(
            f"another process runs release {other}, this one {release}: fine during an upgrade; else install the same "
            "release everywhere"
        )
    if policies:
        other = ", ".join(policies)
        found.append(
            f"another process serves policy {other}, this one {policy}: people get either; give every process the same "
            "folder and run raise-bot policy check there"
        )
    return tuple(found)
