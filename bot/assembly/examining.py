"""Everything ``raise-bot doctor`` looks at: the installation, policy, keys and state, model, platforms, sign-on."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from bot.assembly import desk, examining_channels, examining_deployment, models, slack, stores
from bot.assembly.findings import Finding
from bot.clock import SystemClock
from bot.errors import PlatformError, RaiseBotError, StoreError
from bot.policy.diagnostics import Level
from bot.policy.folder import find_folder
from bot.policy.loader import inspect
from bot.private import Private
from bot.settings import Settings
from bot.telemetry.logs import silent


class _Theirs(Protocol):
    """A finding of an adapter."""

    @property
    def what(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def found(self) -> str: ...
    @property
    def do(self) -> str: ...


async def examine(settings: Settings) -> tuple[Finding, ...]:
    """Look at everything; never raises for what is wrong: that is a finding."""
    looks: list[tuple[str, Callable[[Settings], Awaitable[Sequence[Finding]]]]] = [
        ("installation", _installation),
        ("policy", _policy),
        ("stores", _stores),
        ("deployment", examining_deployment.examine),
        ("model", _model),
        ("Slack", _slack),
        ("Discord", _discord),
        ("single sign-on", _sign_on),
        ("Moderators", _channels),
    ]
    found: list[Finding] = []
    for what, look in looks:
        try:
            found.extend(await look(settings))
        except RaiseBotError as problem:
            found.append(Finding(what, "problem", str(problem)))
    return tuple(found)


async def _installation(settings: Settings) -> list[Finding]:
    """PyPI's ``adapters`` has a top-level package of the same name as ours."""
    try:
        importlib.metadata.distribution("adapters")
    except importlib.metadata.PackageNotFoundError:
        return [Finding("installation", "ok", f"raise-bot {importlib.metadata.version('raise-bot')}")]
    todo = "Give raise-bot a virtual environment of its own, or uninstall the distribution named adapters."
    return [Finding("installation", "problem", "the distribution named adapters shares our package's name", todo)]


async def _policy(settings: Settings) -> list[Finding]:
    folder = find_folder(settings.policies)
    found = inspect(folder).diagnostics
    errors = sum(each.severity is Level.ERROR for each in found)
    if errors:
        return [Finding("policy", "problem", f"{errors} errors in {folder}", "Run raise-bot policy check.")]
    return [Finding("policy", "ok", f"{folder}, {len(found)} warnings (raise-bot policy check --all)")]


async def _stores(settings: Settings) -> list[Finding]:
    if settings.state is None and not settings.database_url:
        todo = "Set RAISE_STATE to a folder before people rely on the bot."
        return [Finding("stores", "unknown", "nothing is kept: turns and consents end with the process", todo)]
    async with stores.opened(settings, SystemClock()) as opened:
        where = "a database" if settings.database_url else str(settings.state)
        found = [Finding("stores", "ok", f"open and of this release, in {where}")]
        if opened.reached is not None:
            try:
                await opened.reached()
            except StoreError as problem:
                todo = "People are answered, without what they told before, until Redis can be reached."
                found.append(Finding("Redis", "problem", str(problem), todo))
            else:
                found.append(Finding("Redis", "ok", "reached"))
        return found


async def _model(settings: Settings) -> list[Finding]:
    provider = models.provider(settings, SystemClock(), silent())
    await provider.close()
    if settings.provider == "offline":
        todo = "Set RAISE_PROVIDER for answers written by a model."
        return [Finding("model", "unknown", "offline: answers are prepared texts", todo)]
    return [Finding("model", "ok", f"{settings.provider}: set up (no call was made)")]


async def _slack(settings: Settings) -> list[Finding]:
    if not slack.configured(settings):
        return [Finding("Slack", "ok", "not configured")]
    from adapters.slack.doctor import examine as look

    config = Private(settings.slack_config_token) if settings.slack_config_token else None
    oauth = slack.client(settings)
    found = _ours("Slack", await look(slack.access(settings), slack.manifest(), config, oauth))
    if oauth is not None and settings.state is None and not settings.database_url:
        todo = "Set RAISE_STATE, or every workspace has to install the app again after each restart."
        found.append(Finding("Slack: installations", "problem", "are not kept", todo))
    return found


async def _discord(settings: Settings) -> list[Finding]:
    if not settings.discord_token:
        return [Finding("Discord", "ok", "not configured")]
    from adapters.discord.app import Access
    from adapters.discord.doctor import examine as look
    from adapters.discord.shards import parse_shards

    shards = parse_shards(settings.discord_shards)
    return _ours("Discord", await look(Access(Private(settings.discord_token), settings.discord_proxy, shards)))


async def _channels(settings: Settings) -> list[Finding]:
    return _ours("Moderators", await examining_channels.examine(settings))


async def _sign_on(settings: Settings) -> list[Finding]:
    provider = desk.open_id(settings, SystemClock())
    if provider is None:
        return [Finding("single sign-on", "ok", "not configured")]
    from adapters.web.desk.signon import grants

    granted = grants(settings.oidc_roles)
    try:
        await provider.reachable()
    except PlatformError as problem:
        todo = "Check RAISE_OIDC_ISSUER, and that this machine may reach it."
        return [Finding("single sign-on", "problem", str(problem), todo)]
    return [Finding("single sign-on", "ok", f"the provider answers; groups with a role: {len(granted)}")]


def _ours(platform: str, theirs: Sequence[_Theirs]) -> list[Finding]:
    return [Finding(f"{platform}: {each.what}", str(each.state), each.found, each.do) for each in theirs]
