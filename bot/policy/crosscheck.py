"""Everything about a policy that no single file can show."""

from __future__ import annotations

from bot.policy.checks.attributes import check_attributes
from bot.policy.checks.cases import check_cases
from bot.policy.checks.domains import check_domains
from bot.policy.checks.limits import check_limits
from bot.policy.checks.locales import check_locales
from bot.policy.checks.places import check_places
from bot.policy.checks.resources import check_resources
from bot.policy.checks.risks import check_risks
from bot.policy.diagnostics import Diagnostic
from bot.policy.parts import Parts, error


def crosscheck(parts: Parts) -> list[Diagnostic]:
    """Every problem between the files. What is broken by itself is left out, so that no mistake is told twice."""
    found = list(_listed_twice(parts))
    if parts.defaults is not None:
        found += check_attributes(parts.defaults)
        found += check_limits(parts.defaults)
    found += check_domains(parts)
    found += check_risks(parts)
    found += check_resources(parts)
    found += check_locales(parts)
    found += check_cases(parts)
    found += check_places(parts)
    return found


def _listed_twice(parts: Parts) -> list[Diagnostic]:
    index, document = parts.listed, parts.index
    places: list[tuple[tuple[str | int, ...], str]] = [(("defaults",), index.defaults)]
    places += [((key, number), name) for key in ("domains", "risk", "locales")
               for number, name in enumerate(getattr(index, key))]  # fmt: skip
    places += [(("resources",), index.resources), (("none",), index.none)]
    if index.cases is not None:
        places.append((("cases",), index.cases))
    seen: set[str] = set()
    found = []
    for path, name in places:
        if name in seen:
            found.append(error(document, path, f"{name!r} is listed twice", "remove one of the two", "duplicate-file"))
        seen.add(name)
    return found
