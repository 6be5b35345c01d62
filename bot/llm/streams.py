"""Streams that are closed when their reader stops."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

from bot.llm.provider import Chunk, Reply

Pieces = AsyncIterator[Chunk | Reply]


class closing:  # noqa: N801 - reads as contextlib's own does
    """Read a provider's stream inside ``async with closing(provider.stream(prompt)) as pieces``: the connection is
    let go at once when the reader breaks off, not when the garbage collector comes by. An iterator that has nothing
    to close is left alone, which ``contextlib.aclosing`` does not do."""

    __slots__ = ("_pieces",)

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces

    async def __aenter__(self) -> Pieces:
        return self._pieces

    async def __aexit__(self, *_: object) -> None:
        if isinstance(self._pieces, AsyncGenerator):
            await self._pieces.aclose()
