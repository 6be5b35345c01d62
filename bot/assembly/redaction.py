"""The way of finding what could tell who wrote a text that the deployer chose."""

from __future__ import annotations

from bot.settings import Settings
from bot.telemetry.redaction import Patterns, Redactor, Together


def chosen(settings: Settings) -> Redactor:
    """Patterns alone, or Presidio beside them: what either finds is hidden. Raises SettingsError where Presidio or its
    model is not installed."""
    if settings.redactor == "patterns":
        return Patterns()
    from adapters.redaction.presidio import Presidio

    return Together(Presidio(settings.presidio_model), Patterns())
