"""What ``doctor`` says of one thing it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from slack_sdk.errors import SlackApiError

from adapters.slack.nodes import child, text

APPS: Final = "https://api.slack.com/apps"


class State(StrEnum):
    """UNKNOWN: these tokens cannot tell; a person has to look."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """``what`` was looked at, what was ``found``, and what to ``do`` about it (empty when it is ok)."""

    what: str
    state: State
    found: str
    do: str = ""


def said(error: Exception) -> str:
    """A refusal of Slack, or that it cannot be reached."""
    if isinstance(error, SlackApiError):
        return f"Slack says {text(child(error.response.data), 'error') or 'nothing that can be read'}"
    return f"Slack cannot be reached ({type(error).__name__})"
