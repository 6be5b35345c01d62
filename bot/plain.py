"""The words of plain ASCII text, without a regular expression: every message is cut into words by several who read it,
each by an expression of its own that agrees on such text, and costs three times as much."""

from __future__ import annotations

from typing import Final

_APOSTROPHE: Final = ord("'")
_LETTERS: Final = bytes(
    ord(chr(code).lower()) if code < 128 and (chr(code).isalnum() or code == _APOSTROPHE) else ord(" ")
    for code in range(256)
)
"""Each byte as the words hold it: lower-cased; a space for what is in none."""


def plain_words(text: str) -> list[str] | None:
    """Runs of letters and digits, lower-cased, apostrophes inside kept (``don't``). None: ``text`` holds more than
    ASCII, or an apostrophe that stands elsewhere, and is to be read by whoever knows what that means."""
    if not text.isascii():
        return None
    plain = text.encode().translate(_LETTERS).decode()
    if "'" in plain:
        edged = f" {plain} "
        if " '" in edged or "' " in edged or "''" in edged:
            return None
    return plain.split()
