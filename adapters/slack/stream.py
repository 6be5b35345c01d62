"""An answer that grows in front of the person's eyes, over as many messages as it takes.

Natively (``chat.startStream``, ``appendStream``, ``stopStream``) inside threads, else as a message edited about once a
second. A native stream ends by itself after some minutes, or takes no more text: then the next message goes on with
what was not shown yet. What Slack was told but may not have shown (a broken connection) is put right by an edit.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Final

from adapters.slack import escape, words
from adapters.slack.calls import Block, Calls
from adapters.slack.deliveries import Deliveries, metadata
from adapters.slack.limits import Pace
from adapters.slack.parts import Part, Progress
from adapters.slack.render import answer_footer, markdown_part
from adapters.slack.web import Place, Refused
from adapters.speaking import Say
from bot.chat import Answer, Delivered, Delivery, Outbound, Undelivered
from bot.clock import Clock, Seconds

_LOG = logging.getLogger(__name__)
_ENDED: Final = frozenset({"message_not_in_streaming_state"})
_FULL: Final = frozenset({"msg_too_long"})
_STILL_STREAMING: Final = frozenset({"streaming_state_conflict"})
_TRIES: Final = 4
_WORTHWHILE: Final = 400
_GONE: Final = frozenset({"message_not_found", "thread_not_found"})
_NO_STREAMS: Final = frozenset(
    {"unknown_method", "method_not_supported_for_channel_type", "channel_type_not_supported", "missing_scope",
     "not_allowed_token_type", "feature_not_enabled", "no_permission", "invalid_thread_ts", "invalid_arguments",
     "missing_recipient_team_id", "missing_recipient_user_id"}
)  # fmt: skip
_CLOSING: Final[Seconds] = 3.0


class SlackStream:
    """One streamed answer; used as an async context manager."""

    def __init__(
        self,
        calls: Calls,
        place: Place,
        team: str,
        head: Outbound,
        deliveries: Deliveries,
        clock: Clock,
        pace: Pace,
        sweep: Callable[[], Awaitable[None]],
        say: Say,
    ) -> None:
        """``sweep`` deletes what an attempt of unknown outcome may have left in the conversation."""
        self._sweep, self._say = sweep, say
        self._calls = calls
        self._place = place
        self._team = team
        self._head = head
        self._deliveries = deliveries
        self._clock = clock
        self._pace = pace
        self._clean = escape.Neutraliser()
        self._now = Progress(native=bool(place.root))
        self._finished = False

    @property
    def timestamps(self) -> tuple[str, ...]:
        """The messages written so far."""
        return tuple(part.ts for part in self._now.parts)

    async def __aenter__(self) -> SlackStream:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._finished:
            return
        try:
            async with asyncio.timeout(_CLOSING):
                await self._overtaken()
                if self._now.parts:
                    self._deliveries.unclear(self._head.id)
                    await self._break_off()
        except (Refused, TimeoutError) as problem:
            _LOG.info("a broken off answer could not be marked: %s", problem)

    async def append(self, text: str) -> None:
        """Show more of the answer. A refusal is kept for ``finish``: the turn goes on."""
        self._now.waiting += self._clean.feed(text)
        every = self._pace.append_every if self._now.native else self._pace.edit_every
        if self._now.failed is None and self._clock.now() - self._now.sent_at >= every:
            await self._try_push()

    async def finish(self, answer: Answer) -> Delivery:
        self._now.waiting += self._clean.finish()
        whole = escape.neutralise(answer.text.reveal())
        footer = answer_footer(self._head, answer, self._say)
        try:
            if whole == self._text():
                await self._close_with(footer)
            else:
                await self._rewrite(whole, footer)
        except Refused as refusal:
            if refusal.unclear:
                self._deliveries.unclear(self._head.id)
            self._finished = refusal.unclear
            return Undelivered(str(refusal), refusal.permanent)
        self._finished = True
        return self._deliveries.finish(self._head.id, Delivered(self._now.parts[-1].ts))

    def _text(self) -> str:
        return "".join(part.shown for part in self._now.parts) + self._now.waiting

    # -- while it grows --------------------------------------------------------------------------------------------

    async def _try_push(self) -> None:
        try:
            await self._push()
        except Refused as refusal:
            if not refusal.unclear:
                self._now.failed = refusal
            _LOG.info("a streamed answer is held back: %s", refusal)

    async def _push(self) -> None:
        """Show everything that waits, over as many messages as needed."""
        now = self._now
        tries = 0
        while now.waiting:
            part = now.parts[-1] if now.parts and now.parts[-1].open else None
            room = escape.PART_LIMIT - (len(part.shown) if part else 0)
            size = len(now.waiting)
            if size > room:
                size = escape.cut_at(now.waiting, room) if room >= _WORTHWHILE else 0
            if part is not None and size <= 0:
                await self._settle(part, part.shown, (), last=False)
                continue
            try:
                await self._show(part, now.waiting[:size])
            except Refused as refusal:
                tries += 1
                if tries > 3 or not await self._recover(part, refusal):
                    raise
        now.sent_at = self._clock.now()

    async def _show(self, part: Part | None, piece: str) -> None:
        now = self._now
        if part is None:
            now.parts.append(await self._begin(piece))
        else:
            await self._grow(part, piece)
        now.waiting = now.waiting[len(piece) :]

    async def _grow(self, part: Part, piece: str) -> None:
        if part.native:
            try:
                await self._calls.append_stream(self._place, part.ts, piece)
            except Refused as refusal:
                part.doubtful = part.doubtful or refusal.unclear
                raise
        else:
            await self._edit(part, part.shown + piece, (), last=False)
        part.shown += piece

    async def _begin(self, piece: str) -> Part:
        now = self._now
        if now.unsure:
            await self._sweep()
            now.unsure = False
        # Shielded: a message that was begun while the turn was stopped would stay as it is, with nobody to end it.
        now.beginning = asyncio.create_task(self._first(piece))
        try:
            part = await asyncio.shield(now.beginning)
        except Refused as refusal:
            now.beginning, now.unsure = None, refusal.unclear
            raise
        now.beginning = None
        return part

    async def _first(self, piece: str) -> Part:
        if self._now.native:
            return Part(await self._calls.start_stream(self._place, self._head.to.user, self._team, piece), piece)
        meta = metadata(self._head.id, len(self._now.parts), last=False)
        blocks = (markdown_part(piece),)
        return Part(await self._calls.post(self._place, escape.plain(piece, 300), blocks, meta), piece, native=False)

    async def _overtaken(self) -> None:
        """A message being begun when the turn was stopped is waited for, to be ended like any other."""
        if self._now.beginning is not None:
            self._now.parts.append(await self._now.beginning)

    async def _recover(self, part: Part | None, refusal: Refused) -> bool:
        """Go on after a refusal; False when that makes no sense."""
        now = self._now
        if part is None and now.native and refusal.error in _NO_STREAMS:
            now.native = False
            return True
        if part is not None and refusal.error in _ENDED | _FULL:
            part.open = refusal.error in _FULL
            await self._tidy(part)
            return True
        if part is not None and refusal.error in _GONE:
            now.parts.remove(part)
            now.waiting = part.shown + now.waiting
            return True
        return False

    async def _tidy(self, part: Part) -> None:
        """A message whose stream ended by itself looks unfinished until it is edited."""
        try:
            await self._settle(part, part.shown, (), last=False)
        except Refused as refusal:
            part.open = False
            _LOG.info("a stream that ended early was not tidied up: %s", refusal)

    # -- at the end ------------------------------------------------------------------------------------------------

    async def _close_with(self, footer: Sequence[Block]) -> None:
        now = self._now
        if not now.parts and not now.waiting:
            now.waiting = " "
        now.failed = None
        await self._push()
        part = now.parts[-1]
        try:
            await self._settle(part, part.shown, footer, last=True)
        except Refused as refusal:
            if refusal.error not in _GONE:
                raise
            now.parts.remove(part)
            now.waiting = part.shown
            await self._push()
            await self._settle(now.parts[-1], now.parts[-1].shown, footer, last=True)

    async def _rewrite(self, whole: str, footer: Sequence[Block]) -> None:
        """The complete answer is not what was streamed: put it in place of it."""
        now = self._now
        now.waiting, now.native = "", False
        pieces = escape.split(whole)
        for extra in now.parts[len(pieces) :]:
            await self._calls.delete(self._place, extra.ts)
        del now.parts[len(pieces) :]
        for number, piece in enumerate(pieces):
            last = number == len(pieces) - 1
            under = footer if last else ()
            if number < len(now.parts):
                await self._settle(now.parts[number], piece, under, last=last)
                continue
            meta = metadata(self._head.id, number, last=last)
            blocks = (markdown_part(piece), *under)
            ts = await self._calls.post(self._place, escape.plain(piece, 300), blocks, meta)
            now.parts.append(Part(ts, piece, open=False, native=False))

    async def _settle(self, part: Part, text: str, footer: Sequence[Block], *, last: bool) -> None:
        """Make the message read ``text``, for good. Stopping its stream does it where nothing is in doubt; else it is
        edited once the stream has stopped."""
        stop_does_it = not part.doubtful and text == part.shown
        for _ in range(_TRIES):
            try:
                if part.open and part.native:
                    await self._stop(part, footer if stop_does_it else (), last=last and stop_does_it)
                    part.open = False
                    if stop_does_it:
                        return
                await self._edit(part, text, footer, last=last)
            except Refused as refusal:
                if refusal.error in _STILL_STREAMING:
                    part.open, stop_does_it = True, False
                elif refusal.error in _ENDED:
                    part.open = False
                elif refusal.permanent:
                    raise
            else:
                part.open, part.shown = False, text
                return
        raise Refused("chat.stopStream", f"no clear answer in {_TRIES} tries", permanent=False, unclear=True)

    async def _stop(self, part: Part, footer: Sequence[Block], *, last: bool) -> None:
        meta = metadata(self._head.id, self._now.parts.index(part), last=last)
        await self._calls.stop_stream(self._place, part.ts, "", footer, meta)

    async def _edit(self, part: Part, text: str, footer: Sequence[Block], *, last: bool) -> None:
        meta = metadata(self._head.id, self._now.parts.index(part), last=last)
        blocks = (markdown_part(text), *footer)
        await self._calls.edit(self._place, part.ts, escape.plain(text, 300), blocks, meta)

    async def _break_off(self) -> None:
        part = self._now.parts[-1]
        await self._settle(part, f"{part.shown}\n\n_{self._say(words.BROKEN_OFF)}_", (), last=False)
