"""Text between people and Discord: nothing the bot writes can look like a mention or hide where a link leads.

That nobody is notified is the job of ``allowed_mentions``; here the text is kept from reading like one. Zero-width
spaces, which people do not see, go where Discord would read a mention (``<@1>``, ``@everyone``), a custom emoji or a
link with a hidden target (``[here](...)``). https://discord.com/developers/docs/reference#message-formatting
"""

from __future__ import annotations

import re
from typing import Final

BREAK: Final = "\u200b"
LIMIT: Final = 2_000
"""Characters of one message."""
PART_LIMIT: Final = 1_880
"""Characters of one piece; some room is left for the footer."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_MENTION: Final = re.compile(r"<(?=[@#:/]|a:|t:|id:)|@(?=everyone|here)")
_LINK: Final = re.compile(r"\](?=[(\[:])")
_ENTITY: Final = re.compile(r"<(@[!&]?|#)(\d{1,20})>")
_EMOJI: Final = re.compile(r"<a?:(\w{1,32}):\d{1,20}>")


def neutralise(text: str) -> str:
    """Idempotent."""
    text = _CONTROL.sub("", text)
    return _LINK.sub(f"]{BREAK}", _MENTION.sub(lambda match: match[0] + BREAK, text))


def said(text: str, me: int) -> str:
    """What a person wrote, as words: mentions of the bot are taken away, other mentions lose their ids."""
    words = re.sub(rf"<@!?{me}>[,:]?[ \t]*", "", text)
    words = _ENTITY.sub(lambda match: "#channel" if match[1] == "#" else "@someone", words)
    return _EMOJI.sub(r":\1:", words).strip()


def quote(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())
