"""The policy while the application runs: read again on request, built and checked whole beside the loop, then swapped.

A turn pins the rules it begins with, so that none ever sees a mixture. A policy that is wrong is refused and reported,
and the one before it goes on serving.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bot.assembly.rulebook import Rulebook
from bot.assembly.steady import give_back_memory
from bot.clock import Clock
from bot.conversation.rules import Rules
from bot.errors import StoreError
from bot.policy.diagnostics import Level
from bot.policy.registry import Outcome, Refused, Registry, Reloaded, Stamps, Unchanged, stamps
from bot.policy.schema import Policy
from bot.policy.snapshots import Served, Snapshots, files_of
from bot.telemetry.events import Event, Telemetry

LOOK_SECONDS: Final = 2.0
"""How often the files are looked at."""
_SWITCH_SECONDS: Final = 0.0005
"""How long the thread that builds may keep the others waiting, instead of 5 ms: a turn waits for it many times."""


class Live:
    """The policy in force. ``ready`` prepares what else a policy needs (models it names) and may refuse it."""

    def __init__(
        self, registry: Registry, book: Rulebook, telemetry: Telemetry, clock: Clock, ready: Callable[[Policy], None]
    ) -> None:
        self._registry = registry
        self._book = book
        self._telemetry = telemetry
        self._ready = ready
        self._clock = clock
        self.snapshots: Snapshots | None = None
        """Where policies that serve are kept, once a store is open."""
        self._one_at_a_time = asyncio.Lock()
        self._seen: Stamps = ()
        self._asked = asyncio.Event()
        self._asked_by = ""
        self.latest: Outcome = Unchanged(registry.current())
        """What came of the last time the files were read."""

    @classmethod
    def of(cls, book: Rulebook, telemetry: Telemetry, clock: Clock, ready: Callable[[Policy], None]) -> Live | None:
        """None for a book that serves one policy for good."""
        return None if book.registry is None else cls(book.registry, book, telemetry, clock, ready)

    @property
    def folder(self) -> Path:
        """The folder that is read."""
        return self._registry.folder

    def rules(self) -> Rules:
        """The rules in force: take them once, and use those until the turn ends."""
        return self._book.current()

    async def reload(self, by: str) -> Outcome:
        """Read the folder again and serve it, if it is right. ``by`` says what asked for it (signal, files, a name)."""
        async with self._one_at_a_time:
            with _considerate():
                outcome, rules = await asyncio.to_thread(self._built)
            if rules is not None:
                self._book.put(rules)
            self.latest = outcome
            self._report(outcome, by)
            if isinstance(outcome, Reloaded):
                await self.note(by)
            await asyncio.to_thread(give_back_memory)
            return outcome

    async def beside(self, policy: Policy) -> Rules:
        """The rules of another policy, to be looked at and not to serve. Raises PolicyError."""
        async with self._one_at_a_time:
            with _considerate():
                return await asyncio.to_thread(self._book.build, policy)

    async def note(self, by: str) -> None:
        """Keep what serves now, so that it can be put back. Where that fails it serves all the same."""
        if self.snapshots is None:
            return
        policy = self._registry.current()
        files = await asyncio.to_thread(files_of, self._registry.folder, policy)
        if files is None:  # changed since: what they are now is noted when it serves
            return
        try:
            await self.snapshots.note(Served(policy.id, self._clock.now(), by), files)
        except StoreError as problem:
            self._telemetry.emit(Event.POLICY_NOT_KEPT, policy=policy.id, problem=str(problem))

    def ask(self, by: str) -> None:
        """Have :meth:`watch` reload soon; may be called by a signal handler."""
        self._asked_by = by
        self._asked.set()

    async def watch(self, every: float = LOOK_SECONDS) -> None:
        """Reload whenever it is asked for or a file changed, until cancelled. Looks at sizes and times only."""
        self._seen = await asyncio.to_thread(self._look)
        while True:
            by = await self._wait(every)
            now = await asyncio.to_thread(self._look)
            if by or now != self._seen:
                self._seen = now
                await self.reload(by or "files")

    async def _wait(self, seconds: float) -> str:
        """Who asked for a reload; empty when nobody did in that time."""
        try:
            async with asyncio.timeout(seconds):
                await self._asked.wait()
        except TimeoutError:
            return ""
        self._asked.clear()
        return self._asked_by

    def _built(self) -> tuple[Outcome, Rules | None]:
        made: list[Rules] = []

        def build(policy: Policy) -> None:
            self._ready(policy)
            made.append(self._book.build(policy))

        outcome = self._registry.reload(build)
        return outcome, made[0] if isinstance(outcome, Reloaded) else None

    def _look(self) -> Stamps:
        return stamps(self._registry.folder, self._registry.current())

    def _report(self, outcome: Outcome, by: str) -> None:
        match outcome:
            case Reloaded(policy, _, diagnostics):
                self._telemetry.emit(Event.POLICY_LOADED, policy=policy.id, kind=by, count=len(diagnostics))
            case Refused(policy, diagnostics):
                errors = [each for each in diagnostics if each.severity is Level.ERROR]
                first = str(errors[0]) if errors else ""
                self._telemetry.emit(Event.POLICY_REFUSED, policy=policy.id, kind=by, count=len(errors), problem=first)
            case Unchanged():
                pass


@contextmanager
def _considerate() -> Iterator[None]:
    """While a policy is built beside the loop: short turns of the interpreter, and no pause to collect what lives on.

    Everything alive is set aside, before and after, so that the collector walks neither through what was there nor
    through what was built. Nothing is lost by it: what a policy is compiled to and what turns make hold no circles."""
    before, collecting = sys.getswitchinterval(), gc.isenabled()
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
        sys.setswitchinterval(before)
