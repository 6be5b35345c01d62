"""What Slack is answered right away."""

from __future__ import annotations

from slack_bolt import BoltResponse


def ack() -> BoltResponse:
    return BoltResponse(status=200, body="")


def answer(body: dict[str, object]) -> BoltResponse:
    """A body that Slack acts on (a line for the person, errors in a modal)."""
    return BoltResponse(status=200, body=body, headers={"content-type": "application/json"})
