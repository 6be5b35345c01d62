"""Text as the rules read it: plain lower-case words with one space between, ``.`` and ``?`` where a sentence ends.

Undone on the way: full-width and look-alike letters, accents, zero-width characters, leetspeak, masked and stretched
letters, words spelt with spaces, words without spaces, contractions, slang, common misspellings; emoji become words.
Phrases of the policy pass through here too, so that both sides meet in the same form.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from bot.recent import Remembered
from bot.risk.lexicon import CONFUSABLES, CONTRACTIONS, EMOJI, LEET, MISSPELT, SENSITIVE, SLANG, UNLIKELY, VOCABULARY
from bot.risk.spelling import MASKED, SQUEEZED, respelt, squeeze

LONGEST = 24_000
"""Characters read of one message. Of a longer one: the first and last 8,000 and eight windows of 1,000 between."""

_END, _WINDOW, _WINDOWS = 8_000, 1_000, 8
_LAYERS = 6
_BREAKS = frozenset((".", "?"))
_FOLDED = re.compile(r"[\u0300-\u036f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e"
                     r"\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]+")  # fmt: skip
_ELLIPSIS = re.compile(r"\.{2,}")
_EMOJI = re.compile("|".join(EMOJI))
_SPELT = re.compile(r"(?<![^\W_])(?:[^\W_][ \t.\-_*/|,~()\[\]{}\"+:;]{1,3}){2,40}[^\W_](?![^\W_'])")
_LETTERS = re.compile(r"[^\W_]")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_CHUNK = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_DISGUISE = re.compile(r"(?=[^a-z]*[a-z])(?:[^\W_]|[@$+!|€£*]){2,40}")
_SIGN = re.compile(r"[0-9@$+!|€£*][^\W_]|[0134]$")
_CLITICS = frozenset(("s", "t", "d", "m", "ll", "re", "ve"))
_HIDDEN = re.compile("|".join(sorted((word for word in SENSITIVE if len(word) > 2), key=len, reverse=True)))
_MARKS = ".,?!;:"
_CLOSING = ",)\"'*_~]}"
"""Signs that may stand beside the marks where a sentence ends, and say nothing."""
_TAIL = _MARKS + _CLOSING
_KNOWN = frozenset((*SLANG, *CONTRACTIONS))
_FEWEST_SPELT = 3
"""Letters of a word that :data:`_SPELT` finds, at least."""
_HYPHENS = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2015", "------")


def normalise(text: str) -> str:
    """The normal form of ``text``. Total; linear in at most :data:`LONGEST` characters; idempotent up to there."""
    return " ".join(tokens(text))


def tokens(text: str) -> list[str]:
    """The words of the normal form, with ``.`` and ``?`` as words of their own."""
    words, rests = _undone(_windows(text))
    for _ in range(_LAYERS - 1):  # one disguise may hide another (":SU1C1DE")
        if rests:
            break
        before = words
        words, rests = _undone(" ".join(before))
        if words == before:
            break
    return words


def _undone(text: str) -> tuple[list[str], bool]:
    """One layer of disguise taken off, and whether it is known that a second look would find nothing more."""
    found: list[str] = []
    rests = True
    for chunk in _plain(text).split():
        if chunk.isalpha():
            words, still = _plainly[chunk]
            found += words
            if not still:
                rests = False
            continue
        core = chunk.rstrip(_MARKS)
        if core.isalpha() or core in _KNOWN:
            words, still = _plainly[core]
            mark = _mark(chunk[len(core) :])
        else:
            words, mark = _chunk(chunk)
            still = all(map(_stays, words))
        found += words
        if mark:
            found.append(mark)
        if not still:
            rests = False
    words, settled = _settled(found)
    rests = rests and settled
    if rests and [*map(len, words)].count(1) >= _FEWEST_SPELT:
        rests = not _SPELT.search(" ".join(words))
    return words, rests


def _stands_for(word: str) -> tuple[list[str], bool]:
    words = _word(word)
    return words, all(part.isascii() and _word(part) == [part] for part in words)


_plainly = Remembered(_stands_for)
"""What a word of plain letters stands for, and whether that stands for itself."""


def _stays(word: str) -> bool:
    """Whether ``word`` stands for itself."""
    if word.isalpha():
        return _plainly[word] == ([word], True)
    return word.isascii() and (word.isdecimal() or _chunk(word) == ([word], ""))


def _mark(tail: str) -> str:
    """The sentence mark that these signs amount to; empty: none."""
    return "?" if "?" in tail else "." if tail.strip(_CLOSING) else ""


def _windows(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    between = len(text) - 2 * _END - _WINDOW
    cuts = [text[_END + between * i // (_WINDOWS - 1) :][:_WINDOW] for i in range(_WINDOWS)]
    return " . ".join((text[:_END], *cuts, text[-_END:]))


def _plain(text: str) -> str:
    """Characters undone: case, look-alikes, accents, invisible characters, emoji, words spelt with spaces."""
    text = text.lower()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text[: LONGEST * 2]).casefold())
        text = _FOLDED.sub("", text).translate(CONFUSABLES).translate(_HYPHENS)
        text = _EMOJI.sub(lambda match: f" {EMOJI[match[0]]} ", unicodedata.normalize("NFC", text))
        text = text[: LONGEST * 2]
    text = text.replace("`", "'")
    if ".." in text:
        text = _ELLIPSIS.sub(" ", text)
    return _SPELT.sub(_spelt, text)


def _spelt(match: re.Match[str]) -> str:
    """``s u i c i d e`` -> ``suicide``, when what comes out is made of known words; else as it was."""
    word = "".join(_LETTERS.findall(match[0]))
    parts = _parted(_unleet(word))
    return match[0] if parts is None else " ".join(parts)


def _chunk(chunk: str) -> tuple[list[str], str]:
    """The words of a run without white space, and the sentence mark it ends with (empty: none)."""
    core = chunk.rstrip(_TAIL)
    mark = _mark(chunk[len(core) :])
    core = core.strip("*_~\"'([{")
    known = SLANG.get(core) or CONTRACTIONS.get(core)
    if known is not None:
        return known.split(), mark
    if _DISGUISE.fullmatch(core) and _SIGN.search(core):
        unmasked = _undisguised(core)
        if unmasked is not None:
            return unmasked, mark
    words: list[str] = []
    for piece in _CHUNK.findall(core):
        words += _plainly[piece][0] if piece.isalpha() else _word(piece)
    return words, mark


def _undisguised(core: str) -> list[str] | None:
    masked = MASKED.get(core)
    if masked is not None:
        return [masked]
    folded = _unleet(core)
    return [folded] if folded in VOCABULARY - UNLIKELY else _parted(folded)


def _unleet(word: str) -> str:
    """Digits and signs read as letters. Of ``1`` both readings are tried; the first that makes known words wins."""
    folded = word.translate(LEET)
    for reading in ("i", "l"):
        candidate = folded.replace("1", reading)
        if candidate in VOCABULARY or _parted(candidate) is not None:
            return candidate
    return folded


def _word(word: str) -> list[str]:
    """One run of letters, digits and apostrophes -> the words it stands for."""
    known = CONTRACTIONS.get(word) or SLANG.get(word)
    if known is not None:
        return known.split()
    if "'" in word:
        first, *others = word.split("'")
        return [
            known for part in (first, *(other for other in others if other not in _CLITICS)) for known in _word(part)
        ]
    if _STRETCHED.search(word):
        word = SQUEEZED.get(squeeze(word)) or _STRETCHED.sub(r"\1", word)
        return _word(word) if word in SLANG or word in CONTRACTIONS else [word]
    if len(word) < 6:
        return [word]
    if len(word) >= 7 and word not in VOCABULARY and _HIDDEN.search(word):
        parts = _parted(word)
        if parts is not None:
            return parts
    return [respelt(word) or word]


def _parted(word: str) -> list[str] | None:
    """``iwanttodie`` -> ``i want to die``: ``word`` cut into known words, one of them sensitive; else None.

    Longest pieces first, over at most 60 letters, each place tried once.
    """
    word = word[:60]
    if not _HIDDEN.search(word):
        return None
    ways: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 10), end):
            before = ways[start]
            if before is not None and word[start:end] in VOCABULARY:
                ways[end] = [*before, word[start:end]]
                break
    parts = ways[-1]
    return parts if parts and any(part in SENSITIVE for part in parts) else None


def _settled(words: list[str]) -> tuple[list[str], bool]:
    """Marks and joined forms brought to rest, and whether they are: dropping a mark may bring the halves of a form
    together."""
    while True:
        marked = _marked(words)
        joined = _joined(marked)
        if len(joined) == len(marked):
            return joined, joined is marked
        words = joined


def _marked(words: list[str]) -> list[str]:
    """Drop marks at the start, doubled marks, and those after one word alone: such a "sentence" is a disguise
    ("kill. my. self") more often than a sentence."""
    if _BREAKS.isdisjoint(words):
        return words
    found: list[str] = []
    length = 0
    for word in words:
        if word not in _BREAKS:
            length += 1
        elif length < 2:
            length = 0
            continue
        else:
            length = 0
        found.append(word)
    return found


def _joined(words: list[str]) -> list[str]:
    """Two and three word forms made one."""
    if _PAIRS.isdisjoint(pairwise(words)):
        return words
    found: list[str] = []
    place = 0
    while place < len(words):
        for size in (3, 2):
            known = MISSPELT.get(" ".join(words[place : place + size]))
            if known is not None:
                found += known.split()
                place += size
                break
        else:
            found.append(words[place])
            place += 1
    return found


_PAIRS = frozenset(pair for form in MISSPELT for pair in pairwise(form.split()))
