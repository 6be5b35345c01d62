"""Text of people inside prompts: quoted as data, in a quotation that nothing in it can close."""

from __future__ import annotations

from typing import Final

_OPENING: Final = str.maketrans(
    dict.fromkeys(
        "<\N{SMALL LESS-THAN SIGN}\N{FULLWIDTH LESS-THAN SIGN}", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"
    )
)


def as_data(text: str) -> str:
    """``text`` between tags, without any sign that could begin one: neither our own nor those that models use between
    roles (``<|im_start|>``), however they are spelled."""
    if "<" in text or not text.isascii():  # looking each character up takes longer than the rest of a prompt
        text = text.translate(_OPENING)
    return f"<data>\n{text}\n</data>"


def one_line(text: str) -> str:
    """``text`` without line breaks of any kind, so that it cannot pass for the next line of a list."""
    return " ".join(text.split())
