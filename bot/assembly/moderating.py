"""The desk in chat, wired: a board of cards for each platform that has channels, and the buttons of all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bot.assembly.application import Application
from bot.assembly.faces import Face
from bot.assembly.stores import ChannelStores
from bot.clock import Clock, Seconds
from bot.errors import StoreError
from bot.policy.schema import Policy
from bot.review.chat.board import Board, Surface
from bot.review.chat.channel import Channel
from bot.review.chat.presses import Presses
from bot.telemetry.events import Event, Telemetry

LOOK_EVERY: Final[Seconds] = 1.0
"""How soon a card follows what another process did; what was done here shows at once."""
LONGEST: Final[Seconds] = 30.0
"""The longest pause while the store is down."""


@dataclass(frozen=True, slots=True)
class Moderating:
    """The boards of this process, and what their buttons do."""

    boards: tuple[Board, ...]
    presses: Presses
    telemetry: Telemetry

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Cards follow their cases inside."""
        tasks = [asyncio.create_task(self._keep_up(board), name=f"cards in {board.platform}") for board in self.boards]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_up(self, board: Board) -> None:
        pause = LOOK_EVERY
        while True:
            try:
                await board.look()
                pause = LOOK_EVERY
            except StoreError as problem:
                self.telemetry.emit(Event.NOT_REVIEWED, platform=board.platform, problem=str(problem))
                pause = min(2 * pause, LONGEST)
            except Exception as failure:  # noqa: BLE001 - one card that breaks must not stop all others
                self.telemetry.emit(Event.NOT_REVIEWED, platform=board.platform, problem=type(failure).__name__)
                pause = min(2 * pause, LONGEST)
            await board.wait(pause)


def moderating(app: Application, faces: Sequence[Face], clock: Clock, telemetry: Telemetry) -> Moderating | None:
    """None where nothing outlives the process: there are no accounts then, and nobody may press anything."""
    kept = app.stores.channels
    if kept is None:
        return None
    surfaces = {face.platform.name: face.surface for face in faces if face.surface is not None}
    return around(app, kept, surfaces, clock, telemetry)


def around(
    app: Application, kept: ChannelStores, surfaces: dict[str, Surface], clock: Clock, telemetry: Telemetry
) -> Moderating:
    """``surfaces`` by platform."""
    review = app.stores.review

    def policy() -> Policy:
        return app.rules().policy

    boards = tuple(
        Board(
            platform=platform,
            surface=surface,
            postings=kept.postings,
            cases=review.cases,
            trail=review.trail,
            policy=policy,
            clock=clock,
            report=_reporter(telemetry, platform),
        )
        for platform, surface in surfaces.items()
    )

    def changed() -> None:
        for board in boards:
            board.ring()

    return Moderating(boards, Presses(app.reviewing.desk, kept.links, changed), telemetry)


def _reporter(telemetry: Telemetry, platform: str) -> Callable[[Channel, str], None]:
    def report(channel: Channel, problem: str) -> None:
        event = Event.CARDS_REFUSED if problem else Event.CARDS_ACCEPTED
        telemetry.emit(event, platform=platform, address=str(channel), problem=problem)

    return report
