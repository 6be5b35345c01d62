"""Phone numbers: international ones by their numbering plan (phonenumbers), national ones by their grouping and by the
words around them, because people write numbers of every country without saying which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.telemetry.spans import Kind, Span

_NUMBER: Final = re.compile(
    r"(?<![\w.,/:$€£#%-])(?:\+ ?|\(\+?)?\d[\d ().\-/]{4,22}\d(?:(?=\b|_)|(?: ?x ?\d{2,5}))(?![\w/:%]|[.,]\d)"
)
_GROUPED: Final = re.compile(r"\d+(?:[ .-]\d{2,})+|\(\d+\)[ -]?\d[\d -]+")
_SAYS: Final = re.compile(
    r"\b(?:call(?:ed|ing|s)?|phone|telephone|tel|mobile|cell|fax|desk|office|landline|whatsapp|sms|text(?:ed|ing)?|dial"
    r"|ring|reach|number|numbers|contact|messages?|home|work|direct|hotline|extension|ext)\b",
    re.IGNORECASE,
)
_SOMETHING_ELSE: Final = re.compile(
    r"\b(?:card|account|order|invoice|zip|postcode|iban|flight|room|apt|suite|box|year|years|usd|dollars?|euros?|pounds?"
    r"|kg|km|miles|percent|code|pin)\b[^\n]{0,12}$",
    re.IGNORECASE,
)
_DATE: Final = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}$|\d{4}-\d{4}$")
_NEAR: Final = 40
FEWEST, MOST = 7, 15
"""Digits of a phone number: a local one at least, an international one at most (E.164)."""


def phones(text: str) -> Iterator[Span]:
    """Every phone number in a text."""
    for found in _NUMBER.finditer(text):
        number = found.group().rstrip(" (.-/")
        start = found.start()
        if number.count("(") != number.count(")"):
            start, number = _without_bracket(start, number)
        digits = sum(map(str.isdigit, number.partition("x")[0]))
        if FEWEST <= digits <= MOST and not _DATE.match(number) and _likely(text, start, number, digits):
            yield Span(start, start + len(number), Kind.PHONE)


def _without_bracket(start: int, number: str) -> tuple[int, str]:
    bare = number.lstrip("(")
    return start + len(number) - len(bare), bare


def _likely(text: str, start: int, number: str, digits: int) -> bool:
    if number.lstrip("(").startswith(("+", "00")):
        return _in_a_plan(number)
    before = text[max(0, start - _NEAR) : start]
    if _SOMETHING_ELSE.search(before):
        return False
    after = text[start + len(number) : start + len(number) + _NEAR // 2]
    if _SAYS.search(before) or _SAYS.search(after):
        return True
    return digits >= 8 and bool(_GROUPED.fullmatch(number.partition("x")[0].rstrip()))


def _in_a_plan(number: str) -> bool:
    import phonenumbers  # large: only when there is an international number to read

    plain = number.partition("x")[0].replace("(0)", "")
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(plain, None))
    except phonenumbers.NumberParseException:
        return False
