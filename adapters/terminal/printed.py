"""Which messages a terminal has printed already, known through a kill of the process as well.

A pipe cannot be asked what was written to it. Between the printing of a line and the moment in which the durable engine
has recorded it lie some milliseconds; a process killed there prints the line again when its turn goes on. A digest of
the message's id, appended to a file in the same breath, makes that span a few microseconds.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Final

from bot.recent import RECENT

FILE: Final = "printed"
_DIGEST: Final = 16  # bytes


class Printed:
    """The latest 10,000 messages. ``file`` outlives the process until :meth:`close`; without it, memory alone knows.

    A file that cannot be read or written costs only what it is for: nobody waits, and no line is lost."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._digests: OrderedDict[bytes, None] = OrderedDict.fromkeys(_read(file) if file is not None else ())
        self._out: int | None = None

    def __contains__(self, message_id: str) -> bool:
        return _digest(message_id) in self._digests

    def add(self, message_id: str) -> None:
        """Tell that the message with this id has just been printed."""
        digest = _digest(message_id)
        self._digests[digest] = None
        if len(self._digests) > RECENT:
            self._digests.popitem(last=False)
        if self._file is not None:
            with suppress(OSError):
                if self._out is None:  # the folder is made by the stores, which are opened after the terminal
                    self._out = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                os.write(self._out, digest)

    def close(self) -> None:
        """The session has ended in order: every turn is recorded, and nothing need be known any more."""
        if self._out is not None:
            with suppress(OSError):
                os.ftruncate(self._out, 0)
            os.close(self._out)
            self._out = None


def _read(file: Path) -> list[bytes]:
    try:
        whole = file.read_bytes()
        # A kill may leave half a digest at the end; what stands before it is whole.
        digests = [whole[at : at + _DIGEST] for at in range(0, len(whole) - _DIGEST + 1, _DIGEST)][-RECENT:]
        if len(digests) * _DIGEST != len(whole):
            file.write_bytes(b"".join(digests))
    except OSError:
        return []
    return digests


def _digest(message_id: str) -> bytes:
    return hashlib.blake2b(message_id.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()
