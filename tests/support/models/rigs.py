"""Every kind of provider, made to play the same script: the server's faults are what the script's entries say."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from adapters.models.remote import Remote, Timeouts
from adapters.models.resilience import Patience, Resilient
from adapters.models.scripted import Entry, Scripted
from adapters.models.scripted import Fault as Scripted_
from bot.clock import ManualClock
from bot.llm.budget import Budget, Budgeted, Limits
from bot.llm.provider import Provider
from tests.support.models.faults import Fault, Kind
from tests.support.models.server import ModelServer
from tests.support.models.wire import Call

Rig = Callable[[Sequence[Entry], float], AbstractAsyncContextManager[Provider]]
"""Opens a provider that plays the entries; the number is the seconds after which an attempt times out."""


def remote(make: Callable[[Timeouts], Remote], environment: pytest.MonkeyPatch) -> Rig:
    """A provider of an SDK in front of a local server."""

    @asynccontextmanager
    async def rig(entries: Sequence[Entry], total: float) -> AsyncIterator[Provider]:
        async with _playing(entries) as server:
            for variable, value in server.environment.items():
                environment.setenv(variable, value)
            provider = make(Timeouts(chunk=3_600.0, total=total))
            try:
                yield provider
            finally:
                await provider.close()

    return rig


@asynccontextmanager
async def scripted(entries: Sequence[Entry], total: float) -> AsyncIterator[Provider]:
    provider = Scripted(entries, timeout=total)
    yield provider
    provider.assert_finished()


@asynccontextmanager
async def resilient(entries: Sequence[Entry], total: float) -> AsyncIterator[Provider]:
    async with scripted(entries, total) as provider:
        yield Resilient([provider], ManualClock(), Patience(attempts=1, failures=100))


@asynccontextmanager
async def budgeted(entries: Sequence[Entry], total: float) -> AsyncIterator[Provider]:
    async with scripted(entries, total) as provider:
        yield Budgeted(provider, Budget(Limits(calls=100, tokens=1_000_000, usd=1.0)))


@asynccontextmanager
async def _playing(entries: Sequence[Entry]) -> AsyncIterator[ModelServer]:
    texts = deque(_text(entry) for entry in entries if _speaks(entry))

    async def reply(call: Call) -> str:
        await asyncio.sleep(0)
        return texts.popleft()

    async with ModelServer(reply) as server:
        server.faults.extend(map(_fault, entries))
        yield server
        assert not server.faults, "expected every entry to be asked for"


def _text(entry: Entry) -> str:
    return json.dumps(entry.data) if entry.data is not None else entry.text or ""


def _speaks(entry: Entry) -> bool:
    return entry.text is not None or entry.data is not None


def _fault(entry: Entry) -> Fault | None:
    after = entry.after_chunks
    if entry.hang:
        return Fault(Kind.HANG, after)
    match entry.error:
        case Scripted_.TIMEOUT:
            return Fault(Kind.STATUS, after, 504, "timeout_error")
        case Scripted_.RATE_LIMITED:
            return Fault(Kind.STATUS, after, 429, "rate_limit_error", entry.retry_after)
        case Scripted_.UNAVAILABLE:
            return Fault(Kind.DROP if after else Kind.STATUS, after, 529, "overloaded_error")
        case Scripted_.REJECTED:
            return Fault(Kind.STATUS, after, 400, "invalid_request_error")
        case Scripted_.MALFORMED:
            return Fault(Kind.GARBAGE, after)
        case None:
            return None if entry.complete else Fault(Kind.LENGTH)
