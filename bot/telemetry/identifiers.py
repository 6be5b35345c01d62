"""Identifiers that have a form or a checksum: mail and web addresses, IP addresses, cards, IBAN, social security and
other numbers, phone numbers. Checksums and numbering plans come from python-stdnum and phonenumbers.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from bot.telemetry.spans import Kind, Span

_EMAIL: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,24}")
_URL: Final = re.compile(
    r"""\b(?:https?|ftp)://[^\s<>"')\]]+|\bwww\.[^\s<>"')\]]+"""
    r"""|(?<![@\w.-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}(?:com|org|net|edu|gov|io|info|biz|me|app|dev|co\.uk"""
    r"""|[a-z]{2}(?=/))\b(?:/[^\s<>"')\]]*)?""",
    re.IGNORECASE,
)
_DOTTED: Final = re.compile(r"\.[^\s<>\"')\]]|://")
"""Every web address has one of these; most messages have their full stops before a space."""
_IPV4: Final = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\.?\d)")
_IPV6: Final = re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE)
_IBAN: Final = re.compile(r"\b[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?\b", re.IGNORECASE)
_CARD: Final = re.compile(r"(?<![\w.+-])\d(?:[ -]?\d){11,18}(?![\w-])")
_SSN: Final = re.compile(r"(?<![\w-])(\d{3})([- ])(\d{2})\2(\d{4})(?![\w-])")
_ID: Final = re.compile(
    r"\b(?:passport|identity|id|licen[cs]e|account|acct|policy|member|membership|patient|insurance|tax|nhs|ssn"
    r"|social security|reg(?:istration)?|case|customer|employee|student|national id|vat|routing|sort code)"
    r"(?: (?:card|number|no|num|nr|code|id))*\.?(?: (?:is|was))?[ :#=]+"
    r"(?=[a-z0-9 -]*\d)([a-z0-9]{0,4}(?:[ -]?\d[a-z0-9]*){5,}[a-z]?)\b",
    re.IGNORECASE,
)
_SHORTEST_CARD, _UNMARKED_CARD = 12, 13


def named(text: str) -> Iterator[Span]:
    """Mail and web addresses."""
    if "@" in text:
        yield from _all(_EMAIL, text, Kind.EMAIL)
    if "." in text and _DOTTED.search(text):
        yield from (_trimmed(text, found.span()) for found in _URL.finditer(text))


def numbered(text: str) -> Iterator[Span]:
    """Every other identifier, the surest kinds first; all of them have digits."""
    yield from _addresses_of_machines(text)
    yield from _ibans(text)
    yield from (Span(*found.span(), Kind.SSN) for found in _SSN.finditer(text) if _is_ssn(found))
    yield from _cards(text)
    yield from (Span(*found.span(1), Kind.ID) for found in _ID.finditer(text))


def _all(pattern: re.Pattern[str], text: str, kind: Kind) -> Iterator[Span]:
    return (Span(*found.span(), kind) for found in pattern.finditer(text))


def _trimmed(text: str, where: tuple[int, int]) -> Span:
    """A web address without the sentence's own full stop or comma."""
    start, end = where
    while text[end - 1] in ".,;:!?":
        end -= 1
    return Span(start, end, Kind.URL)


def _addresses_of_machines(text: str) -> Iterator[Span]:
    for pattern in (_IPV4, _IPV6):
        for found in pattern.finditer(text):
            try:
                ipaddress.ip_address(found.group())
            except ValueError:
                continue
            if len(found.group()) > len("::1"):
                yield Span(*found.span(), Kind.IP)


def _ibans(text: str) -> Iterator[Span]:
    from stdnum import iban

    for found in _IBAN.finditer(text):
        if iban.is_valid(found.group(), check_country=False):
            yield Span(*found.span(), Kind.IBAN)


def _is_ssn(found: re.Match[str]) -> bool:
    from stdnum.us import ssn

    return ssn.is_valid("-".join(found.group(1, 3, 4)))


def _cards(text: str) -> Iterator[Span]:
    """Numbers of the length of a card whose Luhn digit is right; of the shortest ones only those cards begin with."""
    from stdnum import luhn

    for found in _CARD.finditer(text):
        digits = re.sub(r"[ -]", "", found.group())
        marked = len(digits) >= _UNMARKED_CARD or digits[0] in "56"
        if len(digits) >= _SHORTEST_CARD and marked and luhn.is_valid(digits):
            yield Span(*found.span(), Kind.CARD)
