"""What happens when the work of a turn fails: a few attempts, then it is given up and the log says where."""

from __future__ import annotations

import asyncio
import logging
import traceback
from itertools import chain, repeat
from typing import Final

from bot.clock import Seconds
from bot.conversation.engine import Steps, TurnWork
from bot.errors import StoreUnavailable

log: Final = logging.getLogger("raise_bot.engine")

PAUSES: Final[tuple[Seconds, ...]] = (0.2, 2.0, 5.0)
"""Seconds to wait before the second, third and fourth attempt: a store that restarts is back by then."""


async def attempt(
    work: TurnWork, turn_id: str, steps: Steps, pauses: tuple[Seconds, ...], give_up: TurnWork | None = None
) -> bool:
    """Do the work of a turn, again after each of ``pauses`` while it fails; False when it failed every time, and
    ``give_up`` was done instead.

    Endless attempts would hold up every later message of the conversation, so there is a last one.
    """
    for pause in (*pauses, None):
        try:
            await work(turn_id, steps)
        except (Exception, asyncio.CancelledError) as error:
            # Whatever the work forgot to catch must not stop the other turns; a cancellation meant for it must pass.
            if isinstance(error, asyncio.CancelledError) and _cancelled():
                raise
            if pause is None:
                log.error("a turn failed for good: %s", _where(error))
                await given_up(give_up, turn_id, steps, pauses)
                return False
            log.warning("a turn failed and is tried again in %s s: %s", pause, _where(error))
            await asyncio.sleep(pause)
        else:
            return True
    raise AssertionError("unreachable: the last attempt returns")


async def given_up(give_up: TurnWork | None, turn_id: str, steps: Steps, pauses: tuple[Seconds, ...]) -> None:
    """Give a turn up. A store that is down is waited for, however long (without ``pauses``: not at all): nothing else
    of the conversation could go on meanwhile, and nobody would ever hear of the turn."""
    waits = chain(pauses, repeat(pauses[-1])) if pauses else iter(())
    while give_up is not None:
        try:
            await give_up(turn_id, steps)
        except Exception as error:  # noqa: BLE001 - a mistake in giving up must not stop the other turns
            pause = next(waits, None) if isinstance(error, StoreUnavailable) else None
            if pause is None:
                log.error("a turn could not be given up: %s", _where(error))
                return
            await asyncio.sleep(pause)
        else:
            return


def _cancelled() -> bool:
    """Whether somebody cancelled this task, rather than something it waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _where(error: BaseException) -> str:
    """Kind and place of an error. Never its message, which might quote somebody."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
