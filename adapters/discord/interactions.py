"""Commands, buttons and forms. Discord does not send these again and wants to hear from us within 3 s, so each is
acknowledged and claimed at the same time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import discord

from adapters import forgetting
from adapters.background import Background, innermost
from adapters.discord import ids, lately, render, translate, views, words
from adapters.discord.calls import ANSWERED, Refused, patience
from adapters.discord.cards import Card, Form
from adapters.discord.ears import PRESS_PAUSES, Claims, Count, Ears
from adapters.discord.locales import KnownLocales
from adapters.discord.moderators import Moderators
from adapters.discord.platform import DiscordPlatform
from adapters.discord.shapes import Press, Skipped, read_press, read_submission
from adapters.discord.sinks import NOBODY, VisitSink, say_anyhow
from adapters.discord.visits import Visit
from adapters.speaking import Say, speaking
from bot.chat import Chose, Content, Outbound, Question, Receipt
from bot.clock import Seconds
from bot.errors import StoreUnavailable
from bot.identity import DIRECT, Person, Space

_LOG = logging.getLogger(__name__)
_LOOKUP: Final[Seconds] = 1.5
"""How long an envelope may take to be found: a form must open within 3 s of the press."""
Interaction = discord.Interaction[Any]


class Interactions:
    """One per running app."""

    def __init__(
        self,
        ears: Ears,
        claims: Claims,
        platform: DiscordPlatform,
        locales: KnownLocales,
        background: Background,
    ) -> None:
        self._ears = ears
        self._claims = claims
        self._platform = platform
        self._locales = locales
        self._background = background
        desk, brake = ears.presses, platform.ways.brake
        self._moderators = None if desk is None else Moderators(desk, brake, platform.lines)

    async def handle(self, interaction: Interaction, work: Coroutine[None, None, None]) -> None:
        """Run ``work`` for an interaction; whatever breaks, the person gets a line and the log no words of theirs."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - discord.py would log the error's text, which may be a person's
            self._ears.count(Count.FAILED)
            _LOG.error("an interaction failed: %s", innermost(error))
            await self._respond(lambda: say_anyhow(interaction, self._say(interaction)(words.TRY_AGAIN)))

    # -- what people do --------------------------------------------------------------------------------------------

    async def ordered(self, interaction: Interaction, content: Content, *, here: bool = False) -> None:
        """A slash command. What it says belongs to direct messages, unless it is about what was said ``here``."""
        channel = interaction.channel_id
        public = here and interaction.guild_id is not None and channel is not None
        space = ids.channel_space(channel) if public and channel is not None else DIRECT
        await self._take(interaction, space, content, waits=True)

    async def asked_about(self, interaction: Interaction, message: discord.Message) -> None:
        """The menu of a message: "Ask privately about this"."""
        await self._open(interaction, render.ask_form(message.content, self._say(interaction)))

    async def wants_to_forget(self, interaction: Interaction, about: str | None = None) -> None:
        """Without saying what: a form to tick it in. ``about`` as in ``_take``."""
        person = await self._person(interaction, about)
        known = await forgetting.known(self._ears.known, person, str(interaction.locale))
        if known:
            await self._open(interaction, render.forget_form(known, person, self._say(interaction)))
        else:
            await self._remark(interaction, words.TRY_AGAIN if known is None else forgetting.NOTHING_KNOWN)

    async def pressed(self, interaction: Interaction) -> None:
        if self._moderators is not None and self._moderators.concern(interaction):
            await self._moderators.pressed(interaction)
            return
        press = read_press(interaction)
        if isinstance(press, Skipped):
            await self._remark(interaction, words.OLD_BUTTON)
            return
        tag = press.tag
        if interaction.guild_id is not None and tag.who not in (0, interaction.user.id):
            await self._remark(interaction, words.NOT_YOURS)
            return
        match tag.press:
            case ids.Press.CHOOSE if tag.rest == forgetting.FORGET:
                await self.wants_to_forget(interaction, ids.workspace_of(tag.who))
            case ids.Press.CHOOSE:
                await self._chose(interaction, press)
            case ids.Press.WORDS | ids.Press.ASK:
                await self._open(interaction, render.words_form(tag.rest, self._say(interaction)))
            case ids.Press.ANSWER:
                await self._answer_privately(interaction, tag)
            case ids.Press.READ:
                await self._read_privately(interaction, tag)
            case ids.Press.HELPED:
                await self._helped(interaction, press)

    async def submitted(self, interaction: Interaction) -> None:
        if self._moderators is not None and self._moderators.concern(interaction):
            await self._moderators.submitted(interaction)
            return
        form = read_submission(interaction)
        if isinstance(form, Skipped):
            await self._remark(interaction, words.OLD_BUTTON)
            return
        forget, content = form.tag.press is ids.Press.FORGET, translate.content_of(form, self._say(interaction))
        if content is None:
            await self._remark(interaction, forgetting.NOTHING_TICKED if forget else words.PICK_ONE)
            return
        about = ids.workspace_of(form.tag.who) if forget else None
        # What is typed in private counts as said in private, wherever the form was opened.
        await self._take(interaction, DIRECT, content, waits=True, about=about)

    async def unknown(self, interaction: Interaction) -> None:
        """A command as an earlier release had it."""
        await self._remark(interaction, words.OLD_COMMAND)

    # -- one press -------------------------------------------------------------------------------------------------

    async def _chose(self, interaction: Interaction, press: Press) -> None:
        tag, channel = press.tag, interaction.channel_id
        choice = press.picked or tag.rest
        direct = interaction.guild_id is None
        space = DIRECT if direct or tag.private or channel is None else ids.channel_space(channel)
        about = ids.workspace_of(tag.who)
        taken = await self._take(interaction, space, Chose(choice), waits=False, about=about)
        if taken and press.plain and not choice.startswith("do:") and not choice.endswith(":why"):
            self._background.start(self._settle(interaction, press), "settling a question")

    async def _answer_privately(self, interaction: Interaction, tag: ids.Tag) -> None:
        attribute, _, key = tag.rest.partition(".")
        message = await self._envelope(key)
        if message is not None and isinstance(message.body, Question):
            await self._open(interaction, render.question_form(message.body, self._say(interaction), private=True))
            return
        # The core still knows the question, and explains it together with its choices.
        await self._take(interaction, DIRECT, Chose(f"{attribute}:why"), waits=True)

    async def _read_privately(self, interaction: Interaction, tag: ids.Tag) -> None:
        message = await self._envelope(tag.rest)
        if message is None:
            await self._remark(interaction, words.GONE)
            return
        visit = Visit(interaction, direct=interaction.guild_id is None, waits=True)
        await self._acknowledge(visit)
        sink = VisitSink(visit, self._platform.ways.brake)
        for number, card in enumerate(render.cards(message, sink.where, self._say(interaction))):
            await sink.send(card, message.id, number)

    async def _helped(self, interaction: Interaction, press: Press) -> None:
        """The buttons give way to what was said; the core is not concerned."""
        if not self._platform.ways.visits.begin(Visit(interaction, interaction.guild_id is None, waits=False)):
            self._ears.count(Count.DUPLICATE)
            return
        said = views.buttons(render.settled(press.text, press.label, press.tag))
        await self._respond(lambda: interaction.response.edit_message(view=said))
        if self._ears.feedback_given is not None:
            # In direct messages the button names the server it is about, in a server the person.
            guild = press.tag.who if interaction.guild_id is None else interaction.guild_id
            person = translate.person_of(interaction.user.id, guild)
            await self._ears.feedback_given(person, press.tag.rest[1:], press.tag.rest.startswith("+"))

    async def _envelope(self, key: str) -> Outbound | None:
        try:
            async with asyncio.timeout(_LOOKUP):
                return await self._platform.envelopes.find(key)
        except (TimeoutError, StoreUnavailable):
            return None

    async def _settle(self, interaction: Interaction, press: Press) -> None:
        card = render.settled(press.text, press.label, press.tag)
        with self._platform.ways.brake.calling("settling a question"):
            async with patience():
                view = views.buttons(card)
                await interaction.edit_original_response(content=card.text, view=view, allowed_mentions=NOBODY)

    # -- acknowledging and claiming --------------------------------------------------------------------------------

    async def _take(
        self, interaction: Interaction, space: Space, content: Content, *, waits: bool, about: str | None = None
    ) -> bool:
        """Acknowledge and claim at once. True when the event is new and claimed. ``about``: which workspace direct
        messages are about, where the pressed button says so."""
        visit = Visit(interaction, direct=interaction.guild_id is None, waits=waits)
        if not self._platform.ways.visits.begin(visit):
            self._ears.count(Count.DUPLICATE)
            return False
        async with asyncio.TaskGroup() as group:
            group.create_task(self._acknowledge(visit))
            claim = group.create_task(self._claim(interaction, space, content, about))
        receipt = claim.result()
        if receipt is None:
            await self._line(visit, words.TRY_AGAIN)
            return False
        if waits:
            self._background.start(self._tidy(receipt.turn_id, visit), "ending a wait")
        return not receipt.duplicate

    async def _claim(
        self, interaction: Interaction, space: Space, content: Content, about: str | None
    ) -> Receipt | None:
        """None when the event could not be claimed."""
        person = await self._person(interaction, about)
        locale = str(interaction.locale)
        self._remember(interaction, person, locale)
        inbound = translate.from_interaction(interaction.id, person, space, content, locale)
        try:
            return await self._claims.accept(inbound, PRESS_PAUSES)
        except StoreUnavailable:
            return None
        except Exception as error:  # noqa: BLE001 - raised, it would cut off the acknowledgement beside it
            self._ears.count(Count.FAILED)
            _LOG.error("an interaction was not taken in: %s", type(error).__name__)
            return None

    async def _acknowledge(self, visit: Visit) -> None:
        response = visit.interaction.response
        try:
            with self._platform.ways.brake.calling("acknowledging"):
                async with patience():
                    await response.defer(thinking=visit.waits, ephemeral=visit.waits and not visit.direct)
        except Refused as refusal:
            # Too late, or answered before the process died: what was asked for is done all the same.
            visit.failed = True
            level = logging.INFO if refusal.code == ANSWERED else logging.WARNING
            _LOG.log(level, "an interaction was not acknowledged: %s", refusal)
        finally:
            visit.opened.set()

    async def _tidy(self, turn: str, visit: Visit) -> None:
        """When the turn ended and its reply went another way, "thinking" must not stay."""
        await self._claims.finished(turn)
        if not visit.used:
            await self._line(visit, words.SENT if visit.direct else words.IN_DIRECT)

    async def _line(self, visit: Visit, phrase: str) -> None:
        line = self._say(visit.interaction)(phrase)
        try:
            await VisitSink(visit, self._platform.ways.brake).send(Card(line), "", 0)
        except Refused as refusal:
            _LOG.info("a line was not shown: %s", refusal)

    async def _remark(self, interaction: Interaction, phrase: str) -> None:
        """Answer without the core."""
        line = self._say(interaction)(phrase)
        self._ears.count(Count.SKIPPED)
        await self._respond(lambda: interaction.response.send_message(line, ephemeral=True, allowed_mentions=NOBODY))

    async def _open(self, interaction: Interaction, form: Form) -> None:
        await self._respond(lambda: interaction.response.send_modal(views.modal(form)))

    async def _respond(self, call: Callable[[], Awaitable[object]]) -> None:
        try:
            with self._platform.ways.brake.calling("answering an interaction"):
                async with patience():
                    await call()
        except Refused as refusal:
            _LOG.info("an interaction was not answered: %s", refusal)

    def _say(self, interaction: Interaction) -> Say:
        return speaking(self._platform.lines, str(interaction.locale))

    # -- who -------------------------------------------------------------------------------------------------------

    async def _person(self, interaction: Interaction, about: str | None) -> Person:
        guild, channel = interaction.guild_id or 0, interaction.channel_id
        if not guild and about is None and channel is not None:
            about = await lately.about(self._platform.ways, channel, interaction.id)
        return translate.person_of(interaction.user.id, guild, about)

    def _remember(self, interaction: Interaction, person: Person, locale: str) -> None:
        places, user, channel = self._platform.ways.places, int(person.user), interaction.channel_id
        self._beside(self._locales.learn(user, locale), "keeping a language")
        if interaction.guild_id is not None and channel is not None:
            places.saw(person, channel)
        elif channel is not None:
            places.wrote_direct(person.user, channel)
            self._beside(self._platform.catch_up.meet(channel, interaction.id, user), "keeping a bookmark")

    def _beside(self, work: Coroutine[None, None, None], what: str) -> None:
        """What the answer does not wait for, and what a process that stops may leave undone."""
        if self._platform.ways.beside() is None:
            work.close()
        else:
            self._background.start(work, what)
