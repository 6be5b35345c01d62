"""The part of the policy language for danger: categories, and the rules of the screen."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from bot.policy.base import Duration, Identifier, Part, Words
from bot.severity import Category, Severity, Subject


class RuleStatus(StrEnum):
    """live: it decides. shadow: it reads every message and is only counted. draft: it does nothing yet."""

    LIVE = "live"
    SHADOW = "shadow"
    DRAFT = "draft"


class RiskRule(Part):
    """One rule of the screen. A phrase may use ``*`` for up to three words (never a negation), ``(a|b)`` for either,
    ``[x]`` for optional and ``{name}`` for any of the file's ``terms``.
    Applied to normalised text (lower case, spacing, leetspeak and common misspellings undone)."""

    id: Identifier = Field(description="names the rule in flags and reports; unique within the file")
    status: RuleStatus = Field(
        default=RuleStatus.LIVE, description="live: it decides; shadow: it is only counted; draft: it does nothing"
    )
    severity: Severity = Field(description="high and imminent get resources at once; concern builds up")
    subject: Subject = Field(default=Subject.SELF, description="whom the danger concerns")
    score: Annotated[float, Field(strict=True, gt=0, le=10, description="what it adds to the conversation's score")] = (
        1.0
    )
    phrases: tuple[Words, ...] = Field(default=(), description="what it matches")
    needs: tuple[Words, ...] = Field(default=(), description="phrases, one of which must stand in the same message")
    unless: tuple[Words, ...] = Field(
        default=(), description="phrases that show, in the same sentence, that it is figurative, past or harmless"
    )
    exemplars: tuple[Words, ...] = Field(default=(), description="messages this rule must catch (tested)")
    counter_exemplars: tuple[Words, ...] = Field(default=(), description="messages it must leave alone (tested)")
    why: Words = Field(description="shown to moderators: why this was flagged")


class OnFailure(StrEnum):
    """What happens to a category when a classifier fails: treat as risk, or let pass but flag for people."""

    CLOSED = "closed"
    FLAG = "flag"


class RiskPolicy(Part):
    """One category of risk."""

    category: Category = Field(description="one of the eight categories, and the name of the file")
    title: Words = Field(description="what moderators read")
    on_failure: OnFailure = Field(description="closed: a failed classifier counts as risk; flag: people look")
    half_life: Duration = Field(default="6h", description="how fast a score built up over a conversation fades")
    escalate_at: dict[Severity, Annotated[float, Field(strict=True)]] = Field(
        default_factory=dict, description="accumulated score from which a conversation counts as this severity"
    )
    terms: dict[Identifier, tuple[Words, ...]] = Field(
        default_factory=dict, description="named lists of phrases, used in the phrases of the rules as {name}"
    )
    rules: tuple[RiskRule, ...] = Field(description="the rules; the most severe that matches decides")
