"""Buttons, modals and the slash command."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable

import aiohttp
from slack_bolt import BoltResponse

from adapters import forgetting
from adapters.background import Background
from adapters.slack import ids, render, translate, words
from adapters.slack.answers import ack, answer
from adapters.slack.calls import Calls
from adapters.slack.deliveries import metadata
from adapters.slack.ears import Claims, Ears
from adapters.slack.locales import Locales
from adapters.slack.nodes import read_json, text
from adapters.slack.places import Places
from adapters.slack.shapes import Click, Sender, Slash, Submission
from adapters.slack.web import Place, Refused
from adapters.speaking import Lines, speaking
from bot.chat import Receipt
from bot.chat.installations import Installation
from bot.clock import Clock
from bot.errors import StoreUnavailable

_LOG = logging.getLogger(__name__)


class Interactions:
    """What people press, send and command. Slack does not send these again: what cannot be taken in is said at once."""

    def __init__(
        self,
        ears: Ears,
        claims: Claims,
        places: Places,
        calls: Calls,
        locales: Locales,
        lines: Lines,
        background: Background,
        session: aiohttp.ClientSession,
        clock: Clock,
    ) -> None:
        self._ears = ears
        self._claims = claims
        self._places = places
        self._calls = calls
        self._locales = locales
        self._lines = lines
        self._background = background
        self._session = session
        self._clock = clock

    async def click(self, click: Click, installation: Installation) -> BoltResponse:
        if click.action == translate.PRIVATELY:
            return await self._open_modal(click, installation)
        if click.action == translate.FEEDBACK:
            given = self._ears.feedback_given(
                translate.person_of(click.sender), click.value[1:], click.value.startswith("+")
            )
            self._background.start(_coroutine(given), "recording feedback")
            return ack()
        locale = await self._locales.of(installation, click.sender.user)
        inbound = translate.from_click(click, locale)
        if inbound is None:
            self._tell(click.reply_to, self._lines(locale, words.OLD_BUTTON), "answering an old button")
            return ack()
        button = translate.Button.read(click.value)
        if button.user not in ("", click.sender.user):
            self._tell(click.reply_to, self._lines(locale, words.NOT_YOURS), "answering a stranger's click")
            return ack()
        if click.action == f"{translate.CHOOSE}{forgetting.FORGET}":
            return await self._wants_to_forget(click, locale, installation)
        self._places.saw(inbound.person, click.channel, click.root)
        try:
            receipt = await self._claims.accept(inbound)
        except StoreUnavailable:
            self._tell(click.reply_to, self._lines(locale, words.TRY_AGAIN), "excusing a click")
            raise
        if button.settles and click.blocks:
            self._background.start(self._settle(click, button, installation), "settling a question")
        if click.view and not click.channel:
            self._background.start(self._refresh_home(click.sender, click.at, receipt, locale), "refreshing App Home")
        return ack()

    async def _open_modal(self, click: Click, installation: Installation) -> BoltResponse:
        """At once: the trigger of a click lives for 3 s."""
        asked = read_json(click.value) or {}
        say = speaking(self._lines, self._locales.at_hand(installation, click.sender.user))
        if text(asked, "u") not in ("", click.sender.user):
            self._tell(click.reply_to, say(words.NOT_YOURS), "answering a stranger's click")
            return ack()
        pairs = asked.get("c")
        choices = [
            (str(pair[0]), str(pair[1]))
            for pair in (pairs if isinstance(pairs, list) else [])
            if isinstance(pair, list) and len(pair) == 2
        ]
        back = json.dumps({"back": text(asked, "back"), "r": click.reply_to}, separators=(",", ":"))
        view = render.modal(text(asked, "q"), text(asked, "r"), choices, back, say)
        try:
            await self._calls.open_view(installation.workspace, installation.token.reveal(), click.trigger, view)
        except Refused as refusal:
            _LOG.info("a modal did not open: %s", refusal)
            self._tell(click.reply_to, say(words.SLOW_MODAL), "excusing a modal")
        return ack()

    async def submission(self, submission: Submission, installation: Installation) -> BoltResponse:
        if submission.callback == translate.FORGET_VIEW:
            return await self._ticked(submission, installation)
        if submission.callback != translate.QUESTION_VIEW:
            return answer({"response_action": "clear"})
        locale = await self._locales.of(installation, submission.sender.user)
        inbound = translate.from_submission(submission, self._clock.now(), locale)
        if inbound is None:
            return answer({"response_action": "errors", "errors": {"words": self._lines(locale, words.PICK_ONE)}})
        await self._claims.accept(inbound)
        reply_to = text(read_json(submission.metadata), "r")
        self._background.start(
            self._reply(reply_to, self._lines(locale, words.SENT), replace=True), "thanking for an answer"
        )
        return ack()

    async def slash(self, slash: Slash, installation: Installation) -> BoltResponse:
        if forgetting.asks_for_the_form(translate.command_of(slash)):
            where = "" if ids.is_direct(slash.channel) else slash.reply_to
            line = await self._open_boxes(slash.sender, slash.trigger, json.dumps({"r": where}), installation)
            return answer({"response_type": "ephemeral", "text": line}) if line else ack()
        locale = await self._locales.of(installation, slash.sender.user)
        root = self._places.thread_in(translate.person_of(slash.sender), slash.channel)
        inbound = translate.from_slash(slash, self._clock.now(), locale, root)
        try:
            await self._claims.accept(inbound)
        except StoreUnavailable:
            # Slack does not send a command again, so the person is told.
            return answer({"response_type": "ephemeral", "text": self._lines(locale, words.TRY_AGAIN)})
        if ids.is_direct(slash.channel) or not inbound.space.private:
            return ack()
        return answer({"response_type": "ephemeral", "text": self._lines(locale, words.IN_DIRECT)})

    # -- forgetting what is ticked -----------------------------------------------------------------------------------

    async def _wants_to_forget(self, click: Click, locale: str, installation: Installation) -> BoltResponse:
        home = bool(click.view and not click.channel)
        where = "" if ids.is_direct(click.channel) else click.reply_to
        kept = json.dumps({"r": where, "home": click.at if home else ""})
        line = await self._open_boxes(click.sender, click.trigger, kept, installation)
        if line and home:  # which says the same, read again
            self._background.start(self._show_home(click.sender, click.at, locale), "refreshing App Home")
        elif line:
            self._tell(click.reply_to, line, "excusing a modal")
        return ack()

    async def _open_boxes(self, sender: Sender, trigger: str, kept: str, installation: Installation) -> str:
        """At once, as above. What to say where no modal opens; empty where it does."""
        locale = self._locales.at_hand(installation, sender.user)
        say = speaking(self._lines, locale)
        known = await forgetting.known(self._ears.known, translate.person_of(sender), locale)
        if not known:
            return say(words.TRY_AGAIN if known is None else forgetting.NOTHING_KNOWN)
        view = render.forget_modal(known, kept, say)
        try:
            await self._calls.open_view(installation.workspace, installation.token.reveal(), trigger, view)
        except Refused as refusal:
            _LOG.info("a modal did not open: %s", refusal)
            return say(words.SLOW_MODAL)
        return ""

    async def _ticked(self, submission: Submission, installation: Installation) -> BoltResponse:
        locale = await self._locales.of(installation, submission.sender.user)
        inbound = translate.from_ticked(submission, self._clock.now(), locale)
        if inbound is None:
            problem = {render.FIRST_BOXES: self._lines(locale, forgetting.NOTHING_TICKED)}
            return answer({"response_action": "errors", "errors": problem})
        receipt = await self._claims.accept(inbound)
        kept = read_json(submission.metadata)
        if text(kept, "home"):
            self._background.start(
                self._refresh_home(submission.sender, submission.view, receipt, locale), "refreshing App Home"
            )
        self._tell(text(kept, "r"), self._lines(locale, words.IN_DIRECT), "saying where the answer is")
        return ack()

    async def _refresh_home(self, sender: Sender, at: str, receipt: Receipt, locale: str) -> None:
        await self._ears.intake.finished(receipt.turn_id)
        await self._show_home(sender, at, locale)

    async def _show_home(self, sender: Sender, at: str, locale: str) -> None:
        await self._claims.accept(translate.from_home(sender, at, self._clock.now(), locale))

    # -- telling -----------------------------------------------------------------------------------------------------

    def _tell(self, reply_to: str, line: str, why: str, *, replace: bool = False) -> None:
        self._background.start(self._reply(reply_to, line, replace=replace), why)

    async def _reply(self, reply_to: str, line: str, *, replace: bool) -> None:
        """To the person alone, by the address that came with a click; any other than Slack's own is not called."""
        if not self._calls.may_call(reply_to):
            return
        note = {"response_type": "ephemeral", "replace_original": replace, "text": line}
        async with self._session.post(reply_to, json=note, allow_redirects=False) as answer:
            await answer.read()

    async def _settle(self, click: Click, button: translate.Button, installation: Installation) -> None:
        asked = any(text(block, "block_id").startswith(render.QUESTION_BLOCK) for block in click.blocks)
        if not asked:
            return
        place = Place(installation.workspace, installation.token.reveal(), click.channel)
        blocks = render.settled(click.blocks, click.label)
        kept = metadata(button.message, 0, last=True) if button.message else None
        await self._calls.edit(place, click.message, click.label or "✓", blocks, kept)


async def _coroutine(work: Awaitable[None]) -> None:
    await work
