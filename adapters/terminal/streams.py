"""Reading lines from a blocking stream without blocking the event loop."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import BinaryIO, Final

LINE_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of one line; what is longer is read to its end and thrown away."""


class ByteLines:
    """Lines of a binary stream such as ``sys.stdin.buffer``, read when asked for, at most one at a time."""

    def __init__(self, stream: BinaryIO, limit: int = LINE_LIMIT) -> None:
        self._stream = stream
        self._limit = limit

    async def next(self) -> bytes | None:
        """The next line without its newline; None at the end. Longer than the limit: its first ``limit`` + 1 bytes.

        A thread of its own waits for the line, so that leaving the program never waits for somebody to press Enter.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bytes | None] = loop.create_future()

        def settle(line: bytes | None, error: OSError | ValueError | None) -> None:
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(line)

        def read() -> None:
            line: bytes | None = None
            error: OSError | ValueError | None = None
            try:
                line = self._read()
            except (OSError, ValueError) as failure:
                error = failure
            # The loop may have been closed while somebody thought about what to type.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, line, error)

        threading.Thread(target=read, daemon=True, name="raise-bot-lines").start()
        return await future

    def too_long(self, line: bytes) -> bool:
        """Whether ``line`` is what is left of one that was longer than the limit."""
        return len(line) > self._limit

    def _read(self) -> bytes | None:
        line = self._stream.readline(self._limit + 1)
        rest = line
        while rest and not rest.endswith(b"\n") and len(rest) > self._limit:
            rest = self._stream.readline(self._limit + 1)
        return line.rstrip(b"\r\n") if line else None
