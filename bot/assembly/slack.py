"""Slack, wired: one workspace by two tokens, or many by OAuth with the installations kept in SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.assembly.faces import Door, Face, Health
from bot.assembly.stores import Stores
from bot.chat.installations import home_of
from bot.clock import Clock
from bot.identity import Person
from bot.private import Private
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry

if TYPE_CHECKING:
    from adapters.slack.app import Access


def configured(settings: Settings) -> bool:
    """Whether the settings ask for Slack at all."""
    return bool(settings.slack_bot_token or settings.slack_app_token or settings.slack_signing_secret)


def access(settings: Settings) -> Access:
    """The tokens. Raises SettingsError where one is missing."""
    from adapters.slack.app import Access

    def secret(value: str) -> Private[str] | None:
        return Private(value) if value else None

    return Access(
        bot_token=secret(settings.slack_bot_token),
        app_token=secret(settings.slack_app_token),
        signing_secret=secret(settings.slack_signing_secret),
        api_url=settings.slack_api_url,
    )


def slack_face(settings: Settings, kept: Stores, clock: Clock, telemetry: Telemetry) -> Face:
    """Slack as a face. Raises SettingsError where tokens are missing."""
    from adapters.slack.app import SlackApp
    from adapters.slack.ears import Count, Ears

    app = SlackApp(access(settings), clock, installations=kept.installations, threads=kept.threads)

    @asynccontextmanager
    async def run(door: Door) -> AsyncIterator[None]:
        async def workspace_gone(workspace: str, enterprise: str) -> None:
            if workspace:
                for person in await kept.people("slack", None, None):
                    if home_of(person.workspace) == home_of(workspace):
                        await door.forget(person)
            # A whole organisation is named without its workspaces: what is kept about them ends with its retention.
            outcome = "forgotten" if workspace else "left to retention"
            telemetry.emit(Event.WORKSPACE_GONE, platform="slack", outcome=outcome)

        async def feedback_given(person: Person, message: str, helpful: bool) -> None:
            telemetry.emit(Event.FEEDBACK, platform="slack", outcome="helpful" if helpful else "not helpful")

        def count(what: Count) -> None:
            if what in (Count.FORGED, Count.MALFORMED, Count.FAILED):
                telemetry.emit(Event.REJECTED_REQUEST, platform="slack", outcome=what.value)

        async with app.run(Ears(door.intake, workspace_gone, feedback_given, count)):
            yield

    async def health() -> Health:
        now = await app.health()
        return Health("slack", now.ready, now.detail)

    return Face(app.platform, run, app.pause, health, tuple(app.routes()))
