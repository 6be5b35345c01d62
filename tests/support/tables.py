"""Small policies for tests of the scientific core."""

from __future__ import annotations

from typing import Any

from bot.policy.schema import Policy

WORDS = {"opening": "Hello.", "points": [], "closing": "Bye."}
COMMON = {"sensitivity": "ordinary", "price": 0.1, "question": "What is it?", "reason": "It helps."}


def policy_with(attributes: dict[str, dict[str, Any]], questions: int | None = None) -> Policy:
    """A policy of one domain, ``life``, with these attributes; the defaults know age and gender only."""
    return Policy.model_validate(
        {
            "id": "p1",
            "index": {
                "schema_version": 1,
                "title": "test",
                "defaults": "defaults.yaml",
                "domains": ["life.yaml"],
                "none": "none.yaml",
                "risk": [],
                "resources": "resources.yaml",
                "locales": [],
            },
            "defaults": {
                "attributes": {"age": {"label": "Age", **COMMON}, "gender": {"label": "Gender", **COMMON}},
                "guidance": [],
                "general": WORDS,
            },
            "domains": {
                "life": {
                    "id": "life",
                    "title": "Life",
                    "description": "Everyday life",
                    "routing": {"exemplars": ["one", "two", "three"]},
                    "attributes": attributes,
                    "guidance": [],
                    "offline": WORDS,
                    "questions": questions,
                }
            },
            "none": {"exemplars": ["four", "five", "six"]},
            "risk": {},
            "resources": {"countries": {}, "fallback": []},
            "locales": {},
        }
    )
