"""Commands written as words, the same on every platform: ``/privacy export``, ``/raise forget age``, ``/why``."""

from __future__ import annotations

from typing import Final

from bot.chat.inbound import Command, Verb
from bot.private import Private

PREFIX: Final = "raise"
"""The name of the slash command on platforms that have one; ``/raise forget age`` is ``/forget age``."""

_WORDS: Final[dict[str, Verb]] = {
    "help": Verb.HELP,
    "why": Verb.WHY,
    "privacy": Verb.PRIVACY,
    "export": Verb.EXPORT,
    "correct": Verb.CORRECT,
    "forget": Verb.FORGET,
    "forget-me": Verb.FORGET_ME,
    "forget_me": Verb.FORGET_ME,
    "forgetme": Verb.FORGET_ME,
    "share": Verb.SHARE,
    "unshare": Verb.UNSHARE,
    "pause": Verb.PAUSE,
    "resume": Verb.RESUME,
    "human": Verb.HUMAN,
}
_ALL_OF_ME: Final = frozenset({"me", "everything", "all"})
_UNDER_PRIVACY: Final = frozenset(Verb) - {Verb.HELP, Verb.WHY, Verb.PRIVACY, Verb.HUMAN}


def parse_command(text: str) -> Command | None:
    """Read a message that may be a command; None when it is not one and so is to be taken as something said.

    A command starts with ``/``; an unknown one is None, since people also write ``/s`` or a path.
    """
    words = text.strip()
    return parse_words(words[1:]) if words.startswith("/") else None


def parse_words(text: str) -> Command | None:
    """The same without the leading slash: what Slack and Discord hand over after ``/raise``.

    ``privacy export``, ``privacy forget age`` and ``privacy forget me`` are long forms of ``export``, ``forget age``
    and ``forget-me``. No words at all, and ``raise`` alone, ask for help.
    """
    name, rest = _split(text)
    if name == PREFIX:
        name, rest = _split(rest)
    if not name:
        return Command(Verb.HELP)
    verb = _WORDS.get(name)
    if verb is Verb.PRIVACY:
        below, argument = _split(rest)
        if _WORDS.get(below) in _UNDER_PRIVACY:
            verb, rest = _WORDS[below], argument
    if verb is Verb.FORGET and rest.casefold() in _ALL_OF_ME:
        return Command(Verb.FORGET_ME)
    return Command(verb, Private(rest)) if verb else None


def _split(text: str) -> tuple[str, str]:
    first, *rest = text.split(maxsplit=1)[:2] or [""]
    return first.casefold(), rest[0].strip() if rest else ""
