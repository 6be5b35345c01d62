"""Streams that are closed when their reader stops."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from bot.llm.provider import Chunk, Reply

Pieces = AsyncIterator[Chunk | Reply]


@asynccontextmanager
async def closing(pieces: Pieces) -> AsyncIterator[Pieces]:
    """Read a provider's stream inside ``async with closing(provider.stream(prompt)) as pieces``: the connection is
    let go at once when the reader breaks off, not when the garbage collector comes by."""
    try:
        yield pieces
    finally:
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()
