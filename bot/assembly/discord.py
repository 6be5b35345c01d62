"""Discord, wired: one bot, all its servers, or the part of them that the shards setting gives this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.assembly.faces import Door, Face, Health
from bot.assembly.stores import Stores
from bot.clock import Clock
from bot.identity import Person
from bot.policy.phrases import phrase
from bot.policy.schema import Policy
from bot.private import Private
from bot.profile.erasure import Holding
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry

if TYPE_CHECKING:
    from adapters.discord.kept import Kept


def _beside(kept: Stores, clock: Clock) -> Kept:
    """What the adapter keeps beside the core: lasting where the deployment keeps anything."""
    from adapters.discord.kept import Kept

    own, lasting = Kept.in_memory(clock), kept.discord
    if lasting is None:
        return own
    return Kept(
        kept.threads or own.threads,
        lasting.envelopes,
        lasting.bookmarks,
        lasting.locales,
        lasting.workspaces,
        lasting.registrations,
    )


def discord_face(
    settings: Settings, kept: Stores, clock: Clock, telemetry: Telemetry, policy: Callable[[], Policy]
) -> Face:
    """Discord as a face. Raises SettingsError where the token or the shards are wrong."""
    from adapters.discord.app import Access, DiscordApp
    from adapters.discord.ears import Count, Ears
    from adapters.discord.shards import parse_shards

    access = Access(Private(settings.discord_token), settings.discord_proxy, parse_shards(settings.discord_shards))

    def lines(locale: str, phrase_id: str, /, **values: object) -> str:
        return phrase(policy(), locale, phrase_id, **values)

    app = DiscordApp(access, clock, lines, kept=_beside(kept, clock))

    @asynccontextmanager
    async def run(door: Door) -> AsyncIterator[None]:
        async def forget(people: Iterable[Person], event: Event) -> None:
            for person in people:
                await door.forget(person)
            telemetry.emit(event, platform="discord")

        async def workspace_gone(guild: str) -> None:
            await forget(await kept.people("discord", guild, None), Event.WORKSPACE_GONE)
            if kept.channels is not None:
                await kept.channels.leave("discord", guild)

        async def user_gone(user: str) -> None:
            await forget(await kept.people("discord", None, user), Event.FORGOTTEN)

        async def feedback_given(person: Person, message: str, helpful: bool) -> None:
            telemetry.emit(Event.FEEDBACK, platform="discord", outcome="helpful" if helpful else "not helpful")

        def count(what: Count) -> None:
            if what in (Count.MALFORMED, Count.FAILED):
                telemetry.emit(Event.REJECTED_REQUEST, platform="discord", outcome=what.value)

        ears = Ears(door.intake, workspace_gone, user_gone, count, door.known, feedback_given, door.presses)
        async with app.run(ears):
            yield

    async def health() -> Health:
        now = await app.health()
        return Health("discord", now.ready, now.detail)

    holdings = (Holding("envelopes", app.envelopes), Holding("contacts", app))
    return Face(app.platform, run, app.pause, health, holdings=holdings, surface=app.surface)
