"""What happens with each event, up to the acknowledgement: decide whether it is for the bot, have it claimed, say yes.

Nothing here thinks: the core does that later. What the adapter says on its own is in :mod:`adapters.slack.words`.
"""

from __future__ import annotations

from typing import assert_never

import aiohttp
from slack_bolt import BoltResponse

from adapters.background import Background
from adapters.slack import translate, words
from adapters.slack.answers import ack
from adapters.slack.calls import Calls
from adapters.slack.ears import Claims, Count, Ears
from adapters.slack.interactions import Interactions
from adapters.slack.locales import Locales
from adapters.slack.moderators import Moderators
from adapters.slack.platform import SlackPlatform
from adapters.slack.recent import Recent
from adapters.slack.removals import Uninstalled
from adapters.slack.shapes import (
    Click,
    HomeOpened,
    Message,
    MessagesOpened,
    Skipped,
    Slash,
    Spoken,
    StopPressed,
    Submission,
)
from adapters.slack.web import Place
from adapters.slack.workspaces import Workspaces
from adapters.speaking import Lines, speaking
from bot.chat import Inbound, Notice, Outbound
from bot.chat.installations import Installation
from bot.chat.threads import Threads
from bot.clock import Clock
from bot.identity import Person
from bot.private import Private
from bot.recent import RECENT


class Front:
    """One per running app."""

    def __init__(
        self,
        ears: Ears,
        platform: SlackPlatform,
        workspaces: Workspaces,
        calls: Calls,
        threads: Threads,
        locales: Locales,
        lines: Lines,
        background: Background,
        session: aiohttp.ClientSession,
        clock: Clock,
    ) -> None:
        self._ears = ears
        self._claims = Claims(ears, platform.deliveries)
        self._platform = platform
        self._workspaces = workspaces
        self._calls = calls
        self._threads = threads
        self._locales = locales
        self._lines = lines
        self._background = background
        self._clock = clock
        self._interactions = Interactions(
            ears, self._claims, platform.places, calls, locales, lines, background, session, clock
        )
        self._moderators = None if ears.presses is None else Moderators(ears.presses, calls, background)
        self._joined: Recent[tuple[Person, str], None] = Recent(RECENT)

    async def handle(self, event: Spoken, installation: Installation) -> BoltResponse:
        """The answer for Slack. Raises StoreUnavailable when the event
        could not be claimed: it must not be acknowledged then, so that Slack sends it again."""
        match event:
            case Message():
                return await self._message(event, installation)
            case Click() if self._moderators is not None and self._moderators.concern(event.action):
                return await self._moderators.click(event, installation)
            case Submission() if self._moderators is not None and self._moderators.concern(event.callback):
                return await self._moderators.submission(event, installation)
            case Click():
                return await self._interactions.click(event, installation)
            case Submission():
                return await self._interactions.submission(event, installation)
            case Slash():
                return await self._interactions.slash(event, installation)
            case HomeOpened():
                return await self._home(event, installation)
            case MessagesOpened():
                self._background.start(self._suggest(event, installation), "suggesting prompts")
                return ack()
            case StopPressed():
                return await self._stop(event, installation)
            case _:
                assert_never(event)

    async def gone(self, event: Uninstalled) -> BoltResponse:
        """The app was removed: everything about the workspaces goes, or is sure to go, and only then Slack is told that
        we heard."""
        for workspace in await self._workspaces.leaving(event):
            await self._ears.workspace_gone(workspace)
        await self._workspaces.remove(event)
        return ack()

    def skip(self, event: Skipped) -> BoltResponse:
        self._ears.count(Count.MALFORMED if event.malformed else Count.SKIPPED)
        return ack()

    # -- messages --------------------------------------------------------------------------------------------------

    async def _message(self, message: Message, installation: Installation) -> BoltResponse:
        person = translate.person_of(message.sender)
        thread = f"{message.channel}/{message.root}"
        if (
            not message.direct
            and not message.mention
            and not await self._goes_on(message, person, thread, installation)
        ):
            self._ears.count(Count.SKIPPED)
            return ack()
        locale = await self._locales.of(installation, message.sender.user)
        inbound = translate.from_message(message, installation.bot_user, locale)
        self._platform.places.saw(person, message.channel, message.root)
        if message.files and not message.text.reveal().strip():
            self._background.start(
                self._say(inbound, "files", self._lines(locale, words.FILES_ONLY)), "answering a file"
            )
            return ack()
        await self._claims.accept(inbound)
        if not message.direct:
            await self._join(person, thread)
        return ack()

    async def _goes_on(self, message: Message, person: Person, thread: str, installation: Installation) -> bool:
        """Without a mention: whether the person goes on talking with the bot in a thread."""
        if message.root == message.ts or translate.addresses_another(message, installation.bot_user):
            return False
        return (person, thread) in self._joined or await self._threads.joined(person, thread)

    async def _join(self, person: Person, thread: str) -> None:
        if (person, thread) not in self._joined:
            await self._threads.join(person, thread, self._clock.now())
            self._joined.put((person, thread), None)

    # -- App Home and the agent's view -----------------------------------------------------------------------------

    async def _home(self, opened: HomeOpened, installation: Installation) -> BoltResponse:
        locale = await self._locales.of(installation, opened.sender.user)
        inbound = translate.from_home(opened.sender, opened.at, self._clock.now(), locale)
        await self._claims.accept(inbound)
        return ack()

    async def _suggest(self, opened: MessagesOpened, installation: Installation) -> None:
        place = Place(installation.workspace, installation.token.reveal(), opened.channel)
        say = speaking(self._lines, await self._locales.of(installation, opened.sender.user))
        prompts = tuple((say(title), say(message)) for title, message in words.PROMPTS)
        await self._calls.suggest(place, say(words.PROMPTS_TITLE), prompts)

    async def _stop(self, stop: StopPressed, installation: Installation) -> BoltResponse:
        locale = await self._locales.of(installation, stop.sender.user)
        inbound = translate.from_stop(stop, locale)
        self._platform.places.saw(inbound.person, stop.channel, stop.root)
        await self._claims.accept(inbound)
        self._background.start(self._platform.thinking(inbound.person, inbound.space, active=False), "ending a session")
        return ack()

    async def _say(self, inbound: Inbound, name: str, line: str) -> None:
        """A line of the adapter's own, as one of the core's would go: once."""
        notice = Notice(Private(line), private=True)
        message = Outbound(
            f"{inbound.turn_id}:{name}", inbound.person, inbound.space, notice, inbound.turn_id, inbound.locale
        )
        await self._platform.deliver(message)
