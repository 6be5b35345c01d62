"""Crisis resources: somewhere to turn in every country and category, and never one country's number for all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from bot.policy.diagnostics import Diagnostic, did_you_mean, shortened
from bot.policy.document import Document
from bot.policy.nodes import Step
from bot.policy.parts import KEY, Parts, error, warning
from bot.policy.schema import ResourcePolicy, Resources
from bot.severity import Category

COUNTRIES: Final = frozenset(
    """AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB
    GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG
    KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB
    SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US
    UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW""".split()  # noqa: SIM905 - 249 quoted codes would fill a screen
)
"""ISO 3166-1 alpha-2."""
MANY_COUNTRIES: Final = frozenset({"ar", "de", "en", "es", "fr", "it", "ms", "nl", "pt", "ru", "sw", "zh"})
"""Languages at home in several countries: none of them may be assumed."""
_MISTAKEN: Final = {"UK": "GB", "EN": "GB", "SP": "ES", "JA": "JP", "KO": "KR", "DA": "DK", "EL": "GR", "CS": "CZ"}
_DIALLED: Final = re.compile(r"[+*#(]?\d[\d ().*#/-]*")


def check_resources(parts: Parts) -> Iterator[Diagnostic]:
    read = parts.resources
    if read is None or read.part is None:
        return
    document, resources = read.document, read.part
    for code, country in resources.countries.items():
        path = ("countries", code)
        if code not in COUNTRIES:
            hint = did_you_mean(code, [_MISTAKEN[code]] if code in _MISTAKEN else resources.countries)
            hint = f"did you mean {_MISTAKEN[code]!r}?" if code in _MISTAKEN else hint
            yield error(document, (*path, KEY), f"{code!r} is no country of ISO 3166", hint, "country")
        if not any(Category.SELF_HARM in resource.categories for resource in country.resources):
            message = f"{code} has nobody to turn to for self_harm"
            yield error(document, (*path, KEY), message, "add a line, or leave the country out", "missing-resource")
        if not re.search(r"\d", country.emergency):
            message = f"{shortened(country.emergency)!r} is no emergency number"
            yield error(document, (*path, "emergency"), message, "such as 112", "number")
        yield from _list(document, (*path, "resources"), country.resources)
    yield from _list(document, ("fallback",), resources.fallback)
    yield from _fallback(document, resources)
    yield from _assumed(document, resources)


def _list(document: Document, path: tuple[Step, ...], resources: tuple[ResourcePolicy, ...]) -> Iterator[Diagnostic]:
    names: set[str] = set()
    for number, resource in enumerate(resources):
        where = (*path, number)
        if resource.name in names:
            message = f"{shortened(resource.name)!r} is listed twice here"
            yield error(document, (*where, "name"), message, "join the two", "duplicate-resource")
        names.add(resource.name)
        yield from _resource(document, where, resource)


def _resource(document: Document, path: tuple[Step, ...], resource: ResourcePolicy) -> Iterator[Diagnostic]:
    if not resource.categories:
        hint = did_you_mean("", [category.value for category in Category])
        yield error(document, (*path, "categories"), f"{resource.name!r} is for nothing", hint, "missing-resource")
    if resource.call is None and resource.text is None and resource.web is None:
        message = f"{shortened(resource.name)!r} cannot be reached"
        yield error(document, path, message, "give at least one of call, text and web", "missing-resource")
    for key in ("call", "text"):
        number = getattr(resource, key)
        if number is not None and not _DIALLED.fullmatch(number):
            message = f"{shortened(number)!r} cannot be dialled"
            yield error(document, (*path, key), message, "digits and spaces; words belong into name or hours", "number")
    if resource.web is not None and not re.fullmatch(r"https?://[^\s/]+\.[^\s]+", resource.web):
        message = f"{shortened(resource.web)!r} is no address of a page"
        yield error(document, (*path, "web"), message, "such as https://findahelpline.com", "address")
    if resource.verified_on is None:
        message = f"{shortened(resource.name)!r} has never been checked"
        hint = "check it against its source, then write the day you did"
        yield warning(document, (*path, "verified_on"), message, hint, "unverified")
    elif not _is_day(resource.verified_on):
        message = f"{resource.verified_on!r} is no day of the calendar"
        yield error(document, (*path, "verified_on"), message, "such as 2026-01-31", "date")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _fallback(document: Document, resources: Resources) -> Iterator[Diagnostic]:
    for category in Category:
        there = [resource for resource in resources.fallback if category in resource.categories]
        if not there:
            message = f"nobody to turn to for {category.value!r} where the country is unknown"
            yield error(document, ("fallback", KEY), message, "add a worldwide directory", "missing-resource")
        elif category is not Category.MEDICAL_EMERGENCY and not any(resource.web for resource in there):
            message = f"for {category.value!r} everybody would be given one country's number"
            yield error(document, ("fallback", KEY), message, "add a worldwide directory with web", "missing-resource")


def _assumed(document: Document, resources: Resources) -> Iterator[Diagnostic]:
    for language, code in resources.locale_countries.items():
        path = ("locale_countries", language)
        if code not in resources.countries:
            hint = did_you_mean(code, resources.countries)
            yield error(document, path, f"there is no country {code!r} in this file", hint, "reference")
        if language in MANY_COUNTRIES:
            message = f"{language!r} is spoken in many countries, none of which may be assumed"
            yield error(document, (*path, KEY), message, "remove it: the fallback serves them", "country")
        elif not re.fullmatch(r"[a-z]{2,3}", language):
            message = f"{language!r} is no bare language"
            yield error(document, (*path, KEY), message, "such as ja, without a country", "country")
