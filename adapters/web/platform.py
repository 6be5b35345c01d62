"""The web as a platform of the core: messages become items in the feeds of the people who may see them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Final

from adapters.web.feed import Bounds, Feeds
from adapters.web.items import Gone, Line, State
from bot.chat import Answer, AnswerStream, Body, Crisis, Delivered, Delivery, Notice, Outbound, Question, Undelivered
from bot.clock import Clock
from bot.identity import Person, Space
from bot.private import Private

NAME: Final = "web"


class WebPlatform:
    """Implements :class:`bot.chat.Platform`. What it is given stays in memory for a short time only (``bounds``)."""

    def __init__(self, clock: Clock, workspace: str = "playground", bounds: Bounds = Bounds()) -> None:  # noqa: B008
        self.workspace = workspace
        self.feeds = Feeds(clock, bounds)

    @property
    def name(self) -> str:
        return NAME

    def person(self, user: str) -> Person:
        return Person(NAME, self.workspace, user)

    async def deliver(self, message: Outbound) -> Delivery:
        """Show a message; the same ``id`` again changes nothing. Delivered means kept for the page, open or not."""
        if problem := self._refusal(message):
            return problem
        known = self.feeds.find(message.id)
        if known is None or (known.view != message.body and not isinstance(known.view, Gone)):
            self.show(message, State.OPEN if isinstance(message.body, Question) else State.DONE)
        return Delivered(message.id)

    def stream(self, head: Outbound) -> AbstractAsyncContextManager[AnswerStream]:
        return self._stream(head)

    async def thinking(self, person: Person, space: Space, active: bool) -> None:
        self.feeds.think(person, space, active)

    async def erase(self, person: Person) -> int:
        """Forget what a person said and was told, also on pages that are open now; returns how many items."""
        return self.feeds.erase(person)

    def echo(self, item_id: str, turn: str, person: Person, space: Space, text: Private[str], *, hidden: bool) -> bool:
        """Show a person's own message; False when it is shown already under this id."""
        known = self.feeds.find(item_id)
        if known is not None and not isinstance(known.view, Gone):
            return False
        self.feeds.put(item_id, turn, person, space, Line(text), State.DONE, hidden=hidden)
        return True

    @asynccontextmanager
    async def _stream(self, head: Outbound) -> AsyncIterator[AnswerStream]:
        refused = self._refusal(head)
        stream = _WebStream(self, head, refused)
        if refused is None:
            self.show(head, State.STREAMING)
        try:
            yield stream
        finally:
            if refused is None and not stream.finished:
                self.feeds.change(head.id, state=State.BROKEN)

    def show(self, message: Outbound, state: State) -> None:
        """Put a message before everybody who may see it."""
        body = message.body
        if not isinstance(body, Notice):
            self.feeds.close_questions(message.to, message.space)
        self.feeds.put(message.id, message.turn, message.to, message.space, body, state, hidden=_for_one(body))

    def _refusal(self, message: Outbound) -> Undelivered | None:
        to = message.to
        if (to.platform, to.workspace) == (NAME, self.workspace):
            return None
        return Undelivered(
            f"expected a person of web:{self.workspace}, got one of {to.platform}:{to.workspace}", permanent=True
        )


class _WebStream:
    """Text goes to the item as it comes; once the person was forgotten, nowhere."""

    def __init__(self, platform: WebPlatform, head: Outbound, refused: Undelivered | None) -> None:
        self._platform = platform
        self._head = head
        self._refused = refused
        self._text = ""
        self.finished = False

    async def append(self, text: str) -> None:
        body = self._head.body
        if text and isinstance(body, Answer) and self._refused is None:
            self._text += text
            self._platform.feeds.change(self._head.id, replace(body, text=Private(self._text)))

    async def finish(self, answer: Answer) -> Delivery:
        self.finished = True
        if self._refused is not None:
            return self._refused
        known = self._platform.feeds.find(self._head.id)
        if known is None or not isinstance(known.view, Gone):
            self._platform.show(replace(self._head, body=answer), State.DONE)
        return Delivered(self._head.id)


def _for_one(body: Body) -> bool:
    """Crisis information is never public, whatever the space."""
    match body:
        case Question(private=private) | Notice(private=private):
            return private
        case Crisis():
            return True
        case Answer():
            return False
