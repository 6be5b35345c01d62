"""One line of JSON, read strictly: an event for the core, a step of the clock, or a problem to report.

::

    {"user":"u1","text":"...","place":"dm"|"channel","workspace":"w1","locale":"en-US","id":"e1"}
    {"user":"u1","choose":"CHOICE_ID"}                    and "text" where something was typed beside it
    {"user":"u1","command":"privacy","argument":"export"} or a text that starts with "/"
    {"advance_seconds":3600}                              with a manual clock only

What is left out: ``place`` is dm (for a choice, the place of the person's last question), ``workspace`` the one this
user was last seen in, at first :data:`WORKSPACE`, ``locale`` unknown, ``id`` a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.chat import Chose, Command, Content, Inbound, Said, Verb
from bot.chat.commands import parse_command, parse_words
from bot.chat.fields import Fields, read_object
from bot.clock import Clock, Seconds
from bot.errors import InputError
from bot.identity import DIRECT, Person, Place, Space
from bot.private import Private

PLATFORM: Final = "terminal"
WORKSPACE: Final = "w1"
CHANNEL: Final = Space(Place.CHANNEL, "channel")
"""The one public channel of a terminal."""

_KEYS: Final = ("user", "text", "choose", "command", "argument", "place", "workspace", "locale", "id")
_ADVANCE: Final = "advance_seconds"


@dataclass(frozen=True, slots=True)
class Advance:
    """Move the clock."""

    seconds: Seconds
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """The line cannot be served; ``text`` says why. ``id`` is the line's own where it could be read."""

    text: str
    id: str | None = None


class LineParser:
    """Reads lines. ``asked_in`` tells in which space a person was asked last; ``new_id`` makes an event id."""

    def __init__(self, clock: Clock, new_id: Callable[[], str], asked_in: Callable[[Person], Space | None]) -> None:
        self._clock = clock
        self._new_id = new_id
        self._asked_in = asked_in
        self._workspaces: dict[str, str] = {}

    def parse(self, raw: bytes) -> Inbound | Advance | Problem:
        """Never raises: what is wrong with a line is its :class:`Problem`."""
        made: str | None = None
        try:
            values = read_object(raw)
            given = values.get("id")
            made = given if isinstance(given, str) else None
            if _ADVANCE in values:
                return self._advance(Fields(values, (_ADVANCE, "id")), made)
            return self._inbound(Fields(values, (*_KEYS, _ADVANCE)))
        except InputError as error:
            return Problem(str(error), made)

    def _advance(self, fields: Fields, made: str | None) -> Advance:
        seconds = fields.number(_ADVANCE)
        if seconds < 0:
            raise InputError(f'key "{_ADVANCE}": expected 0 or more, for a clock moves forward only')
        return Advance(seconds, made)

    def _inbound(self, fields: Fields) -> Inbound:
        user = fields.text("user")
        workspace = fields.text("workspace", self._workspaces.get(user, WORKSPACE))
        person = Person(PLATFORM, workspace, user)
        content = _content(fields)
        event = Inbound(
            id=fields.text("id", "", limit=200) or self._new_id(),
            person=person,
            space=self._space(fields, person, content),
            content=content,
            at=self._clock.now(),
            locale=fields.text("locale", "und", limit=35),
        )
        self._workspaces[user] = workspace
        return event

    def _space(self, fields: Fields, person: Person, content: Content) -> Space:
        place = fields.text("place", "")
        if place == "":
            return (self._asked_in(person) or DIRECT) if isinstance(content, Chose) else DIRECT
        if place not in set(Place):
            raise InputError('key "place": expected "dm" or "channel"')
        return DIRECT if place == Place.DM else CHANNEL


def _content(fields: Fields) -> Content:
    for one, other in (("command", "text"), ("command", "choose")):
        if one in fields and other in fields:
            raise InputError(f'keys "{one}" and "{other}" do not go together: send two lines')
    if "argument" in fields and "command" not in fields:
        raise InputError('key "argument": goes with "command" only')
    if "command" in fields:
        return _command(fields)
    if "choose" in fields:
        typed = Private(fields.text("text")) if "text" in fields else None
        return Chose(fields.text("choose", limit=200), typed)
    if "text" in fields:
        text = fields.text("text")
        return parse_command(text) or Said(Private(text))
    raise InputError('expected one of the keys "text", "choose", "command" or "advance_seconds", got none of them')


def _command(fields: Fields) -> Command:
    name, argument = fields.text("command").strip(), fields.text("argument", "")
    command = parse_words(f"{name} {argument}") if name else None
    if command is None:
        raise InputError(f'key "command": expected one of {", ".join(Verb)}')
    return command
