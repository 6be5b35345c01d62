"""Given and family names of some eighty languages, from Faker's lists (MIT licence), read once when first needed."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bot.telemetry.name_words import NOT_NAMES, NOT_PEOPLE, SENTENCE_WORDS


@dataclass(frozen=True, slots=True)
class Known:
    """Names in lower case; words that mean something else as often are left out."""

    given: frozenset[str]
    family: frozenset[str]


@cache
def known() -> Known:
    """The lists; reading them takes about a fifth of a second, once."""
    given: set[str] = set()
    family: set[str] = set()
    for attribute, listed in _lists():
        (family if "last" in attribute or "sur" in attribute else given).update(listed)
    words = SENTENCE_WORDS | NOT_NAMES | NOT_PEOPLE | _countries()
    return Known(frozenset(given - words), frozenset(family - words))


def _countries() -> frozenset[str]:
    from faker.providers.address.en import Provider

    return frozenset(country.lower() for country in Provider.countries)


def _lists() -> Iterator[tuple[str, frozenset[str]]]:
    from faker.providers import person

    for module in pkgutil.iter_modules(person.__path__):
        provider = importlib.import_module(f"{person.__name__}.{module.name}").Provider
        for attribute in dir(provider):
            listed = getattr(provider, attribute)
            if "names" in attribute and isinstance(listed, tuple | list | dict):
                yield attribute, frozenset(name.lower() for name in listed if isinstance(name, str))
