"""Accounts of the desk: who may log in, proven by a password whose hash only the store sees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Protocol

from bot.clock import Seconds
from bot.errors import InputError
from bot.private import Private
from bot.review.cases import SYSTEM
from bot.review.moderators import EVERYWHERE, Moderator, Role, Roster

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 256
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_WORKSPACE: Final = re.compile(r"[a-z]+:[^\s:]{1,200}")


@dataclass(frozen=True, slots=True)
class Account:
    """``password_set_at``: whoever logged in before that moment has to log in again."""

    moderator: Moderator
    password_set_at: Seconds


class Accounts(Roster, Protocol):
    """What logging in needs. All methods raise StoreUnavailable."""

    async def account(self, name: str) -> Account | None:
        """The account of this name, as it is at this moment; None when there is none."""
        ...

    async def everybody(self) -> tuple[Moderator, ...]:
        """Every account, by name."""
        ...

    async def proven(self, name: str, password: Private[str]) -> Account | None:
        """The account when the password is its own. A wrong name takes as long as a wrong password."""
        ...


class AccountBook(Accounts, Protocol):
    """What the one who runs the desk needs besides."""

    async def save(self, moderator: Moderator, password: Private[str], now: Seconds) -> bool:
        """Make the account, or give it another role, other workspaces and a new password; True when it is new."""
        ...

    async def remove(self, name: str) -> bool:
        """False when there was none. Its claims run out, its lines in the trail stay."""
        ...


def new_moderator(name: str, role: str, workspaces: list[str]) -> Moderator:
    """An account as typed; no workspace means all of them. Raises InputError, saying what was expected."""
    if not _NAME.fullmatch(name) or name == SYSTEM:
        raise InputError(
            f"expected an account name of 1 to 40 letters a-z, digits, dots, dashes (not {SYSTEM}), got {name[:60]!r}"
        )
    if role not in list(Role):
        raise InputError(f"expected a role out of {', '.join(Role)}, got {role[:40]!r}")
    for workspace in workspaces:
        if not _WORKSPACE.fullmatch(workspace):
            raise InputError(f"expected a workspace as platform:workspace (slack:T1), got {workspace[:60]!r}")
    return Moderator(name, Role(role), frozenset(workspaces) or EVERYWHERE)


def good_password(password: Private[str], name: str) -> Private[str]:
    """The password, when it is long enough and not the account's name. Raises InputError.

    Length is what counts (NIST SP 800-63B section 3.1.1.2); no rules about kinds of characters."""
    text = password.reveal()
    if not SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD:
        raise InputError(f"expected a password of {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if len(set(text)) < 5 or (name in text.lower() and len(text) < len(name) + 8):
        raise InputError("expected a password that is hard to guess: several words make a good one")
    return password
