"""What people do: tell things with a canary in every value, press buttons, take things back, ask to be forgotten."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Final

from bot.chat import Choice, ChoiceKind, Chose, Command, Content, Crisis, Notice, Question, Said, Stopped, Verb
from bot.identity import DIRECT, Person, Place, Space
from bot.private import Private
from tests.scenario.conversations import CRISIS, ERRAND, HEARTBREAK, JOB
from tests.support.simulation.platform import Shown

PEOPLE: Final = (Person("slack", "T1", "U1"), Person("discord", "T1", "U1"))
PLACES: Final = (DIRECT, DIRECT, Space(Place.CHANNEL, "C1"), Space(Place.CHANNEL, "C2"))
CANARY: Final = re.compile(r"zq\d+x(\d+)qz")
FORGET_ME: Final = "do:forget_me_yes"
_SUBJECTS: Final = (
    HEARTBREAK,
    JOB,
    JOB,
    ERRAND,
    "how do I get over my fear of my exams next week",
    "should I stop taking my medication because of the side effects",
    "I feel so lonely since I moved to this city and I have nobody to talk to",
)
"""Some that lead to sensitive questions among them."""
_VERBS: Final = (
    Verb.HELP,
    Verb.WHY,
    Verb.PRIVACY,
    Verb.EXPORT,
    Verb.FORGET,
    Verb.FORGET,
    Verb.FORGET,
    Verb.FORGET_ME,
    Verb.FORGET_ME,
    Verb.FORGET_ME,
    Verb.FORGET_ME,
    Verb.PAUSE,
    Verb.RESUME,
    Verb.HUMAN,
)


@dataclass(frozen=True, slots=True)
class Told:
    """Whose a canary is, where it counts as told, what about; ``kept`` where it can only be in the profile (typed
    beside a button, or into a command), so that every use of it is a use of the profile."""

    person: Person
    space: Space
    attribute: str
    kept: bool
    event: int


@dataclass
class People:
    """What each of them sees, and does next. ``told`` are all canaries by number."""

    seed: int
    chance: random.Random
    told: list[Told] = field(default_factory=list)
    questions: dict[Person, tuple[Question, Space]] = field(default_factory=dict)
    confirming: dict[Person, Space] = field(default_factory=dict)

    def see(self, shown: Shown) -> None:
        person, body = shown.message.to, shown.body
        if isinstance(body, Question):
            self.questions[person] = body, shown.message.space
        elif isinstance(body, Crisis):
            self.questions.pop(person, None)
        elif isinstance(body, Notice) and any(choice.id == FORGET_ME for choice in body.choices):
            self.confirming[person] = shown.message.space

    def act(self, event: int) -> tuple[Person, Space, Content]:
        """What somebody does next; ``event`` numbers it."""
        person, space, roll = self.chance.choice(PEOPLE), self.chance.choice(PLACES), self.chance.random()
        if person in self.confirming and roll < 0.8:
            return person, self.confirming.pop(person), Chose(FORGET_ME)
        if person in self.questions and roll < 0.3:
            question, asked_in = self.questions[person]
            if self.chance.random() < 0.7:  # else its buttons are pressed again later
                del self.questions[person]
            return person, asked_in, self._pressed(person, question, asked_in, event)
        if person in self.questions and roll < 0.38:
            canary = self._canary(person, space, "profession", event)
            return person, space, Said(Private(f"anxious and single, I work as a {canary}"))
        if person in self.questions and roll < 0.5:
            _, asked_in = self.questions.pop(person)
            return person, asked_in, Said(Private("just answer me"))
        return person, space, self._said(person, space, event)

    def _pressed(self, person: Person, question: Question, space: Space, event: int) -> Chose:
        choice: Choice = self.chance.choice(question.choices)
        if choice.kind is not ChoiceKind.VALUE or self.chance.random() < 0.2:
            return Chose(choice.id)
        told_in = DIRECT if question.private else space
        return Chose(choice.id, Private(self._canary(person, told_in, question.attribute, event, kept=True)))

    def _said(self, person: Person, space: Space, event: int) -> Content:
        roll = self.chance.random()
        if roll < 0.08:
            return Said(Private(CRISIS))
        if roll < 0.11:
            return Stopped()
        if roll < 0.25:
            canary = self._canary(person, space, "profession", event, kept=True)
            return Command(Verb.CORRECT, Private(f"profession {canary}"))
        if roll < 0.5:
            verb = self.chance.choice(_VERBS)
            return Command(verb, Private("profession" if verb is Verb.FORGET else ""))
        subject = self.chance.choice(_SUBJECTS)
        if roll < 0.65:
            return Said(Private(subject))
        return Said(Private(f"I'm 34, I work as a {self._canary(person, space, 'profession', event)}. {subject}"))

    def _canary(self, person: Person, space: Space, attribute: str, event: int, *, kept: bool = False) -> str:
        self.told.append(Told(person, space, attribute, kept, event))
        return f"zq{self.seed}x{len(self.told) - 1}qz"


def canaries(text: str) -> set[int]:
    """The numbers of the canaries in a text."""
    return {int(number) for number in CANARY.findall(text)}
