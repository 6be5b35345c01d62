"""The deployment's keys: from RAISE_KEY, else from a file in the state folder, made at the first start.

A key is 32 bytes in base64. Several, separated by commas, are for rotation: the first one wraps, the others still open.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path
from typing import Final

from bot.errors import SettingsError
from bot.settings import Settings

BYTES: Final = 32
FILE: Final = "key"
DATABASE: Final = "raise.db"
"""What is sealed with it lies beside it."""


def deployment_keys(settings: Settings) -> tuple[bytes, ...]:
    """The keys, newest first. Raises SettingsError where one is not 32 bytes of base64, or the file cannot be made."""
    if settings.key:
        return tuple(_decoded(part.strip(), "RAISE_KEY") for part in settings.key.split(","))
    if settings.state is None:
        problem = (
            "RAISE_KEY: expected a key, because the database is not in a state folder: make one with "
            "`python3 -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'`"
        )
        raise SettingsError((problem,))
    return _from_file(settings.state / FILE)


def _from_file(file: Path) -> tuple[bytes, ...]:
    try:
        keys = tuple(_decoded(line, str(file)) for line in file.read_text(encoding="ascii").split())
        if not keys:
            raise SettingsError((f"{file}: expected a key, and the file is empty: put the deployment's key back",))
        return keys
    except FileNotFoundError:
        if file.with_name(DATABASE).exists():
            problem = (
                f"{file}: the deployment's key is missing, and without it nothing in {file.with_name(DATABASE)} can be "
                "read: put the key back (or give it as RAISE_KEY); only to begin anew, remove the whole folder"
            )
            raise SettingsError((problem,)) from None
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError((f"{file}: expected a readable key file: {problem}",)) from None
    key = secrets.token_bytes(BYTES)
    try:
        # Only this user may read it, and a second process that starts at the same moment must not overwrite it.
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as made:
            made.write(base64.b64encode(key).decode() + "\n")
    except FileExistsError:
        return _from_file(file)
    except OSError as problem:
        raise SettingsError((f"{file}: the key cannot be written: {problem}",)) from None
    return (key,)


def added(file: Path) -> None:
    """Put a new key first in the key file; the others still open what they wrapped."""
    lines = file.read_text(encoding="ascii").split()
    _replace(file, [base64.b64encode(secrets.token_bytes(BYTES)).decode(), *lines])


def retired(file: Path) -> int:
    """Keep the first key of the file only; returns how many others went."""
    lines = file.read_text(encoding="ascii").split()
    _replace(file, lines[:1])
    return len(lines) - 1


def _replace(file: Path, lines: list[str]) -> None:
    """Whole or not at all, whenever the process is killed: losing the key is losing everything."""
    fresh = file.with_name(f"{file.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as made:
        made.write("\n".join(lines) + "\n")
        made.flush()
        os.fsync(made.fileno())
    fresh.replace(file)


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != BYTES:
        raise SettingsError((f"{where}: expected {BYTES} bytes in base64 (44 characters), got {len(text)} characters",))
    return key
