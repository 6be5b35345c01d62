"""A channel of moderators in Discord: cards posted and edited, buttons and forms answered for those who press alone."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import discord

from adapters.discord import case_cards, ids, permissions, words
from adapters.discord.calls import ANSWERED, UNKNOWN_MESSAGE, Brake, Refused, patience
from adapters.discord.shapes import name_of, typed
from adapters.discord.sinks import NOBODY
from adapters.discord.translate import person_of
from adapters.discord.ways import Ways
from adapters.speaking import Lines
from bot.clock import Seconds
from bot.identity import Person
from bot.private import Private
from bot.review.chat.board import NotShown, Trouble
from bot.review.chat.cards import Card, Field, Filled, Form, Press, form_of
from bot.review.chat.channel import Channel
from bot.review.chat.presses import Presses, Said, Shown

_LOG = logging.getLogger(__name__)
_SKEW: Final[Seconds] = 60.0
"""Discord's clock and ours may differ by this much."""
_LOOK_BACK: Final = 200
Interaction = discord.Interaction[Any]


class DiscordSurface:
    """Cards in Discord's channels."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways

    async def find(self, channel: Channel, case_id: str, since: Seconds) -> str:
        after = discord.Object(discord.utils.time_snowflake(datetime.fromtimestamp(since - _SKEW, UTC)))
        try:
            rest, there = await self._there(channel)
            with self._ways.brake.calling("looking for a card"):
                async with patience():
                    async for message in there.history(limit=_LOOK_BACK, after=after):
                        if rest.user is not None and message.author.id == rest.user.id and _is_of(message, case_id):
                            return str(message.id)
        except Refused as refusal:
            raise await self._not_shown(refusal, channel) from None
        return ""

    async def post(self, channel: Channel, card: Card) -> str:
        made = f"{channel}/{card.case_id}/{card.digest}"
        try:
            try:
                return await self._post(channel, card, ids.nonce(made, 0))
            except Refused as refusal:
                if refusal.code != UNKNOWN_MESSAGE:
                    raise
                # The same card was posted and taken away a moment ago, and Discord remembers the nonce.
                return await self._post(channel, card, ids.nonce(made, 0, again=1))
        except Refused as refusal:
            raise await self._not_shown(refusal, channel) from None

    async def _post(self, channel: Channel, card: Card, nonce: str) -> str:
        """The nonce is for the library, which tries again by itself when Discord stumbles."""
        view = case_cards.buttons(card)
        _, there = await self._there(channel)
        with self._ways.brake.calling("posting a card"):
            async with patience():
                sent = await there.send(
                    case_cards.text(card),
                    view=view,  # type: ignore[arg-type]  # None is the default
                    nonce=nonce,
                    allowed_mentions=NOBODY,
                )
        return str(sent.id)

    async def edit(self, channel: Channel, message: str, card: Card) -> None:
        view = case_cards.buttons(card)
        try:
            _, there = await self._there(channel)
            with self._ways.brake.calling("editing a card"):
                async with patience():
                    posted = there.get_partial_message(int(message))
                    await posted.edit(content=case_cards.text(card), view=view, allowed_mentions=NOBODY)
        except Refused as refusal:
            raise await self._not_shown(refusal, channel) from None

    async def _there(self, channel: Channel) -> tuple[discord.Client, discord.PartialMessageable]:
        rest = await self._ways.client()
        return rest, rest.get_partial_messageable(int(channel.id), guild_id=int(channel.workspace))

    async def _not_shown(self, refusal: Refused, channel: Channel) -> NotShown:
        if refusal.code == UNKNOWN_MESSAGE:
            return NotShown(Trouble.LOST, str(refusal))
        if not refusal.permanent:
            return NotShown(Trouble.PASSING, str(refusal))
        problem = str(refusal)
        if refusal.no_permission:
            rest = await self._ways.client()
            lacking = await permissions.missing(rest, self._ways.brake, int(channel.workspace), int(channel.id))
            problem = f"{problem}: {lacking}" if lacking else problem
        return NotShown(Trouble.REFUSED, problem)


def _is_of(message: discord.Message, case_id: str) -> bool:
    rows = (row.children for row in message.components if isinstance(row, discord.ActionRow))
    names = (each.custom_id or "" for row in rows for each in row)
    return any(each.startswith(case_cards.PREFIX) and each.endswith(f":{case_id}") for each in names)


class Moderators:
    """Buttons and forms of cards. A form must open within 3 s of the press and cannot be announced before; everything
    else is acknowledged first."""

    def __init__(self, presses: Presses, brake: Brake, lines: Lines) -> None:
        self._presses = presses
        self._brake = brake
        self._lines = lines

    @staticmethod
    def concern(interaction: Interaction) -> bool:
        """Whether a press or a form belongs to cards."""
        return name_of(interaction).startswith(case_cards.PREFIX)

    async def pressed(self, interaction: Interaction) -> None:
        found = case_cards.read(name_of(interaction))
        if found is None:
            await self._say_first(interaction, self._lines(str(interaction.locale), words.OLD_BUTTON))
            return
        press, case_id = found
        opens = form_of(press, case_id) is not None
        if not opens and not await self._announced(interaction):
            return
        outcome = await self._presses.pressed(_who(interaction), press, case_id)
        if isinstance(outcome, Form):
            await self._open(interaction, outcome)
        elif opens:
            await self._say_first(interaction, outcome.text)
        else:
            await self._say(interaction, (outcome.text,))

    async def submitted(self, interaction: Interaction) -> None:
        found = case_cards.read(name_of(interaction))
        if found is None:
            await self._say_first(interaction, self._lines(str(interaction.locale), words.OLD_BUTTON))
            return
        if not await self._announced(interaction):
            return
        filled = _filled(interaction)
        press, case_id = found
        outcome = await self._presses.submitted(_who(interaction), press, case_id, filled)
        match outcome:
            case Shown(view):
                await self._say(interaction, case_cards.revealed(view))
            case Said(text, done=False) if press is not Press.REVEAL:
                await self._say(interaction, case_cards.kept(text, filled))
            case Said(text):
                await self._say(interaction, (text,))

    async def _announced(self, interaction: Interaction) -> bool:
        """False for an event that was met before: Discord replays events after a lost connection."""
        try:
            with self._brake.calling("acknowledging a moderator"):
                async with patience():
                    await interaction.response.defer(thinking=True, ephemeral=True)
        except Refused as refusal:
            _LOG.info("a moderator's press was not acknowledged: %s", refusal)
            return refusal.code != ANSWERED
        return True

    async def _open(self, interaction: Interaction, form: Form) -> None:
        try:
            with self._brake.calling("opening a form"):
                async with patience():
                    await interaction.response.send_modal(case_cards.modal(form))
        except Refused as refusal:
            _LOG.info("a moderator's form did not open: %s", refusal)

    async def _say_first(self, interaction: Interaction, line: str) -> None:
        try:
            with self._brake.calling("answering a moderator"):
                async with patience():
                    await interaction.response.send_message(line, ephemeral=True, allowed_mentions=NOBODY)
        except Refused as refusal:
            _LOG.info("a moderator was not answered: %s", refusal)

    async def _say(self, interaction: Interaction, pieces: Iterable[str]) -> None:
        """In place of "thinking", and after it."""
        try:
            for number, piece in enumerate(pieces):
                with self._brake.calling("answering a moderator"):
                    async with patience():
                        if number:
                            await interaction.followup.send(piece, ephemeral=True, allowed_mentions=NOBODY, wait=True)
                        else:
                            await interaction.edit_original_response(content=piece, allowed_mentions=NOBODY)
        except Refused as refusal:
            _LOG.info("a moderator was not answered: %s", refusal)


def _who(interaction: Interaction) -> Person:
    return person_of(interaction.user.id, interaction.guild_id or 0)


def _filled(interaction: Interaction) -> Filled:
    values = typed(interaction)
    return Filled(
        choice=values.get(Field.CHOICE.value, ""),
        words=Private(values.get(Field.WORDS.value, "").strip()),
        note=Private(values.get(Field.NOTE.value, "").strip()),
    )
