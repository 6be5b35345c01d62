"""Where a message can be written, and grow: a channel (direct messages too), or the answer to an interaction."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final, Protocol

import discord

from adapters.discord import ids, views
from adapters.discord.calls import UNKNOWN_MESSAGE, Brake, Refused, patience
from adapters.discord.cards import Card
from adapters.discord.render import Where
from adapters.discord.visits import Visit
from bot.chat import Attachment

NOBODY: Final = discord.AllowedMentions.none()


class Sink(Protocol):
    """Raises Refused."""

    @property
    def where(self) -> Where: ...

    async def send(self, card: Card, message: str, part: int, file: Attachment | None = None) -> int:
        """Part ``part`` of the Outbound ``message``; returns its id. The same call again writes no second message."""
        ...

    async def edit(self, posted: int, card: Card) -> None: ...

    async def delete(self, posted: int) -> None: ...


class ChannelSink:
    """A channel, a thread or direct messages; ``reply_to`` shows whose words it answers."""

    def __init__(
        self,
        rest: discord.Client,
        brake: Brake,
        channel: int,
        where: Where,
        reply_to: int | None = None,
        guild: int | None = None,
    ) -> None:
        self.channel = channel
        self._brake = brake
        self._where = where
        self._target = rest.get_partial_messageable(channel, guild_id=guild)
        self._reference = (
            discord.MessageReference(message_id=reply_to, channel_id=channel, fail_if_not_exists=False)
            if reply_to is not None
            else None
        )

    @property
    def where(self) -> Where:
        return self._where

    async def send(self, card: Card, message: str, part: int, file: Attachment | None = None) -> int:
        try:
            return await self._send(card, ids.nonce(message, part), file)
        except Refused as refusal:
            if refusal.code != UNKNOWN_MESSAGE:
                raise
            # What an earlier attempt had sent was deleted meanwhile, and Discord remembers the nonce.
            return await self._send(card, ids.nonce(message, part, again=1), file)

    async def _send(self, card: Card, nonce: str, file: Attachment | None) -> int:
        with self._brake.calling("sending a message"):
            async with patience():
                sent = await self._target.send(
                    content=None if card.panel else card.text,
                    view=views.view(card),  # type: ignore[arg-type]  # the overloads tell View from LayoutView
                    file=_file(file) if file is not None else None,  # type: ignore[arg-type]  # None is the default
                    nonce=nonce,
                    reference=self._reference,  # type: ignore[arg-type]  # None is the default
                    mention_author=False,
                    allowed_mentions=NOBODY,
                )
        if not card.panel and sent.content != card.text:
            # Discord recognised the nonce and gave back what an earlier attempt had written.
            await self.edit(sent.id, card)
        return sent.id

    async def edit(self, posted: int, card: Card) -> None:
        message = self._target.get_partial_message(posted)
        with self._brake.calling("editing a message"):
            async with patience():
                if card.panel:
                    await message.edit(view=views.panel(card), allowed_mentions=NOBODY)
                else:
                    await message.edit(content=card.text, view=views.buttons(card), allowed_mentions=NOBODY)

    async def delete(self, posted: int) -> None:
        try:
            with self._brake.calling("deleting a message"):
                async with patience():
                    await self._target.get_partial_message(posted).delete()
        except Refused as refusal:
            if refusal.code != UNKNOWN_MESSAGE:
                raise


class VisitSink:
    """The answer to an interaction: for one person alone where the place is public. Lives for 15 minutes."""

    def __init__(self, visit: Visit, brake: Brake) -> None:
        self._visit = visit
        self._brake = brake

    @property
    def where(self) -> Where:
        return Where.DIRECT if self._visit.direct else Where.WHISPER

    async def send(self, card: Card, message: str, part: int, file: Attachment | None = None) -> int:
        visit = self._visit
        await visit.opened.wait()
        if visit.failed:
            raise Refused("answering an interaction", "it could not be acknowledged in time", permanent=True)
        key = (message, part)
        if key in visit.posted:
            await self.edit(visit.posted[key], card)
        else:
            with self._brake.calling("answering an interaction"):
                async with patience():
                    sent = self._original(card, file) if visit.takes_original(key) else self._further(card, file)
                    visit.posted[key] = await sent
        return visit.posted[key]

    async def _original(self, card: Card, file: Attachment | None) -> int:
        sent = await self._visit.interaction.edit_original_response(
            content=discord.utils.MISSING if card.panel else card.text,
            view=views.view(card),
            attachments=[_file(file)] if file is not None else [],
            allowed_mentions=NOBODY,
        )
        return sent.id

    async def _further(self, card: Card, file: Attachment | None) -> int:
        visit = self._visit
        if card.panel:
            shown = await visit.interaction.followup.send(
                view=views.panel(card), ephemeral=not visit.direct, allowed_mentions=NOBODY, wait=True
            )
        else:
            shown = await visit.interaction.followup.send(
                card.text,
                view=views.buttons(card) or discord.utils.MISSING,
                file=_file(file) if file is not None else discord.utils.MISSING,
                ephemeral=not visit.direct,
                allowed_mentions=NOBODY,
                wait=True,
            )
        return shown.id

    async def edit(self, posted: int, card: Card) -> None:
        with self._brake.calling("editing an answer"):
            async with patience():
                if card.panel:
                    await self._visit.interaction.followup.edit_message(posted, view=views.panel(card))
                else:
                    await self._visit.interaction.followup.edit_message(
                        posted, content=card.text, view=views.buttons(card), allowed_mentions=NOBODY
                    )

    async def delete(self, posted: int) -> None:
        with self._brake.calling("deleting an answer"):
            async with patience():
                await self._visit.interaction.followup.delete_message(posted)


async def say_anyhow(interaction: discord.Interaction[Any], line: str) -> None:
    """To the person alone, whether or not the interaction was answered already. Raises what discord.py raises."""
    if interaction.response.is_done():
        await interaction.followup.send(line, ephemeral=True, allowed_mentions=NOBODY)
    else:
        await interaction.response.send_message(line, ephemeral=True, allowed_mentions=NOBODY)


def _file(file: Attachment) -> discord.File:
    return discord.File(BytesIO(file.content.reveal()), filename=file.name)
