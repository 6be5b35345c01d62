"""The app was removed: from one workspace, from some of an organisation's, or from a whole organisation.

Documentation: https://docs.slack.dev/reference/events/app_uninstalled, .../tokens_revoked, .../team_access_revoked
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.slack.nodes import Node, at, first, text
from bot.clock import Seconds


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """The app was removed, or its tokens revoked, in these workspaces; in none in particular when the whole
    ``enterprise`` (organisation) is meant. ``at`` is when, by Slack's clock; 0 where it does not say. ``alone``: the
    organisation keeps the app in its other workspaces."""

    workspaces: tuple[str, ...]
    enterprise: str
    at: Seconds
    alone: bool = False


def uninstalled(body: Node) -> Uninstalled | None:
    """An organisation names itself in place of a workspace, or says that its installation was for all."""
    authorization = first(body, "authorizations")
    workspace = text(body, "team_id") or text(authorization, "team_id")
    enterprise = text(body, "enterprise_id") or text(authorization, "enterprise_id")
    if workspace.startswith("E"):
        workspace, enterprise = "", enterprise or workspace
    if enterprise and True in (at(authorization, "is_enterprise_install"), at(body, "is_enterprise_install")):
        workspace = ""
    if not workspace and not enterprise:
        return None
    return Uninstalled((workspace,) if workspace else (), enterprise, _event_time(body))


def access_revoked(body: Node, event: Node) -> Uninstalled | None:
    """An organisation took the app away from some of its workspaces. Slack's own example wraps the event twice."""
    named = at(event, "team_ids") or at(event, "event", "team_ids")
    workspaces = tuple(each for each in named if isinstance(each, str) and each) if isinstance(named, list) else ()
    if not workspaces:
        return None
    enterprise = text(body, "enterprise_id") or text(event, "enterprise_id")
    return Uninstalled(workspaces, enterprise, _event_time(body), alone=True)


def _event_time(body: Node) -> Seconds:
    when = at(body, "event_time")
    return float(when) if isinstance(when, int) and not isinstance(when, bool) else 0.0
