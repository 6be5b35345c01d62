"""AES-256-GCM from ``cryptography``: what every vault seals with. No cipher of our own.

A sealed text is one version byte, a random nonce of 12 bytes, then ciphertext and tag. What it is and whom it belongs
to is bound to it as associated data, so that a text moved to another row or another person does not open.
"""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import Unreadable
from bot.identity import Person

KEY_BYTES: Final = 32
NO_KEY: Final = "there is no key for this person: it was destroyed (forget me), or nothing was ever sealed for them"
CHANGED: Final = (
    "a sealed text does not open with this person's key: it was changed, moved from another place, or sealed before "
    "the key was destroyed; forget the person, or restore database and keys from the same backup"
)
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_SHORTEST: Final = 1 + _NONCE_BYTES + 16


def new_key() -> bytes:
    """A fresh random key of 256 bits."""
    return AESGCM.generate_key(8 * KEY_BYTES)


def binding(person: Person, context: str) -> bytes:
    """The associated data that ties a text to its person and place."""
    return f"{context}\x00{person}".encode()


def seal(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    """Encrypt ``plain`` under ``key`` (32 bytes)."""
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plain, bound_to)


def unseal(key: bytes, sealed: bytes, bound_to: bytes, otherwise: str) -> bytes:
    """Decrypt what :func:`seal` made. Raises Unreadable(``otherwise``) when key, text or binding differ."""
    if len(sealed) < _SHORTEST or sealed[:1] != _VERSION:
        raise Unreadable(f"{otherwise} (the stored bytes are not in the form this release writes)")
    nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, bound_to)
    except InvalidTag:
        raise Unreadable(otherwise) from None


def of(person: Person, platform: str, workspace: str | None, user: str | None) -> bool:
    """Whether this is somebody of the platform, the workspace (None: any) and the account (None: any)."""
    return person.platform == platform and workspace in (None, person.workspace) and user in (None, person.user)
