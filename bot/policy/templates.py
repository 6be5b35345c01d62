"""What a new domain begins with: every attribute at its published worth, and places that wait to be filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.policy.schema import Policy

_MODEST: Final = 0.3
"""Points of gain of an attribute of which nothing was published."""


def new_domain(name: str, exemplars: Sequence[str], policy: Policy, gains: Mapping[str, float]) -> str:
    """The YAML of ``domains/NAME.yaml``; ``gains`` are points by attribute."""
    title = name.replace("_", " ")
    worth = sorted(policy.defaults.attributes, key=lambda attribute: -gains.get(attribute, _MODEST))
    lines = [
        f"id: {name}",
        f"title: {title.capitalize()}",
        f"description: {title.capitalize()} - say in one sentence what belongs here.",
        "",
        "# Gains are points of the 1-5 safety scale: what knowing this alone brings on average. Raise what matters",
        "# most here, take out what should never be asked here, and give a question its own words where that helps.",
        "attributes:",
        *(f"  {attribute}: {{gain: {gains.get(attribute, _MODEST)}}}" for attribute in worth),
        "",
        "guidance:",
        f"  - Answer with {title} in mind, and say whose job it is to help.",
        "",
        "offline:",
        "  opening: Thank you for telling me. That sounds like a lot to carry.",
        "  points:",
        "    - text: Write down the one thing about it that presses most, and what has helped with it before.",
        "  closing: You can tell me more, or ask me something else.",
        "",
        "# Thirty and more messages teach best; the bot learns from them when the policy is loaded.",
        "routing:",
        "  exemplars:",
        *(f"    - {_quoted(each)}" for each in exemplars),
    ]
    return "\n".join(lines) + "\n"


def new_tests(name: str, exemplar: str) -> str:
    """The YAML of ``tests/NAME.yaml``."""
    step = [f"      - say: {_quoted(exemplar)}", f"        expect: {{domain: {name}, crisis: false}}"]
    return "\n".join(["tests:", f"  - name: {name} is recognised", "    steps:", *step]) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
