"""What every Platform does. Subclass and give fixtures: ``platform``, ``person`` (somebody it can reach in a direct
message) and ``shown`` (a function that returns all text people have been shown so far, however it is laid out)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.chat import Answer, Attachment, Body, Choice, Crisis, Delivered, Notice, Outbound, Platform, Question, Resource
from bot.identity import DIRECT, Person
from bot.private import Private

QUESTION = Question(
    "age", "How old are you?", (Choice("age:18-24", "Eighteen to 24"),), private=False, reason="It helps"
)
ANSWER = Answer(Private("Sleep on it first."), ("age",), ("Your age",), "life", "offline")
CRISIS = Crisis("Please call Lifeline.", (Resource("Lifeline", "Nowhere", "116 123"),), "self_harm")
NOTICE = Notice(Private("I keep nothing."), title="Privacy")
EXPORT = Notice(Private("Your copy."), attachment=Attachment("copy.json", "application/json", Private(b"{}")))


class PlatformContract:
    def message(self, person: Person, body: Body, name: str = "m1") -> Outbound:
        return Outbound(name, person, DIRECT, body, "t1")

    def test_it_is_named_as_its_people_are(self, platform: Platform, person: Person) -> None:
        assert platform.name == person.platform

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            (QUESTION, "How old are you?"),
            (QUESTION, "Eighteen to 24"),
            (ANSWER, "Sleep on it first."),
            (CRISIS, "Please call Lifeline."),
            (CRISIS, "116 123"),
            (NOTICE, "I keep nothing."),
            (EXPORT, "copy.json"),
        ],
    )
    async def test_it_shows_every_kind_of_message(
        self, platform: Platform, person: Person, shown: Callable[[], str], body: Body, text: str
    ) -> None:
        assert isinstance(await platform.deliver(self.message(person, body)), Delivered)
        assert text in shown()

    async def test_the_same_message_again_is_shown_once(
        self, platform: Platform, person: Person, shown: Callable[[], str]
    ) -> None:
        for _ in range(2):
            assert isinstance(await platform.deliver(self.message(person, NOTICE)), Delivered)
        assert shown().count("I keep nothing.") == 1

    async def test_a_streamed_answer_is_shown_once(
        self, platform: Platform, person: Person, shown: Callable[[], str]
    ) -> None:
        async with platform.stream(self.message(person, replace(ANSWER, text=Private("")))) as stream:
            for piece in ("Sleep ", "on it", " first."):
                await stream.append(piece)
            assert isinstance(await stream.finish(ANSWER), Delivered)
        assert shown().count("Sleep on it first.") == 1

    async def test_an_answer_may_come_whole(self, platform: Platform, person: Person, shown: Callable[[], str]) -> None:
        async with platform.stream(self.message(person, replace(ANSWER, text=Private("")))) as stream:
            await stream.finish(ANSWER)
        assert shown().count("Sleep on it first.") == 1

    async def test_the_complete_answer_is_what_counts(
        self, platform: Platform, person: Person, shown: Callable[[], str]
    ) -> None:
        async with platform.stream(self.message(person, replace(ANSWER, text=Private("")))) as stream:
            await stream.append("Half a thou")
            assert isinstance(await stream.finish(ANSWER), Delivered)
        assert "Sleep on it first." in shown()

    async def test_an_answer_may_break_off(self, platform: Platform, person: Person) -> None:
        async with platform.stream(self.message(person, replace(ANSWER, text=Private("")))) as stream:
            await stream.append("Half a thou")
        delivered = await platform.deliver(self.message(person, NOTICE, "m2"))
        assert isinstance(delivered, Delivered)

    async def test_a_cancelled_answer_stays_cancelled(self, platform: Platform, person: Person) -> None:
        async def cancelled() -> None:
            async with platform.stream(self.message(person, replace(ANSWER, text=Private("")))) as stream:
                await stream.append("Half a thou")
                raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await cancelled()

    async def test_thinking_can_be_shown_and_hidden(self, platform: Platform, person: Person) -> None:
        for active in (True, True, False, False):
            await platform.thinking(person, DIRECT, active)
        assert isinstance(await platform.deliver(self.message(person, NOTICE)), Delivered)
