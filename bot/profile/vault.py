"""The port to encryption at rest: a data key per person, wrapped by the deployment's key.

Throwing a person's key away (shredding) makes everything sealed with it unreadable, backups included.
"""

from __future__ import annotations

from typing import Protocol

from bot.identity import Person


class Vault(Protocol):
    async def knows(self, person: Person) -> bool:
        """Whether the person has a key, so that sealing makes none. One that another process destroyed within the last
        half minute may still count."""
        ...

    async def seal(self, person: Person, plain: bytes, context: str) -> bytes:
        """Encrypt under the person's key (made at first use). ``context`` names what it is and where it is kept
        (``ledger.state``); a sealed text opens only in the same context."""
        ...

    async def open(self, person: Person, sealed: bytes, context: str) -> bytes:
        """Decrypt. Raises Unreadable when the key was shredded, is the wrong one, or the text was changed."""
        ...

    async def shred(self, person: Person) -> int:
        """Destroy the person's key; returns how many keys there were. Idempotent."""
        ...
