"""Which model answers, and which embedding routes."""

from __future__ import annotations

from bot.clock import Clock
from bot.llm import Provider
from bot.llm.embedder import Embedder
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry


def provider(settings: Settings, clock: Clock, telemetry: Telemetry) -> Provider:
    """The provider, or the fallback order of several, that the settings name. Raises SettingsError."""
    from adapters.models.build import Choices, build
    from adapters.models.resilience import Trouble

    def observe(trouble: Trouble) -> None:
        telemetry.emit(Event.MODEL_FAILED, model=trouble.provider, problem=type(trouble.error).__name__)

    return build(settings.provider, clock, Choices(observe=observe))


def embedder(settings: Settings) -> Embedder:
    """The embedding for routing and retrieval."""
    from adapters.embeddings.hashing import HashingEmbedder

    return HashingEmbedder()
