"""What the page sends, read strictly and turned into events for the core."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from adapters.web.items import place_name
from adapters.web.platform import WebPlatform
from bot.chat import ChoiceKind, Chose, Command, Content, Inbound, Notice, Question, Said, Stopped, Verb
from bot.chat.commands import parse_command
from bot.chat.fields import Fields
from bot.clock import Seconds
from bot.errors import InputError
from bot.identity import DIRECT, Person, Place, Space
from bot.private import Private

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LOCALE: Final = re.compile(r"[A-Za-z0-9-]{2,35}")
_COMMON: Final = ("user", "place", "id", "locale")


@dataclass(frozen=True, slots=True)
class Posted:
    """One request of the page. ``item`` is the id under which the person's own words are shown ``where`` they were
    written; ``shown`` are those words (None: nothing to show); ``hidden``: for the person alone, even in a channel;
    ``answers``: the id of the item whose choice was pressed."""

    inbound: Inbound
    item: str
    where: Space
    shown: Private[str] | None
    hidden: bool
    answers: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads requests for one site: its platform and its public channels."""

    platform: WebPlatform
    channels: tuple[str, ...]

    @property
    def places(self) -> tuple[Space, ...]:
        return (DIRECT, *(Space(Place.CHANNEL, name) for name in self.channels))

    def person(self, user: str) -> Person:
        """Raises InputError for a name that cannot be one."""
        name = unicodedata.normalize("NFC", user)
        if not 1 <= len(name) <= 40 or not name.isprintable() or any(sign in name for sign in ": /#"):
            raise InputError('key "user": expected 1 to 40 characters without spaces, ":", "/" or "#"')
        return self.platform.person(name)

    def space(self, name: str) -> Space:
        """``dm`` or ``#channel``; raises InputError for a place there is not."""
        for space in self.places:
            if name == place_name(space):
                return space
        known = ", ".join(place_name(space) for space in self.places)
        raise InputError(f'key "place": expected one of {known}')

    def message(self, body: Mapping[str, object], now: Seconds) -> Posted:
        """``text``, and in a channel ``reply_to``: the hidden question that is answered in own words."""
        fields = Fields(body, (*_COMMON, "text", "reply_to"))
        text = fields.text("text")
        if not text.strip():
            raise InputError('key "text": expected a message, got only white space')
        command = parse_command(text)
        asked = self._hidden(fields, fields.text("reply_to", ""))
        posted = self._posted(fields, command or Said(Private(text)), now, text, hidden=asked or command is not None)
        # Words that only this person sees were said in private, whichever page they were typed on: the core finds the
        # question they answer, and never repeats them in the channel.
        return replace(posted, inbound=replace(posted.inbound, space=DIRECT)) if asked else posted

    def choice(self, body: Mapping[str, object], now: Seconds) -> Posted:
        """``choice``, the id of one of the choices of the item ``message``; ``text`` where something was typed."""
        fields = Fields(body, (*_COMMON, "choice", "message", "text"))
        chosen, message = fields.text("choice", limit=200), fields.text("message", limit=200)
        text = Private(fields.text("text")) if "text" in fields else None
        label = self._label(self.person(fields.text("user")), message, chosen)
        hidden = self._hidden(fields, message)
        return replace(self._posted(fields, Chose(chosen, text), now, label, hidden=hidden), answers=message)

    def command(self, body: Mapping[str, object], now: Seconds) -> Posted:
        """``verb``, one of :class:`bot.chat.Verb`, and its ``argument``. Nothing is shown: a button was pressed."""
        fields = Fields(body, (*_COMMON, "verb", "argument"))
        verb, argument = fields.text("verb"), Private(fields.text("argument", "", limit=2_000))
        if verb not in set(Verb):
            raise InputError(f'key "verb": expected one of {", ".join(Verb)}')
        return self._posted(fields, Command(Verb(verb), argument), now, None, hidden=True)

    def stop(self, body: Mapping[str, object], now: Seconds) -> Posted:
        """``turn`` where the page knows it."""
        fields = Fields(body, (*_COMMON, "turn"))
        return self._posted(fields, Stopped(fields.text("turn", "", limit=600) or None), now, None, hidden=True)

    def _posted(self, fields: Fields, content: Content, now: Seconds, shown: str | None, *, hidden: bool) -> Posted:
        person, space = self.person(fields.text("user")), self.space(fields.text("place"))
        made, locale = fields.text("id"), fields.text("locale", "und")
        if not _ID.fullmatch(made):
            raise InputError('key "id": expected 1 to 64 letters, digits, dashes or underscores')
        if not _LOCALE.fullmatch(locale):
            locale = "und"
        # The page makes ids; the user's name in front keeps one person's from hiding another's.
        event = Inbound(f"{person.user}.{made}", person, space, content, now, locale)
        return Posted(event, event.id, space, Private(shown) if shown is not None else None, hidden)

    def _label(self, person: Person, message: str, chosen: str) -> str | None:
        """What the pressed button says, to be shown as the person's own words. None for a button of the bot itself
        (export, pause), and where the message is no longer kept (whether the choice still counts the core will say)."""
        item = self.platform.feeds.find(message)
        if item is None or not isinstance(item.view, Question | Notice):
            return None
        if item.owner != person:
            raise InputError('key "message": expected a message to this person')
        for choice in item.view.choices:
            if choice.id == chosen:
                return None if choice.kind in (ChoiceKind.ACTION, ChoiceKind.WHY) else choice.label
        raise InputError('key "choice": expected one of the choices of the message')

    def _hidden(self, fields: Fields, message: str) -> bool:
        item = self.platform.feeds.find(message)
        return item is not None and item.hidden and item.owner == self.person(fields.text("user"))
