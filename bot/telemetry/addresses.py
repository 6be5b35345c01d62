"""Postal addresses: street and house number in the forms of some twenty languages, with the lines that follow them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from bot.telemetry.spans import Kind, Span

_WORD: Final = r"[^\W\d_][\w.'’-]{0,30}"
_NUMBER: Final = r"(?:\d{1,5}[a-z]?|\d{1,5}[/-]\d{1,4})"
_UNIT: Final = r"(?i:apt|apartment|suite|ste|unit|flat|box|p\.? ?o\.? box)\.? ?#?\d+[a-z]?"
_STREET_AFTER: Final = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|courts|place|pl|square|sq|terrace|way|boulevard|blvd"
    r"|close|crescent|cres|parade|highway|hwy|grove|gardens|mews|row|hill|loop|trail|parkway|pkwy|streets|roads|drives"
    r"|avenues|manor|extensions?|alley|quay|walk|path|ridge|view|circle|cir|rise|green|mount|esplanade|promenade|plaza"
    r"|crossing|turnpike|bend|fort|points?|corners?|stravenue|isle|landing|vista|via|underpass|overpass"
    r"|utca|út|tér|u\.|ulica|ulice|náměstí|náměsti|třída|strasse|straße|gasse|platz|allee|weg|terrasse|alle|gade|vej"
    r"|gate|gata|vei|veg|väg|gatan|vägen|torg|katu|tie|polku|straat|laan|plein|steeg|dijk|cesta|trg|tänav|iela|gatvė)"
)
_ENDINGS: Final = (
    r"straße|strasse|gasse|weg|platz|allee|vej|vejen|gade|gaden|vei|veien|veg|gata|gatan|gaten|vägen"
    r"|väg|gränd|torget|torg|katu|kuja|tie|polku|straat|laan|plein|kade|steeg|dijk|brücke|vænget|væng|bakken|toften|pad"
)
_STREET_WITHIN: Final = rf"[^\W\d_]{{3,}}(?:{_ENDINGS})"
_STREET_BEFORE: Final = (
    r"(?:rue|avenue|av\.?|boulevard|bd|chemin|impasse|quai|place|cours|allée|calle|c/|avenida|avda\.?|plaza|paseo|camino"
    r"|carretera|rua|rúa|travessa|largo|praça|estrada|via|viale|piazza|corso|strada|vicolo|largo|ul\.|ulica|al\.|plac"
    r"|os\.|jalan|jl\.|rue|wijk|piazzale|carrer|passeig|plaça|ronda)"
)
_TITLE_WORD: Final = r"(?:[A-ZÀ-ÞĀ-ŽΑ-ΩА-Я][\w.'’-]{0,30})"
_JOIN: Final = r"(?:d[aeo]s?|del?|di|della|la|las|los|le|les|du|des|van|von|der|den|het|y|i|ul\.?)"

_ENGLISH: Final = re.compile(
    rf"(?<![\w#:.,])(?:{_NUMBER},? )?{_NUMBER} (?!(?:on|in|at|to|for|of|am|pm|and|or|the|a|minutes?|hours?) )"
    rf"(?:(?!\d)[\w.'’-]{{1,30}} ){{1,4}}?{_STREET_AFTER}(?![\w])\.?(?: \d{{1,4}}\b\.?)?",
    re.IGNORECASE,
)
_COMPOUND: Final = re.compile(
    rf"(?<![\w#])(?:\d{{1,6}},? )?(?:{_TITLE_WORD} ){{0,2}}(?i:{_STREET_WITHIN}),? {_NUMBER}\b"
    rf"|(?<![\w#])\d{{1,6}} (?:{_WORD} ){{0,2}}(?i:{_STREET_WITHIN})\b"
)
_ROMANCE: Final = re.compile(
    rf"(?<![\w#])(?:\d{{1,6}},? )?{_STREET_BEFORE} (?:{_WORD} ){{0,4}}?{_WORD},? (?:n[º°o.]* ?)?{_NUMBER}\b"
    rf"|(?<![\w#])\d{{1,6}},? {_STREET_BEFORE} (?:{_WORD} ?){{1,4}}",
    re.IGNORECASE,
)
_SUFFIXED: Final = re.compile(
    rf"(?<![\w#])(?:\d{{1,6}} )?{_TITLE_WORD}(?: {_WORD}){{0,2}} {_STREET_AFTER},? {_NUMBER}\b", re.IGNORECASE
)
_SUFFIX: Final = re.compile(rf" {_STREET_AFTER},? \d", re.IGNORECASE)
"""What the form before cannot be without: looking for this first takes a fourth of the time."""
_DOUBLE: Final = re.compile(rf"(?<![\w#/:-])\d{{1,6}},? {_TITLE_WORD}(?: (?:{_JOIN}|{_TITLE_WORD})){{0,3}} {_NUMBER}\b")
_CUED: Final = re.compile(
    rf"(?:\b(?:address|addresses|lives?|living|lived|located|sent|send|deliver(?:ed)?|ship(?:ped)?|mail(?:ed)?|moved?"
    rf"|side of|resides?|stay(?:ing)?|taxi|is|are|it|meet me|off|street|office|offices)\b[^\n.!?]{{0,24}}?"
    rf"\b(?:is|at|on|in|to|of|from|:)\s+)({_TITLE_WORD}(?: (?:{_JOIN}|{_TITLE_WORD})){{0,3}} {_NUMBER}\b"
    rf"|\d{{1,6}},? (?:{_WORD} ){{1,4}}{_NUMBER}\b)"
)
_UNITS: Final = re.compile(rf"(?<!\w){_UNIT}\b", re.IGNORECASE)
_MILITARY: Final = re.compile(
    r"(?<!\w)(?:(?:psc|cmr|unit|uss)\.? [\w ]{1,20},? (?:box|fpo)?\.? ?\d*\s*)?(?:apo|fpo|dpo),? (?:aa|ae|ap),? \d{5}\b"
    r"|(?<!\w)(?:psc|cmr|unit) \d{1,6},? box \d{1,6}\b",
    re.IGNORECASE,
)
_CORNER: Final = re.compile(
    rf"\b(?:the )?corner of (?:{_WORD} ){{0,3}}{_WORD}(?: \d+)? and (?:{_WORD} ){{0,2}}{_WORD}(?: \d+)?", re.IGNORECASE
)
_LETTERS: Final = re.compile(r"[a-z]+")


def _words(names: str) -> frozenset[str]:
    """What stands in a text of plain letters where one of these does: ``extensions?`` is one or the other."""
    each = [re.sub(r"[^\w?]", "", name.replace(r"\.?", "")) for name in names.removeprefix("(?:").split("|")]
    return frozenset(each) | {name.removesuffix("s?") for name in each} | {name.replace("?", "") for name in each}


_FORMS: Final = (
    (_MILITARY, _words("psc|cmr|unit|uss|apo|fpo|dpo")),
    (_ROMANCE, _words(_STREET_BEFORE)),
    (_UNITS, _words("apt|apartment|suite|ste|unit|flat|box|p|po|pobox")),
    (_CORNER, _words("corner")),
    (_SUFFIXED, _words(_STREET_AFTER)),
)
"""With the words of which a text of plain letters must hold one, or it has no such address: most have none."""
_COMPOUNDS: Final = tuple(_ENDINGS.split("|"))

_COUNTRY_LINE: Final = r"[^\W\d_][\w.’'() -]{1,40}"
_MORE: Final = re.compile(
    rf",? ?(?:\n[ >?]*|, ?| )(?:{_UNIT}\b|\d{{1,4}}\b(?=\s*(?:\n|,)))"
    rf"|[ ,]*\n{{1,2}}[ >?]*,? ?(?:{_COUNTRY_LINE}?[ ,]+)?(?:[A-Z]{{2}},? )?\d{{4,6}}\b"
    rf"|[ ,]*\n[ >?]*,? ?{_COUNTRY_LINE}(?=\n{{1,2}}[ >?]*,? ?(?:{_COUNTRY_LINE}\n?)?[ ,]*\d{{2,6}}\b)"
    rf"|[ ,]*\n[ >?]*,? ?{_TITLE_WORD}(?: {_TITLE_WORD}| {_JOIN}){{0,3}}(?=\n|$)"
    rf"|, ?{_TITLE_WORD}(?: {_TITLE_WORD}| {_JOIN}| \w){{0,4}}(?:, ?[A-Z]{{2}})?(?: \d{{4,6}})?\b"
)
_POSTCODE: Final = re.compile(
    r"\b(?i:(?:zip|post(?:al)?)[ -]?(?:code)?(?: (?:is|was))?)[ :#]+"
    r"((?i:[a-z]{0,2}\d[\d -]{1,6}\d?(?: ?[a-z]{2}\b)?\d?))"
    r"|\b([A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})\b"
    r"|\b(?<=[A-Z]{2} )(\d{5}(?:-\d{4})?)\b|(?<=[A-Z]{2}\n)[ >?]*(\d{4,5})$"
)
_FARTHEST: Final = 6
_BETWEEN: Final = re.compile(r"[ ,\n]{0,3}")


def addresses(text: str) -> Iterator[Span]:
    """Streets with what belongs to them, and postcodes that stand alone."""
    found = [match.span() for pattern in (_ENGLISH, _DOUBLE, *_forms(text)) for match in pattern.finditer(text)]
    found += [match.span(1) for match in _CUED.finditer(text)]
    yield from (Span(start, end, Kind.ADDRESS) for start, end in _joined(text, found))
    for match in _POSTCODE.finditer(text):
        group = match.lastindex or 0
        yield Span(match.start(group), match.start(group) + len(match.group(group).rstrip(" -")), Kind.POSTCODE)


def _forms(text: str) -> Iterator[re.Pattern[str]]:
    """The forms that a text may have, by its words; where it has other letters, all of them."""
    if not text.isascii():
        yield from (_COMPOUND, *(pattern for pattern, _ in _FORMS if pattern is not _SUFFIXED or _SUFFIX.search(text)))
        return
    words = _LETTERS.findall(text.lower())
    if any(word.endswith(_COMPOUNDS) for word in words):
        yield _COMPOUND
    for pattern, needed in _FORMS:
        if not needed.isdisjoint(words) and (pattern is not _SUFFIXED or _SUFFIX.search(text)):
            yield pattern


def _joined(text: str, found: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Parts of one address as one stretch, each with the flat, town and postcode lines that follow."""
    start, end = -1, -1
    for begins, ends in sorted(found):
        if start >= 0 and (begins <= end or _BETWEEN.fullmatch(text, end, begins)):
            end = max(end, _end(text, ends))
            continue
        if start >= 0:
            yield start, end
        start, end = begins, _end(text, ends)
    if start >= 0:
        yield start, end


def _end(text: str, end: int) -> int:
    for _ in range(_FARTHEST):
        more = _MORE.match(text, end)
        if more is None:
            break
        end = more.end()
    return end
