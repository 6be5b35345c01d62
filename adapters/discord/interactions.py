"""Commands, buttons and forms. Discord does not send these again and wants to hear from us within 3 s, so each is
acknowledged and claimed at the same time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import discord

from adapters.background import Background
from adapters.discord import ids, lately, render, translate, views, words
from adapters.discord.calls import ANSWERED, Refused, patience
from adapters.discord.cards import Card, Form
from adapters.discord.ears import PRESS_PAUSES, Claims, Count, Ears
from adapters.discord.locales import KnownLocales
from adapters.discord.moderators import Moderators
from adapters.discord.platform import DiscordPlatform
from adapters.discord.shapes import Press, Skipped, read_press, read_submission
from adapters.discord.sinks import NOBODY, VisitSink
from adapters.discord.visits import Visit
from bot.chat import Chose, Content, Outbound, Question, Receipt
from bot.clock import Clock, Seconds
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
        clock: Clock,
    ) -> None:
        self._ears = ears
        self._claims = claims
        self._platform = platform
        self._locales = locales
        self._background = background
        self._clock = clock
        self._moderators = None if ears.presses is None else Moderators(ears.presses, platform.ways.brake)

    async def handle(self, interaction: Interaction, work: Coroutine[None, None, None]) -> None:
        """Run ``work`` for an interaction; whatever breaks, the person gets a line and the log no words of theirs."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - discord.py would log the error's text, which may be a person's
            self._ears.count(Count.FAILED)
            _LOG.error("an interaction failed: %s", _name_of(error))
            await self._respond(lambda: _say_try_again(interaction))

    # -- what people do --------------------------------------------------------------------------------------------

    async def ordered(self, interaction: Interaction, content: Content, *, here: bool = False) -> None:
        """A slash command. What it says belongs to direct messages, unless it is about what was said ``here``."""
        channel = interaction.channel_id
        public = here and interaction.guild_id is not None and channel is not None
        space = ids.channel_space(channel) if public and channel is not None else DIRECT
        await self._take(interaction, space, content, waits=True)

    async def asked_about(self, interaction: Interaction, message: discord.Message) -> None:
        """The menu of a message: "Ask privately about this"."""
        await self._open(interaction, render.ask_form(message.content))

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
            case ids.Press.CHOOSE:
                await self._chose(interaction, press)
            case ids.Press.WORDS | ids.Press.ASK:
                await self._open(interaction, render.words_form(tag.rest))
            case ids.Press.ANSWER:
                await self._answer_privately(interaction, tag)
            case ids.Press.READ:
                await self._read_privately(interaction, tag)

    async def submitted(self, interaction: Interaction) -> None:
        if self._moderators is not None and self._moderators.concern(interaction):
            await self._moderators.submitted(interaction)
            return
        form = read_submission(interaction)
        if isinstance(form, Skipped):
            await self._remark(interaction, words.OLD_BUTTON)
            return
        typed = form.values.get(render.WORDS, "")
        content: Content | None
        if form.tag.press is ids.Press.ASK:
            content = translate.question_about(typed, form.values.get(render.ABOUT, ""))
        else:
            content = translate.answer_of(form.values.get(render.CHOICE, ""), typed)
        if content is None:
            await self._remark(interaction, words.PICK_ONE)
            return
        # What is typed in private counts as said in private, wherever the form was opened.
        await self._take(interaction, DIRECT, content, waits=True)

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
            await self._open(interaction, render.question_form(message.body, private=True))
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
        for number, card in enumerate(render.cards(message, sink.where)):
            await sink.send(card, message.id, number)

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

    async def _line(self, visit: Visit, line: str) -> None:
        try:
            await VisitSink(visit, self._platform.ways.brake).send(Card(line), "", 0)
        except Refused as refusal:
            _LOG.info("a line was not shown: %s", refusal)

    async def _remark(self, interaction: Interaction, line: str) -> None:
        """Answer without the core."""
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

    # -- who -------------------------------------------------------------------------------------------------------

    async def _person(self, interaction: Interaction, about: str | None) -> Person:
        guild, channel = interaction.guild_id or 0, interaction.channel_id
        if not guild and about is None and channel is not None:
            about = await lately.about(self._platform.ways, channel, interaction.id)
        return translate.person_of(interaction.user.id, guild, about)

    def _remember(self, interaction: Interaction, person: Person, locale: str) -> None:
        places, user = self._platform.ways.places, int(person.user)
        self._background.start(self._locales.learn(user, locale), "keeping a language")
        if interaction.guild_id is not None and interaction.channel_id is not None:
            places.saw(person, interaction.channel_id)
        elif interaction.channel_id is not None:
            places.wrote_direct(person.user, interaction.channel_id)
            met = self._platform.catch_up.meet(interaction.channel_id, interaction.id, user)
            self._background.start(met, "keeping a bookmark")


async def _say_try_again(interaction: Interaction) -> None:
    if interaction.response.is_done():
        await interaction.followup.send(words.TRY_AGAIN, ephemeral=True, allowed_mentions=NOBODY)
    else:
        await interaction.response.send_message(words.TRY_AGAIN, ephemeral=True, allowed_mentions=NOBODY)


def _name_of(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return type(error).__name__
