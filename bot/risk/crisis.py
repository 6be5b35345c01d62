"""The reply that always works: acknowledgement and where to find help, from the policy in memory alone."""

from __future__ import annotations

import re

from bot.chat import Crisis, Resource
from bot.errors import PolicyError
from bot.policy.phrases import phrase
from bot.policy.schema import Policy, ResourcePolicy
from bot.risk.verdicts import Verdict
from bot.severity import Category, Severity, Subject

MOST_RESOURCES = 4

_FIND_A_HELPLINE = Resource("Find A Helpline", "", web="https://findahelpline.com")
LAST_RESORT = Crisis(
    text=(
        "I'm really glad you told me, and you don't have to get through this alone. Please reach out to someone now: "
        "find a free helpline in your country at findahelpline.com, or call your local emergency number if anyone is "
        "in danger. I'm an AI, and I'm staying here: you can keep talking to me."
    ),
    resources=(_FIND_A_HELPLINE,),
    category=Category.SELF_HARM,
)
"""Shown when the policy itself cannot be read."""

_NO_REGION = re.compile(r"^[a-z0-9]$")


def resources_for(policy: Policy, locale: str, category: Category) -> tuple[Resource, ...]:
    """One to four places to turn to. ``locale`` is a BCP 47 tag.

    The country is the tag's region, else the one its language is safe to assume. Where it is unknown, only what serves
    every country is named. The emergency number comes first in a medical emergency, else last.
    """
    country = country_of(policy, locale)
    if country is None:
        return _fallback(policy, category)[:MOST_RESOURCES]
    known = policy.resources.countries[country]
    found = tuple(_resource(line, country) for line in known.resources if category in line.categories)
    emergency = Resource(emergency_services(policy, locale), country, call=known.emergency)
    if category is Category.MEDICAL_EMERGENCY:
        return (emergency, *found)[:MOST_RESOURCES]
    return (*(found or _fallback(policy, category))[: MOST_RESOURCES - 1], emergency)


def emergency_services(policy: Policy, locale: str) -> str:
    """What the country's emergency number is called where help is listed."""
    return phrase(policy, locale, "crisis.emergency_services")


def country_of(policy: Policy, locale: str) -> str | None:
    """``en-US`` -> ``US``, ``zh-Hant-TW`` -> ``TW``, ``cs`` -> ``CZ`` by the policy, ``en`` -> None."""
    language, *rest = re.split(r"[-_]", locale.partition(".")[0])
    for part in rest:
        if _NO_REGION.match(part.lower()):
            break
        if part.isdecimal() or (len(part) == 2 and part.isalpha()):
            return part.upper() if part.upper() in policy.resources.countries else None
    assumed = policy.resources.locale_countries.get(language.lower())
    return assumed if assumed in policy.resources.countries else None


def crisis_message(policy: Policy, locale: str, verdict: Verdict, *, repeat: bool) -> Crisis:
    """What to say for ``verdict``; ``repeat`` for the short form within the cool-down.

    A verdict without a category (the screen failed) is answered as self-harm. Never raises: a policy without the words
    gives :data:`LAST_RESORT`.
    """
    category = verdict.category or Category.SELF_HARM
    try:
        resources = resources_for(policy, locale, category)
        return Crisis(_words(policy, locale, verdict, category, resources, repeat=repeat), resources, category)
    except (PolicyError, LookupError):
        return LAST_RESORT


def _words(
    policy: Policy, locale: str, verdict: Verdict, category: Category, resources: tuple[Resource, ...], *, repeat: bool
) -> str:
    services = emergency_services(policy, locale)
    named = ", ".join(_named(policy, locale, resource, services) for resource in _first_named(resources, services))
    if repeat:
        return phrase(policy, locale, "crisis.repeat", resource=named)
    whom = ".other" if verdict.subject is Subject.OTHER else ""
    words = phrase(policy, locale, f"crisis.{category}{whom}", resource=named)
    emergency = next((each.call for each in resources if each.name == services), None)
    if emergency is None or category is Category.MEDICAL_EMERGENCY or verdict.severity is not Severity.IMMINENT:
        return words
    return f"{words} {phrase(policy, locale, 'crisis.emergency', emergency=emergency)}"


def _first_named(resources: tuple[Resource, ...], services: str) -> tuple[Resource, ...]:
    """The resource that the first sentences name, with one to write to where it only takes calls."""
    first = resources[0]
    if first.text is not None or first.name == services:
        return (first,)
    return (first, *[other for other in resources[1:] if other.text is not None][:1])


def _named(policy: Policy, locale: str, resource: Resource, services: str) -> str:
    if resource.name == services:
        return str(resource.call)
    ways = {"call": resource.call, "text": resource.text, "web": resource.web}
    known = [way for way, value in ways.items() if value]
    if not known:
        return resource.name
    form = "call_and_text" if known[:2] == ["call", "text"] else known[0]
    return phrase(policy, locale, f"crisis.resource.{form}", name=resource.name, **ways)


def _fallback(policy: Policy, category: Category) -> tuple[Resource, ...]:
    lines = policy.resources.fallback
    suited = [line for line in lines if category in line.categories] or lines
    return tuple(_resource(line, "") for line in suited) or (_FIND_A_HELPLINE,)


def _resource(line: ResourcePolicy, country: str) -> Resource:
    return Resource(line.name, country, line.call, line.text, line.web, line.hours)
