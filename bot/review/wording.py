"""How the desk says things wherever people look at it: labels and moments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from bot.clock import Seconds
from bot.identity import Place
from bot.review.cases import CaseState, Ruling
from bot.review.presentation import Context
from bot.severity import Category, Severity

SEVERITIES: Final[Mapping[Severity, str]] = {
    Severity.IMMINENT: "Imminent",
    Severity.HIGH: "High",
    Severity.CONCERN: "Concern",
    Severity.NONE: "None",
}
CATEGORIES: Final[Mapping[Category, str]] = {
    Category.SELF_HARM: "Self-harm",
    Category.VIOLENCE_TO_OTHERS: "Violence to others",
    Category.ABUSE_SUFFERED: "Abuse suffered",
    Category.EATING_DISORDER: "Eating disorder",
    Category.MEDICAL_EMERGENCY: "Medical emergency",
    Category.EXPLOITATION_OF_MINORS: "Exploitation of minors",
    Category.FINANCIAL_DESPERATION: "Financial desperation",
    Category.HARASSMENT: "Harassment",
}
STATES: Final[Mapping[CaseState, str]] = {
    CaseState.OPEN: "Open",
    CaseState.CLAIMED: "Claimed",
    CaseState.DECIDED: "Decided",
    CaseState.CLOSED: "Closed",
}
RULINGS: Final[Mapping[Ruling, str]] = {
    Ruling.NO_RISK: "No risk",
    Ruling.WATCH: "Watch",
    Ruling.CONTACT: "Contact",
    Ruling.ESCALATE: "Escalate",
    Ruling.TAKE_OVER: "Take over",
}
PLACES: Final[Mapping[Place, str]] = {Place.DM: "Direct message", Place.CHANNEL: "Channel"}
CONTEXTS: Final[Mapping[Context, str]] = {
    Context.SHOWN: "",
    Context.IDLE: "The conversation ended and was deleted, as the policy says. Decide by the reasons and the notes.",
    Context.GONE: "Nothing of the conversation is left.",
    Context.UNREADABLE: "The conversation is sealed with a key this desk does not have. Tell whoever runs it.",
}


def category(value: Category | None) -> str:
    return "No category" if value is None else CATEGORIES[value]


def moment(at: Seconds) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
