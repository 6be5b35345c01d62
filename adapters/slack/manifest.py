"""The app's manifest, as far as it can be checked (https://docs.slack.dev/reference/app-manifest)."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from adapters.slack.nodes import Node, at, child, children, text
from bot.errors import InputError


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an app may do, hears of, and shows."""

    scopes: frozenset[str]
    events: frozenset[str]
    commands: frozenset[str]
    interactive: bool
    socket_mode: bool
    agent: bool
    home: bool


def read_manifest(source: str) -> Manifest:
    """From YAML or JSON. Raises InputError."""
    try:
        found = yaml.safe_load(source)
    except yaml.YAMLError as error:
        raise InputError(f"expected a manifest in YAML or JSON: {error}") from None
    if not isinstance(found, dict):
        raise InputError("expected a manifest: an object with display_information, features, oauth_config and settings")
    return manifest_of(found)


def manifest_of(found: Node) -> Manifest:
    """From the parsed file, or from what apps.manifest.export gives."""
    features, settings = child(found, "features"), child(found, "settings")
    return Manifest(
        scopes=_words(found, "oauth_config", "scopes", "bot"),
        events=_words(settings, "event_subscriptions", "bot_events"),
        commands=frozenset(text(each, "command") for each in children(features, "slash_commands")),
        interactive=at(settings, "interactivity", "is_enabled") is True,
        socket_mode=at(settings, "socket_mode_enabled") is True,
        agent="agent_view" in features,
        home=at(features, "app_home", "home_tab_enabled") is True,
    )


def _words(node: Node, *path: str) -> frozenset[str]:
    found = at(node, *path)
    return frozenset(each for each in found if isinstance(each, str)) if isinstance(found, list) else frozenset()
