"""Text between people and Slack: nothing the bot writes can notify anybody or hide where a link leads.

A model's text is broken up with zero-width spaces, which people do not see, at the places where Slack would read a
mention (``<@U1>``, ``<!here>``, ``@channel``) or Markdown a link with a hidden target (``[here](...)``, ``[a]: ...``).
Every rule looks one character ahead, so a stream of pieces gives the same text as the whole.
Limits: https://docs.slack.dev/reference/block-kit/blocks/markdown-block (12,000 characters for all of a message's
markdown blocks).
"""

from __future__ import annotations

import re
from typing import Final

BREAK: Final = "\u200b"
"""Zero-width space."""
MARKDOWN_LIMIT: Final = 12_000
PART_LIMIT: Final = 11_000
"""Characters of one message; some room is left for the footer."""
_FENCE: Final = "```"
_ENTITY: Final = re.compile(r"<([^<>\n]{1,3000})>")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_FENCED_LINE: Final = re.compile(r"^```", re.MULTILINE)


class Neutraliser:
    """Neutralises a text that arrives in pieces."""

    def __init__(self) -> None:
        self._before = ""
        self._held = ""

    def feed(self, piece: str) -> str:
        """What can be shown so far; the last character waits when its meaning depends on the next."""
        text = self._held + _CONTROL.sub("", piece)
        self._held = ""
        if text and text[-1] in "<@]":
            text, self._held = text[:-1], text[-1]
            return self._clean(text, self._held)
        return self._clean(text, "")

    def finish(self) -> str:
        held, self._held = self._held, ""
        return self._clean(held, "")

    def _clean(self, text: str, following: str) -> str:
        out: list[str] = []
        before = self._before
        for index, char in enumerate(text):
            after = text[index + 1] if index + 1 < len(text) else following
            out.append(char + BREAK if _needs_break(before, char, after) else char)
            before = char
        self._before = before
        return "".join(out)


def _needs_break(before: str, char: str, after: str) -> bool:
    match char:
        case "<":
            return after != "" and (after in "@!#/" or after.isalpha())
        case "@":
            return after.isalnum() and not before.isalnum()
        case "]":
            return after != "" and after in "([:"
        case _:
            return False


def neutralise(text: str) -> str:
    """The whole of a text at once."""
    cleaner = Neutraliser()
    return cleaner.feed(text) + cleaner.finish()


def plain(text: str, limit: int) -> str:
    """For places that take Slack's own formatting or none: neutralised, cut to ``limit`` characters, then escaped."""
    safe = cut(neutralise(text), limit)
    return safe.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, limit: int) -> str:
    """At most ``limit`` characters, the last an ellipsis where something was left out."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def split(text: str, limit: int = PART_LIMIT) -> list[str]:
    """Pieces of at most ``limit`` characters, cut between paragraphs where possible, else lines, sentences, words.

    Joined, they give the text again, save for white space at the cuts and code fences closed and opened again there.
    """
    parts: list[str] = []
    rest = text
    while len(rest) > limit:
        at = cut_at(rest, limit - len(_FENCE) - 1)
        part, rest = rest[:at].rstrip(), rest[at:].lstrip("\n")
        if len(_FENCED_LINE.findall(part)) % 2:
            part, rest = f"{part}\n{_FENCE}", f"{_FENCE}\n{rest}"
        parts.append(part)
    if rest.strip() or not parts:
        parts.append(rest)
    return parts


def cut_at(text: str, limit: int) -> int:
    """Where to cut so that at most ``limit`` characters come before: after the last paragraph, line, sentence or word
    that leaves a piece worth sending."""
    for mark in ("\n\n", "\n", ". ", " "):
        at = text.rfind(mark, limit // 4, limit)
        if at > 0:
            return at + len(mark)
    return limit


def said(text: str, bot_user: str) -> str:
    """What a person wrote, as words: mentions of the bot are taken away, other mentions and links are written out
    without ids, entities are decoded."""
    words = text.strip()
    if bot_user:
        words = re.sub(rf"<@{re.escape(bot_user)}(?:\|[^<>]*)?>[,:]?[ \t]*", "", words)
    words = _ENTITY.sub(_entity, words)
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _entity(match: re.Match[str]) -> str:
    target, _, label = match.group(1).partition("|")
    match target[:1]:
        case "@":
            return f"@{label}" if label else "@someone"
        case "#":
            return f"#{label}" if label else "#channel"
        case "!":
            return label or "@" + target[1:].split("^")[0]
        case _:
            return label or target
