"""Planned queries as JSON objects: what ``paths export`` writes a line of, and what SQL keeps of evidence.

    {"id": "..", "query": "..", "domain": "health", "path": ["age"],
     "judged": [{"attributes": ["age"], "score": 3.5, "count": 2}],
     "profile": {"age": "34"}, "ranking": {"age": 0.4}, "embedder": "hashing-3", "manifest": "..", "planned_at": 0.0}

Only query, domain and judged are needed to read one. Vectors are not written: whoever reads it embeds anew.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, TypeGuard

from bot.errors import InputError
from bot.raise_core.paths.evidence import Evidence, JudgedSet
from bot.raise_core.paths.index import PlannedQuery, plan_id

LONGEST_QUERY: Final = 8_000
MOST_JUDGED: Final = 5_000
"""Judged sets of one plan: fewer than the sets of up to five of sixteen attributes, more than anybody pays for."""
_LONGEST_WORD: Final = 200
_LOWEST, _HIGHEST = 1.0, 5.0
_LARGEST: Final = 1e15


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A planned query as it was read, not embedded yet."""

    id: str
    evidence: Evidence
    manifest: str
    planned_at: float


def to_json(planned: PlannedQuery) -> dict[str, object]:
    """One planned query for a file."""
    return {
        "id": planned.id,
        "query": planned.evidence.query,
        "domain": planned.evidence.domain,
        **learned_json(planned.evidence),
        "embedder": planned.embedder,
        "manifest": planned.manifest,
        "planned_at": planned.planned_at,
    }


def learned_json(evidence: Evidence) -> dict[str, object]:
    """What was learned, without query and domain."""
    return {
        "path": list(evidence.path),
        "judged": [
            {"attributes": sorted(each.attributes), "score": each.score, "count": each.count}
            for each in evidence.judged
        ],
        "profile": dict(evidence.profile),
        "ranking": dict(evidence.ranking),
    }


def from_line(line: str, attributes: Collection[str], domains: Collection[str]) -> PlannedRow:
    """One line of a file. Raises InputError, which says what was expected: broken JSON, unknown attributes or domains,
    scores out of range, an empty query."""
    try:
        row: object = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError("expected a JSON object; the line is broken or cut off") from None
    if not _is_object(row):
        raise InputError(f"expected a JSON object, got {type(row).__name__}")
    if not _storable(row):
        raise InputError("expected text without NUL and without halves of characters (lone surrogates)")
    query, domain = row.get("query"), row.get("domain")
    if not isinstance(query, str) or not query.strip() or len(query) > LONGEST_QUERY:
        raise InputError(f'expected "query", a text of 1 to {LONGEST_QUERY} characters')
    if not isinstance(domain, str) or domain not in domains:
        raise InputError(f'expected "domain", one of {", ".join(sorted(domains))}; got {_shown(domain)}')
    evidence = evidence_of(query, domain, row)
    unknown = _named(evidence) - set(attributes)
    if unknown:
        named = ", ".join(_shown(each) for each in sorted(unknown)[:5])
        raise InputError(f"expected attributes of the policy ({', '.join(sorted(attributes))}), got {named}")
    own = row.get("id")
    if own is not None and (not isinstance(own, str) or not 0 < len(own) <= _LONGEST_WORD):
        raise InputError(f'expected "id", a text of 1 to {_LONGEST_WORD} characters, or none')
    manifest = row.get("manifest", "")
    if not isinstance(manifest, str) or len(manifest) > _LONGEST_WORD:
        raise InputError(f'expected "manifest", a text of at most {_LONGEST_WORD} characters')
    at = _number(row.get("planned_at", 0.0), "planned_at")
    return PlannedRow(own or plan_id(query, domain, evidence.profile), evidence, manifest, at)


def evidence_of(query: str, domain: str, row: Mapping[str, object]) -> Evidence:
    """What was learned, as ``learned_json`` wrote it. Raises InputError."""
    judged = row.get("judged")
    if not isinstance(judged, list) or not judged or len(judged) > MOST_JUDGED:
        raise InputError(f'expected "judged", a list of 1 to {MOST_JUDGED} judged sets')
    sets = tuple(_judged(each) for each in judged)
    if len({each.attributes for each in sets}) < len(sets):
        raise InputError('expected every set once in "judged": give its mean score and its count')
    profile, ranking = _mapping(row, "profile"), _mapping(row, "ranking")
    if not all(isinstance(value, str) for value in profile.values()):
        raise InputError('expected texts as values of "profile"')
    return Evidence(
        query=query,
        domain=domain,
        judged=sets,
        path=_names(row.get("path", []), "path"),
        profile={name: str(value) for name, value in profile.items()},
        ranking={name: _number(value, "ranking") for name, value in ranking.items()},
    )


def _judged(each: object) -> JudgedSet:
    if not _is_object(each):
        raise InputError('expected objects in "judged": {"attributes": [..], "score": 3.5, "count": 2}')
    names = _names(each.get("attributes"), "attributes")
    score, count = _number(each.get("score"), "score"), each.get("count", 1)
    if not _LOWEST <= score <= _HIGHEST:
        raise InputError(f'expected "score" from 1 to 5, got {score:g}')
    if not isinstance(count, int) or isinstance(count, bool) or not 0 < count < 2**31:
        raise InputError(f'expected "count", a number of judgements from 1; got {_shown(count)}')
    return JudgedSet(frozenset(names), score, count)


def _named(evidence: Evidence) -> set[str]:
    sets = {name for each in evidence.judged for name in each.attributes}
    return sets | set(evidence.path) | set(evidence.profile) | set(evidence.ranking)


def _names(value: object, what: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InputError(f'expected "{what}", a list of attributes; got {_shown(value)}')
    if len(set(value)) < len(value):
        raise InputError(f'expected every attribute once in "{what}"')
    return tuple(value)


def _mapping(row: Mapping[str, object], what: str) -> Mapping[str, object]:
    value = row.get(what) or {}
    if not _is_object(value):
        raise InputError(f'expected "{what}", an object by attribute; got {_shown(value)}')
    return value


def _number(value: object, what: str) -> float:
    # Infinite and not-a-number pass JSON as Python reads it, and would spoil everything that is fitted.
    if not isinstance(value, int | float) or isinstance(value, bool) or not -_LARGEST < value < _LARGEST:
        raise InputError(f'expected a number for "{what}", got {_shown(value)}')
    return float(value)


def _storable(row: Mapping[str, object]) -> bool:
    """Whether its texts can be kept: UTF-8 has no half characters, PostgreSQL no NUL."""
    try:
        return "\\u0000" not in json.dumps(row) and bool(json.dumps(row, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        return False


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, dict)


def _shown(value: object) -> str:
    return repr(value)[:60]
