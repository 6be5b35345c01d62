"""Steps of a turn, recorded by DBOS."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from dbos import DBOS

from adapters.engine.dbos_session import StepFailed
from bot.errors import StoreUnavailable


class DurableSteps:
    """Steps recorded by DBOS. Results are also kept here, so that another attempt in this process repeats none, not
    even one whose record failed on a full disk."""

    __slots__ = ("_held", "_recorded", "_results")

    def __init__(self, held: Callable[[], Awaitable[None]]) -> None:
        """``held`` returns while the turn is certainly this process's own."""
        self._held = held
        self._results: dict[str, str] = {}
        self._recorded: set[str] = set()

    async def run(self, name: str, work: Callable[[], Awaitable[str]]) -> str:
        async def once() -> str:
            if name not in self._results:
                await self._held()
                self._results[name] = await work()
            return self._results[name]

        if name not in self._recorded:
            try:
                self._results[name] = await DBOS.run_step_async({"name": name}, once)
            except StepFailed as met:
                if str(met) != StoreUnavailable.__name__:
                    raise
                # The process that died was about to try again. Taken for a broken turn, it would be given up instead.
                raise StoreUnavailable("a store was away when an earlier process came to this step") from None
            self._recorded.add(name)
        return self._results[name]
