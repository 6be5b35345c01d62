"""An Intake that answers from a small script, through the platform it is given: for tests of faces, without the core.

It keeps the port's promises: a repeated id is a duplicate, a crisis is answered before ``accept`` returns, turns of one
person run in order, ``finished`` returns when the turn has ended, a stop cancels the running turn.

What it does depends on the words: "overdose" is a crisis, "unavailable" is not kept, "break off" breaks the answer off,
"plain" is answered without a question; anything else is asked about first. A question in a channel is private, and what
follows it goes to the person's direct messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from bot.chat import (
    Answer,
    Attachment,
    Body,
    Choice,
    ChoiceKind,
    Chose,
    Command,
    Crisis,
    Inbound,
    Notice,
    Outbound,
    Platform,
    Question,
    Receipt,
    Resource,
    Said,
    Stopped,
    Verb,
)
from bot.errors import StoreUnavailable
from bot.identity import DIRECT, Person, Place, Space
from bot.private import Private

ANSWER: Final = (
    "That sounds heavy, and wanting to walk away from it makes sense. **You do not have to decide today.**\n\n"
    "A few things that help many people before they choose:\n\n"
    "- Write down what exactly you dread: the work, the people, or the hours.\n"
    "- Try one small change for two weeks, and see what it does.\n"
    "- Talk it through with somebody outside work.\n\n"
    "If the dread follows you home and steals your sleep, a doctor can help too: https://www.who.int/health-topics"
)
PLAIN: Final = "Water boils at 100 °C at sea level, a little lower in the mountains."
REASON: Final = "What helps depends on how you feel. I keep it for this conversation only."
QUESTION: Final = "How have you been feeling these days?"
FEELINGS: Final = ("Anxious", "Lonely", "Angry", "Hopeless", "Calm", "Something else")
HELP: Final = (
    Resource("988 Suicide & Crisis Lifeline", "United States", "988", "988", "https://988lifeline.org", "24 hours"),
    Resource("Emergency services", "United States", call="911", hours="24 hours"),
)
CRISIS: Final = (
    "I am really glad you told me. Please reach out now: call or text 988, any time, to talk with somebody at the 988 "
    "Suicide & Crisis Lifeline.\n\nI am staying here with you. Are you alone right now?"
)


async def at_once() -> None:
    """No pause between the pieces of an answer, but let others run."""
    await asyncio.sleep(0)


@dataclass(slots=True)
class ScriptedIntake:
    """``pace`` is awaited before each word of a streamed answer."""

    platform: Platform
    pace: Callable[[], Awaitable[object]] = at_once
    seen: list[Inbound] = field(default_factory=list)
    _turns: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _latest: dict[Person, str] = field(default_factory=dict)
    _waiting: dict[Person, Space] = field(default_factory=dict)

    async def accept(self, inbound: Inbound) -> Receipt:
        if inbound.turn_id in self._turns:
            return Receipt(inbound.turn_id, duplicate=True)
        text = inbound.content.text.reveal() if isinstance(inbound.content, Said) else ""
        if "unavailable" in text:
            raise StoreUnavailable("the script says that nothing can be kept")
        self.seen.append(inbound)
        if "overdose" in text:
            await self._say(inbound, "crisis", Crisis(CRISIS, HELP, "self_harm"), inbound.space)
        if isinstance(inbound.content, Stopped):
            self._cancel(inbound.content.turn or self._latest.get(inbound.person))
        before = self._turns.get(self._latest.get(inbound.person, ""))
        self._turns[inbound.turn_id] = asyncio.create_task(self._turn(inbound, text, before))
        self._latest[inbound.person] = inbound.turn_id
        return Receipt(inbound.turn_id, crisis="overdose" in text)

    async def finished(self, turn_id: str) -> None:
        if turn_id in self._turns:
            await asyncio.wait([self._turns[turn_id]])

    async def close(self) -> None:
        """Cancel what runs; raises what a turn raised."""
        for task in self._turns.values():
            task.cancel()
        for outcome in await asyncio.gather(*self._turns.values(), return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome

    def _cancel(self, turn_id: str | None) -> None:
        if turn_id in self._turns:
            self._turns[turn_id].cancel()

    async def _turn(self, inbound: Inbound, text: str, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        person, space = inbound.person, inbound.space
        match inbound.content:
            case Stopped():
                return
            case Command(verb=verb):
                await self._command(inbound, verb)
            case Chose(choice=choice) if choice.startswith("do:"):
                await self._command(inbound, Verb(choice.removeprefix("do:")))
            case Chose(choice=choice):
                asked = self._waiting.pop(person, space)
                used = () if choice.endswith((":skip", ":stop")) else ("emotional_state",)
                await self._answer(inbound, ANSWER, used, DIRECT if used else asked)
            case Said() if "overdose" in text:
                return
            case Said() if "plain" in text or "break off" in text:
                await self._answer(inbound, PLAIN, (), space, whole="break off" not in text)
            case Said() if person in self._waiting:
                self._waiting.pop(person)
                await self._answer(inbound, ANSWER, ("emotional_state",), DIRECT)
            case Said():
                self._waiting[person] = space
                await self._say(inbound, "ask", question(private=space.place is Place.CHANNEL), space)

    async def _command(self, inbound: Inbound, verb: Verb) -> None:
        choices = (
            Choice("do:export", "Save a copy", ChoiceKind.ACTION),
            Choice("do:forget_me", "Forget me", ChoiceKind.ACTION),
        )
        match verb:
            case Verb.PRIVACY:
                known = "- Emotional state: **anxiety**, from your reply, until 18:00"
                notice = Notice(Private(known), choices, private=True, title="This is what I know")
            case Verb.EXPORT:
                file = Attachment("raise-bot-export.json", "application/json", Private(b'{"known": []}\n'))
                notice = Notice(Private("Here is your copy."), attachment=file, private=True)
            case _:
                notice = Notice(Private(f"You asked for {verb}."), private=True)
        await self._say(inbound, "notice", notice, inbound.space)

    async def _answer(
        self, inbound: Inbound, text: str, used: tuple[str, ...], space: Space, *, whole: bool = True
    ) -> None:
        labels = tuple(name.replace("_", " ").capitalize() for name in used)
        answer = Answer(Private(text), used, labels, "career", "offline")
        head = self._outbound(inbound, "answer", Answer(Private(""), used, labels, "career", "offline"), space)
        await self.platform.thinking(inbound.person, space, True)
        try:
            async with self.platform.stream(head) as stream:
                for word in text.split(" "):
                    await self.pace()
                    await stream.append(word + " ")
                if whole:
                    await stream.finish(answer)
        finally:
            await self.platform.thinking(inbound.person, space, False)

    async def _say(self, inbound: Inbound, name: str, body: Body, space: Space) -> None:
        await self.platform.deliver(self._outbound(inbound, name, body, space))

    def _outbound(self, inbound: Inbound, name: str, body: Body, space: Space) -> Outbound:
        return Outbound(f"{inbound.turn_id}:{name}", inbound.person, space, body, inbound.turn_id, inbound.locale)


def question(*, private: bool = False) -> Question:
    """How the person feels, with six choices and the three ways out."""
    values = tuple(Choice(f"emotional_state:{label.split()[0].lower()}", label) for label in FEELINGS)
    ways_out = (
        Choice("emotional_state:skip", "Skip", ChoiceKind.SKIP),
        Choice("emotional_state:why", "Why do you ask?", ChoiceKind.WHY),
        Choice("emotional_state:stop", "Stop asking", ChoiceKind.STOP),
    )
    return Question("emotional_state", QUESTION, values + ways_out, private, REASON)
