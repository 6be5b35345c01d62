"""Slack, wired: one workspace by two tokens, or many by OAuth with the installations kept in SQL."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bot.assembly.faces import Door, Face, Health
from bot.assembly.keys import deployment_keys
from bot.assembly.stores import Stores
from bot.chat.installations import GUEST
from bot.clock import Clock
from bot.errors import SettingsError
from bot.identity import Person
from bot.policy.phrases import phrase
from bot.policy.schema import Policy
from bot.private import Private
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry

if TYPE_CHECKING:
    from adapters.slack.app import Access
    from adapters.slack.install import Client
    from adapters.slack.manifest import Manifest

_HERE: Final = Path(__file__).resolve().parents[2]
_MANIFESTS: Final = (_HERE / "bot" / "_deploy" / "slack-manifest.yaml", _HERE / "deploy" / "slack-manifest.yaml")


def configured(settings: Settings) -> bool:
    """Whether the settings ask for Slack at all."""
    return bool(
        settings.slack_bot_token
        or settings.slack_app_token
        or settings.slack_signing_secret
        or settings.slack_client_id
        or settings.slack_client_secret
    )


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


def manifest() -> Manifest:
    """The app's manifest, as shipped. Raises SettingsError where it is not installed."""
    from adapters.slack.manifest import read_manifest

    file = next((each for each in _MANIFESTS if each.is_file()), None)
    if file is None:
        raise SettingsError(("the Slack manifest is not installed: install raise-bot again",))
    return read_manifest(file.read_text(encoding="utf-8"))


def client(settings: Settings) -> Client | None:
    """What the installation by OAuth needs; None for a bot of one workspace. Raises SettingsError for half of each."""
    from adapters.slack.install import REDIRECT, Client

    problems = _mixed(settings)
    if problems:
        raise SettingsError(problems)
    if not settings.slack_client_id:
        return None
    kept = settings.key or settings.state is not None
    return Client(
        id=settings.slack_client_id,
        secret=Private(settings.slack_client_secret),
        redirect=f"{settings.public_url.rstrip('/')}{REDIRECT}" if settings.public_url else None,
        state_keys=deployment_keys(settings) if kept else (secrets.token_bytes(32),),
        scopes=tuple(sorted(manifest().scopes)),
        api_url=settings.slack_api_url,
    )


def _mixed(settings: Settings) -> tuple[str, ...]:
    """Settings that do not go together."""
    problems = []
    one, many = settings.slack_bot_token, settings.slack_client_id or settings.slack_client_secret
    if bool(settings.slack_client_id) != bool(settings.slack_client_secret):
        missing = "SLACK_CLIENT_SECRET" if settings.slack_client_id else "SLACK_CLIENT_ID"
        problems.append(f"{missing}: expected beside its other half (Basic Information > App Credentials)")
    if one and many:
        problems.append(
            "SLACK_BOT_TOKEN serves one workspace, SLACK_CLIENT_ID lets many install the app: expected one of the two"
        )
    if not one and not many:
        problems.append(
            "SLACK_BOT_TOKEN: expected for one workspace, or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET for many"
        )
    if settings.public_url:
        address = urlsplit(settings.public_url)
        if address.scheme not in ("http", "https") or not address.netloc or address.query or address.fragment:
            problems.append("RAISE_PUBLIC_URL: expected an address such as https://raise.example.org")
    return tuple(problems)


def slack_face(
    settings: Settings, kept: Stores, clock: Clock, telemetry: Telemetry, policy: Callable[[], Policy]
) -> Face:
    """Slack as a face. Raises SettingsError where tokens are missing."""
    from adapters.slack.app import SlackApp
    from adapters.slack.ears import Count, Ears
    from adapters.slack.install import OAuth
    from adapters.slack.workspaces import MemoryInstallations

    oauth = client(settings)
    installations = kept.installations
    if oauth is not None and installations is None:
        installations = MemoryInstallations()

    def lines(locale: str, phrase_id: str, /, **values: object) -> str:
        return phrase(policy(), locale, phrase_id, **values)

    app = SlackApp(access(settings), clock, lines, installations=installations, threads=kept.threads)
    pages = OAuth(oauth, app.workspaces, clock, lines).routes() if oauth is not None else []

    @asynccontextmanager
    async def run(door: Door) -> AsyncIterator[None]:
        async def workspace_gone(workspace: str) -> None:
            for home in (workspace, f"{GUEST}{workspace}"):
                await door.forget_soon(await kept.people("slack", home, None))
            if kept.channels is not None:
                await kept.channels.leave("slack", workspace)
            telemetry.emit(Event.WORKSPACE_GONE, platform="slack", outcome="forgotten")

        async def feedback_given(person: Person, message: str, helpful: bool) -> None:
            telemetry.emit(Event.FEEDBACK, platform="slack", outcome="helpful" if helpful else "not helpful")

        def count(what: Count) -> None:
            if what in (Count.FORGED, Count.MALFORMED, Count.FAILED):
                telemetry.emit(Event.REJECTED_REQUEST, platform="slack", outcome=what.value)

        async with app.run(Ears(door.intake, workspace_gone, feedback_given, count, door.known, door.presses)):
            yield

    async def health() -> Health:
        now = await app.health()
        return Health("slack", now.ready, now.detail)

    return Face(app.platform, run, app.pause, health, (*app.routes(), *pages), surface=app.surface)
