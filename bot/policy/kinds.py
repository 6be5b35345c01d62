"""The kinds of file a policy is made of, with an example of each and its JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from bot.policy.base import Part
from bot.policy.cases import CasesPolicy
from bot.policy.places import Places
from bot.policy.schema import Defaults, DomainPolicy, Index, Locale, OrdinaryTalk, Resources, RiskPolicy
from bot.policy.trials import Trials

KINDS: Final[Mapping[str, type[Part]]] = MappingProxyType(
    {
        "index": Index,
        "defaults": Defaults,
        "domain": DomainPolicy,
        "none": OrdinaryTalk,
        "risk": RiskPolicy,
        "resources": Resources,
        "locale": Locale,
        "cases": CasesPolicy,
        "places": Places,
        "tests": Trials,
    }
)
"""What an operator calls each kind of file -> what it must hold."""

FILES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "index": "index.yaml",
        "defaults": "defaults.yaml",
        "domain": "domains/*.yaml",
        "none": "domains/none.yaml",
        "risk": "risk/*.yaml",
        "resources": "resources/*.yaml",
        "locale": "locales/*.yaml",
        "cases": "cases/routing.yaml",
        "places": "places.yaml",
        "tests": "tests/*.yaml",
    }
)
_EXAMPLES: Final = Path(__file__).resolve().parent / "examples"


def example(kind: str) -> str:
    """A short file of this kind in which every key occurs."""
    return (_EXAMPLES / f"{kind}.yaml").read_text(encoding="utf-8")


def json_schema(kind: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of one kind of file, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **KINDS[kind].model_json_schema(),
        "title": f"raise-bot policy: {FILES[kind]}",
    }
