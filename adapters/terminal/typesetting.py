"""Text for a terminal: wrapped while it arrives, bold where it was meant to be, and nothing that steers the screen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.text import Text

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_PIECES: Final = re.compile(r"\n|[^\S\n]+|\S+")


def printable(text: str) -> str:
    """Without control characters: what somebody wrote can move no cursor and set no title (tab and newline stay)."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n"))


def typeset(text: str) -> Text:
    """A whole text, to be wrapped by the console."""
    flow = Flow(width=1_000_000)
    return flow.feed(text) + flow.end()


@dataclass(slots=True)
class Flow:
    """Wraps text that comes in pieces at ``width`` cells. A word is given out once it is complete."""

    width: int
    _column: int = 0
    _bold: bool = False
    _held: str = ""
    _gap: str = ""

    def feed(self, text: str) -> Text:
        """What can be printed now."""
        pieces = _PIECES.findall(self._held + printable(text).expandtabs(4))
        self._held = pieces.pop() if pieces and not pieces[-1].isspace() else ""
        return self._set(pieces)

    def end(self) -> Text:
        """The last word."""
        held, self._held = self._held, ""
        return self._set([held] if held else [])

    def _set(self, pieces: list[str]) -> Text:
        out = Text()
        for piece in pieces:
            if piece == "\n":
                out.append("\n")
                self._column, self._gap = 0, ""
            elif piece.isspace():
                self._gap += piece
            else:
                self._word(out, piece)
        return out

    def _word(self, out: Text, word: str) -> None:
        cells = cell_len(word.replace("**", ""))
        gap = self._gap
        if self._column and self._column + len(gap) + cells > self.width:
            out.append("\n")
            self._column, gap = 0, ""
        out.append(gap)
        for part in re.split(r"(\*\*)", word):
            if part == "**":
                self._bold = not self._bold
            else:
                out.append(part, "bold" if self._bold else "")
        self._column += len(gap) + cells
        self._gap = ""
