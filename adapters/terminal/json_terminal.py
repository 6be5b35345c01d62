"""The terminal as JSON lines, one object a line, in the shapes that ``raise-bot chat --json`` promises.

::

    {"kind":"question","to","place","attribute","text","choices":[{"id","label"}],"private"}
    {"kind":"answer","to","place","text","used","domain","model"}   {"kind":"crisis","to","text","resources":[...]}
    {"kind":"notice","to","place","text"}, with "title", "choices" or "attachment" where there are any
    {"kind":"flag","user","severity","category"}    {"kind":"error","problem"}    {"kind":"done","id"}
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, replace
from typing import TypeAlias, assert_never

from adapters.terminal.lines import PLATFORM
from adapters.terminal.printed import Printed
from bot.chat import Answer, AnswerStream, Choice, Crisis, Delivered, Delivery, Notice, Outbound, Question, Undelivered
from bot.identity import Person, Place, Space
from bot.recent import RECENT
from bot.severity import Category, Severity

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


class JsonTerminal:
    """Implements :class:`bot.chat.Platform`. ``write`` is given whole lines, each with its newline at the end;
    ``printed`` knows which messages were."""

    def __init__(self, write: Callable[[str], None], printed: Printed | None = None) -> None:
        self._write = write
        self._printed = printed or Printed()
        self._asked: OrderedDict[Person, Space] = OrderedDict()

    @property
    def name(self) -> str:
        return PLATFORM

    async def deliver(self, message: Outbound) -> Delivery:
        """Print the message; one that was printed before under its id is not printed again."""
        if message.id in self._printed:
            return Delivered(message.id)
        try:
            self._print(_line(message))
        except OSError as error:
            return Undelivered(f"the output cannot be written: {error.strerror or error}", permanent=True)
        self._printed.add(message.id)
        if isinstance(message.body, Question):
            self._asked[message.to] = message.space
            self._asked.move_to_end(message.to)
            if len(self._asked) > RECENT:
                self._asked.popitem(last=False)
        return Delivered(message.id)

    def stream(self, head: Outbound) -> AbstractAsyncContextManager[AnswerStream]:
        """An answer is one line, so it is printed once it is complete; one that breaks off is not printed at all."""
        return self._stream(head)

    async def thinking(self, person: Person, space: Space, active: bool) -> None:
        """A script does not wait better for being told."""

    def asked_in(self, person: Person) -> Space | None:
        """The space of the conversation in which the person was asked last; None when they were not."""
        return self._asked.get(person)

    def flag(self, person: Person, severity: Severity, category: Category | None) -> None:
        """Tell that a conversation was flagged for people to look at."""
        self._print({"kind": "flag", "user": person.user, "severity": severity.value, "category": category})

    def error(self, problem: str) -> None:
        """Tell what is wrong with a line, or that it could not be served."""
        self._print({"kind": "error", "problem": problem})

    def done(self, event_id: str | None) -> None:
        """Tell that a line has been served."""
        self._print({"kind": "done", "id": event_id})

    @asynccontextmanager
    async def _stream(self, head: Outbound) -> AsyncIterator[AnswerStream]:
        yield _WholeAnswer(self, head)

    def _print(self, line: Mapping[str, Json]) -> None:
        self._write(json.dumps(line) + "\n")


class _WholeAnswer:
    def __init__(self, terminal: JsonTerminal, head: Outbound) -> None:
        self._terminal = terminal
        self._head = head

    async def append(self, text: str) -> None:
        """Waits for the whole."""

    async def finish(self, answer: Answer) -> Delivery:
        return await self._terminal.deliver(replace(self._head, body=answer))


def _line(message: Outbound) -> dict[str, Json]:
    body, to = message.body, message.to.user
    match body:
        case Question():
            # A private question is shown to the person alone, which in a terminal means: as a direct message.
            place = Place.DM if body.private else message.space.place
            return {
                "kind": "question",
                "to": to,
                "place": place.value,
                "attribute": body.attribute,
                "text": body.text,
                "choices": _choices(body.choices),
                "private": body.private,
            }
        case Answer():
            return {
                "kind": "answer",
                "to": to,
                "place": message.space.place.value,
                "text": body.text.reveal(),
                "used": list(body.used),
                "domain": body.domain,
                "model": body.model,
            }
        case Crisis():
            resources: list[Json] = [asdict(resource) for resource in body.resources]
            return {"kind": "crisis", "to": to, "text": body.text, "resources": resources}
        case Notice():
            place = Place.DM if body.private else message.space.place
            return {"kind": "notice", "to": to, "place": place.value, "text": body.text.reveal(), **_extras(body)}
        case _:
            assert_never(body)


def _extras(notice: Notice) -> dict[str, Json]:
    extras: dict[str, Json] = {}
    if notice.title:
        extras["title"] = notice.title
    if notice.choices:
        extras["choices"] = _choices(notice.choices)
    if (file := notice.attachment) is not None:
        content = file.content.reveal().decode("utf-8", "replace")
        extras["attachment"] = {"name": file.name, "media_type": file.media_type, "content": content}
    return extras


def _choices(choices: tuple[Choice, ...]) -> list[Json]:
    return [{"id": choice.id, "label": choice.label} for choice in choices]
