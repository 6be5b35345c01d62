"""Ids that carry the way back: snowflakes, turns, nonces, and what a button says about itself.

Discord's ids hold the moment they were made (https://discord.com/developers/docs/reference#snowflakes). A turn that a
message began is named by the message's id, one that an interaction began by ``i`` and the interaction's id.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.clock import Seconds
from bot.identity import Person, Place, Space

PLATFORM: Final = "discord"
DM: Final = "dm"
"""The workspace part of a person who writes to the bot outside of any server."""
_EPOCH: Final = 1_420_070_400_000
_EVENT: Final = re.compile(r"^(i?)(\d{1,20})$")
_TAG: Final = re.compile(r"^r1([a-z])([dc])([0-9a-z]{0,13}):(.+)$", re.DOTALL)
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def moment(snowflake: int) -> Seconds:
    """When the thing of this id was made."""
    return ((snowflake >> 22) + _EPOCH) / 1000


def snowflake(at: Seconds) -> int:
    """The lowest id of that moment."""
    return max(0, int(at * 1000) - _EPOCH) << 22


def in_direct_messages(user: int) -> Person:
    """Somebody outside of any server: also the key for what Discord keeps by account."""
    return Person(PLATFORM, DM, str(user))


@dataclass(frozen=True, slots=True)
class Anchor:
    """What began a turn. ``message`` is False for an interaction, which cannot be replied to by reference."""

    id: int
    message: bool


def anchor_of(turn: str) -> Anchor | None:
    """None for turns that Discord did not begin."""
    match = _EVENT.match(turn.rpartition(":")[2])
    return Anchor(int(match[2]), message=not match[1]) if match else None


def interaction_event(interaction: int) -> str:
    return f"i{interaction}"


def turn_of(person: Person, event: str) -> str:
    """The turn that an event begins (as ``Inbound.turn_id``)."""
    return f"{person.platform}:{person.workspace}:{event}"


def channel_space(channel: int) -> Space:
    """A channel or thread; Discord gives both ids of one kind."""
    return Space(Place.CHANNEL, str(channel))


def nonce(message: str, part: int, again: int = 0) -> str:
    """24 characters, the same for every attempt to send this part. Discord takes at most 25 and, asked to
    (``enforce_nonce``), gives back the message of the first attempt for some minutes and posts no second one."""
    return b32encode(hashlib.sha256(f"{message}#{part}#{again}".encode()).digest()[:15]).decode().lower()


class Press(StrEnum):
    """What pressing does. HELPED: whether an answer helped, ``+`` or ``-`` and the message's id."""

    CHOOSE = "c"
    WORDS = "w"
    ANSWER = "p"
    READ = "r"
    ASK = "a"
    HELPED = "h"
    FORGET = "f"


@dataclass(frozen=True, slots=True)
class Tag:
    """The ``custom_id`` of a button, list or modal: everything needed to understand a press after any restart.

    ``private``: what follows belongs to the person's direct messages. ``who`` is the server it is about (in direct
    messages) or the person it is for (in a channel); 0 where neither is needed. ``rest`` is a choice's id, an
    attribute, or the key of an envelope."""

    press: Press
    rest: str
    private: bool
    who: int = 0

    def write(self) -> str:
        """At most 100 characters, as long as ``rest`` has at most 82."""
        return f"r1{self.press}{'d' if self.private else 'c'}{_base36(self.who)}:{self.rest}"

    @classmethod
    def read(cls, custom_id: str) -> Tag | None:
        """None for one of an older or newer release, or somebody else's."""
        match = _TAG.match(custom_id)
        if match is None or match[1] not in set(Press):
            return None
        return cls(Press(match[1]), match[4], match[2] == "d", int(match[3] or "0", 36))


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


def workspace_number(workspace: str) -> int:
    """A workspace as a number for a tag; 0 for direct messages."""
    return int(workspace) if workspace.isdecimal() else 0


def workspace_of(number: int) -> str:
    return str(number) if number else DM
