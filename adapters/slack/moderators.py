"""A channel of moderators in Slack: cards posted and edited, buttons and forms answered.

Slack wants an acknowledgement within 3 s and sends nothing again, while a step at the desk may also deliver a message
to a person: so a press is acknowledged at once and answered by a note for the one who pressed, and a form waits a
moment, to stay open with its text when the desk says no.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from slack_bolt import BoltResponse

from adapters.background import Background
from adapters.slack import case_cards
from adapters.slack.answers import ack, answer
from adapters.slack.calls import Block, Calls
from adapters.slack.nodes import text
from adapters.slack.shapes import Click, Sender, Submission
from adapters.slack.translate import person_of
from adapters.slack.web import Place, Refused
from adapters.slack.workspaces import Workspaces
from bot.chat.installations import Installation
from bot.clock import Seconds
from bot.errors import StoreUnavailable
from bot.review.chat.board import NotShown, Trouble
from bot.review.chat.cards import Card, Filled, Form, Press
from bot.review.chat.channel import Channel
from bot.review.chat.presses import Presses, Said, Shown

_LOG = logging.getLogger(__name__)
_WAIT: Final[Seconds] = 2.0
"""How long a form waits for the desk before it closes; Slack gives 3 s."""
_LOST: Final = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_SKEW: Final[Seconds] = 60.0
"""Slack's clock and ours may differ by this much."""
_OLD: Final = "That button is from an earlier release. Please use the desk, or wait until the card has changed."
_SLOW: Final = "That took too long to open. Please press the button once more."


_HINTS: Final = {
    "not_in_channel": ": invite the bot to the channel",
    "channel_not_found": ": it was deleted, or is private and the bot is not in it",
    "is_archived": ": name another channel in the policy, or take it out of the archive",
    "missing_scope": ": install the app again with the scopes of the manifest",
}


def hint(error: str) -> str:
    """What to do about a refusal of Slack, to be added to it; empty where it says enough."""
    return _HINTS.get(error, "")


class SlackSurface:
    """Cards in Slack's channels."""

    def __init__(self, calls: Calls, workspaces: Workspaces) -> None:
        self._calls = calls
        self._workspaces = workspaces

    async def find(self, channel: Channel, case_id: str, since: Seconds) -> str:
        place, installation = await self._place(channel)
        try:
            messages = await self._calls.history(place, f"{since - _SKEW:.6f}")
        except Refused as refusal:
            raise _not_shown(refusal) from None
        for each in messages:
            ours = text(each, "user") == installation.bot_user and text(each, "metadata", "event_type")
            if ours == case_cards.EVENT_TYPE and text(each, "metadata", "event_payload", "case") == case_id:
                return text(each, "ts")
        return ""

    async def post(self, channel: Channel, card: Card) -> str:
        place, _ = await self._place(channel)
        shown = case_cards.blocks(card)
        try:
            return await self._calls.post(place, case_cards.fallback(card), shown, case_cards.metadata(card.case_id))
        except Refused as refusal:
            raise _not_shown(refusal) from None

    async def edit(self, channel: Channel, message: str, card: Card) -> None:
        place, _ = await self._place(channel)
        kept = case_cards.metadata(card.case_id)
        try:
            await self._calls.edit(place, message, case_cards.fallback(card), case_cards.blocks(card), kept)
        except Refused as refusal:
            raise _not_shown(refusal) from None

    async def _place(self, channel: Channel) -> tuple[Place, Installation]:
        try:
            installation = await self._workspaces.find(channel.workspace)
        except StoreUnavailable as problem:
            raise NotShown(Trouble.PASSING, str(problem)) from None
        if installation is None or installation.workspace != channel.workspace:
            raise NotShown(Trouble.REFUSED, f"the app is not installed in the workspace {channel.workspace}")
        return Place(channel.workspace, installation.token.reveal(), channel.id), installation


def _not_shown(refusal: Refused) -> NotShown:
    if refusal.error in _LOST:
        return NotShown(Trouble.LOST, str(refusal))
    return NotShown(Trouble.REFUSED if refusal.permanent else Trouble.PASSING, f"{refusal}{hint(refusal.error)}")


class Moderators:
    """Buttons and forms of cards."""

    def __init__(self, presses: Presses, calls: Calls, background: Background) -> None:
        self._presses = presses
        self._calls = calls
        self._background = background

    @staticmethod
    def concern(action: str) -> bool:
        """Whether an ``action_id`` or ``callback_id`` belongs to cards."""
        return action.startswith(case_cards.PREFIX)

    async def click(self, click: Click, installation: Installation) -> BoltResponse:
        found = case_cards.pressed(click)
        if found is None:
            self._background.start(self._say(click.sender, click.channel, installation, _OLD), "answering an old card")
        else:
            self._background.start(self._press(click, *found, installation), "a moderator's press")
        return ack()

    async def submission(self, submission: Submission, installation: Installation) -> BoltResponse:
        found = case_cards.submitted(submission)
        if found is None:
            return answer({"response_action": "clear"})
        press, case_id, channel, filled = found
        over: asyncio.Future[Said | Shown] = asyncio.get_running_loop().create_future()
        work = self._submit(submission.sender, channel, installation, press, case_id, filled, over)
        self._background.start(work, "a moderator's form")
        await asyncio.wait({over}, timeout=_WAIT)
        if over.done():
            outcome = over.result()
            if isinstance(outcome, Said) and not outcome.done:
                return answer(case_cards.problem(outcome.text, press))
        else:
            over.cancel()
        return answer({"response_action": "clear"})

    async def _press(self, click: Click, press: Press, case_id: str, installation: Installation) -> None:
        outcome = await self._presses.pressed(person_of(click.sender), press, case_id)
        if isinstance(outcome, Form):
            await self._open(click, outcome, installation)
        else:
            await self._say(click.sender, click.channel, installation, outcome.text)

    async def _open(self, click: Click, form: Form, installation: Installation) -> None:
        """At once: the trigger of a click lives for 3 s."""
        view = case_cards.view(form, click.channel)
        try:
            await self._calls.open_view(installation.workspace, installation.token.reveal(), click.trigger, view)
        except Refused as refusal:
            _LOG.info("a moderator's form did not open: %s", refusal)
            await self._say(click.sender, click.channel, installation, _SLOW)

    async def _submit(
        self,
        sender: Sender,
        channel: str,
        installation: Installation,
        press: Press,
        case_id: str,
        filled: Filled,
        over: asyncio.Future[Said | Shown],
    ) -> None:
        outcome = await self._presses.submitted(person_of(sender), press, case_id, filled)
        heard = not over.done()
        if heard:
            over.set_result(outcome)
        if isinstance(outcome, Shown):
            await self._whisper(sender, channel, installation, case_cards.ONLY_YOU, case_cards.revealed(outcome.view))
        elif outcome.done or not heard:
            await self._say(sender, channel, installation, outcome.text)

    async def _say(self, sender: Sender, channel: str, installation: Installation, line: str) -> None:
        section: Block = {"type": "section", "text": {"type": "plain_text", "text": line, "emoji": False}}
        await self._whisper(sender, channel, installation, line, [section])

    async def _whisper(
        self, sender: Sender, channel: str, installation: Installation, fallback: str, shown: list[Block]
    ) -> None:
        place = Place(installation.workspace, installation.token.reveal(), channel)
        try:
            await self._calls.whisper(place, sender.user, fallback, shown)
        except Refused as refusal:
            _LOG.info("an answer to a moderator was not shown: %s", refusal)
