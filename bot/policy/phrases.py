"""The bot's own words: one phrase by id, in the person's language where there is one, else in English."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from bot.errors import PolicyError
from bot.policy.schema import Policy

FALLBACK: Final = "en"
PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")


def phrase(policy: Policy, locale: str, phrase_id: str, **values: object) -> str:
    """``phrase(policy, "de-AT", "crisis.self_harm", resource="...")``: de-AT, else de, else en.

    Raises PolicyError for an id that English does not have, or a placeholder without a value; `policy check` finds
    both beforehand for every id in ``phrasebook``.
    """
    template = find(policy, locale, phrase_id)
    if template is None:
        raise PolicyError(f"no phrase {phrase_id!r} in any of {', '.join(chain(locale))}; add it to locales/en.yaml")
    if "{" not in template:
        return template

    def fill(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise PolicyError(f"phrase {phrase_id!r} has {{{found[1]}}}, which is not among {sorted(values)}")
        return str(values[found[1]])

    return PLACEHOLDER.sub(fill, template)


def find(policy: Policy, locale: str, phrase_id: str) -> str | None:
    """The unfilled phrase, or None where no language of the chain has it."""
    locales = policy.locales
    for tag in chain(locale):
        known = locales.get(tag)
        found = known.phrases.get(phrase_id) if known is not None else None
        if found is not None:
            return found
    return None


@lru_cache(maxsize=1024)
def chain(locale: str) -> tuple[str, ...]:
    """``de_at`` -> ``de-AT``, ``de``, ``en``."""
    language, _, rest = locale.replace("_", "-").partition("-")
    region = rest.rpartition("-")[2].upper()
    tags = (f"{language.lower()}-{region}" if region else language.lower(), language.lower(), FALLBACK)
    return tuple(dict.fromkeys(tags))


def phrases_of(policy: Policy, phrase_id: str) -> tuple[str, ...]:
    """Alternatives written as ``skip | pass | rather not say``, from every locale: people mix languages."""
    found = (locale.phrases.get(phrase_id, "") for locale in policy.locales.values())
    return tuple(each.strip() for line in found for each in line.split("|") if each.strip())
