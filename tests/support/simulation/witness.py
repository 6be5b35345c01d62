"""What must never happen, checked on everything that is said, asked of a model and written down; and at the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from bot.chat import (
    Answer,
    Body,
    Crisis,
    Moderated,
    Notice,
    Outbound,
    Question,
    Stopped,
    Told,
    Verb,
)
from bot.identity import DIRECT, Person
from bot.llm import Prompt
from bot.policy.schema import Policy
from bot.profile.attributes import Sensitivity
from bot.profile.store import Changes
from bot.telemetry.events import Event, Plain
from tests.support.simulation.happened import Happened, asks, before, confirms
from tests.support.simulation.people import People, canaries
from tests.support.simulation.platform import Shown

TURN: Final[ContextVar[str]] = ContextVar("turn of the simulation", default="")
STOPS_WITHIN: Final = 15.0
SLACK: Final = 90.0
"""Seconds that a turn may take: what was known when it began serves it to its end."""


@dataclass
class Witness:
    """``problems`` are what people would complain about, with the moment."""

    people: People
    policy: Policy
    moment: Callable[[], float]
    now: Callable[[], float]
    claimed: Callable[[], frozenset[str]]
    """The ids of all turns that the ledger has ever claimed."""
    happened: list[Happened] = field(default_factory=list)
    by_turn: dict[str, Happened] = field(default_factory=dict)
    shown: list[Shown] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    undelivered: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    folded: set[str] = field(default_factory=set)
    expires: dict[int, float] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    withdrawn: set[int] = field(default_factory=set)
    paused: set[Person] = field(default_factory=set)
    forgetting: dict[Person, frozenset[str]] = field(default_factory=dict)
    offered_crisis: set[str] = field(default_factory=set)
    events: Counter[str] = field(default_factory=Counter)

    def complain(self, problem: str) -> None:
        self.problems.append(f"{self.moment():.3f} {problem}")

    # -- what happens ------------------------------------------------------------------------------------------------

    def does(self, happened: Happened) -> None:
        self.happened.append(happened)
        self.by_turn[happened.turn] = happened
        if asks(happened.inbound.content, Verb.RESUME):
            self.paused.discard(happened.inbound.person)

    def told(self, event: str, fields: dict[str, Plain]) -> None:
        """Telemetry."""
        self.events[event] += 1
        turn = str(fields.get("turn", ""))
        match event:
            case Event.UNDELIVERED | Event.CRISIS_UNDELIVERED:
                self.undelivered.add(turn)
            case Event.TURN_FAILED:
                self.complain(f"the turn {turn} broke: {fields.get('problem')}")
            case Event.UNSCREENED:
                self.complain(f"the screen failed in {turn}")

    def offered(self, message: Outbound) -> None:
        if isinstance(message.body, Crisis):
            self.offered_crisis.add(message.turn)

    def wrote(self, person: Person, changes: Changes) -> None:
        for record in changes.put:
            for number in canaries(record.value.said.reveal()):
                told = self.people.told[number]
                if told.person != person:
                    self.complain(f"the profile of {person} holds what {told.person} told")
                if number in self.gone:
                    self.complain(f"the profile of {person} holds canary {number} again, which was forgotten")
                self.expires[number] = max(self.expires.get(number, 0.0), record.expires_at)

    def asked(self, prompt: Prompt) -> None:
        """A model is asked something."""
        happened = self.by_turn.get(TURN.get())
        if happened is None:
            return self.complain("a model was asked outside of any turn")
        person = happened.inbound.person
        everything = [message.text.reveal() for message in prompt.messages]
        if prompt.fallback is not None:
            everything.append(prompt.fallback.reveal())
        if canaries(prompt.system):
            self.complain("a value of a person stands among our own words to the model")
        where = f"the prompt of {happened.turn}"
        self.theirs(where, person, "\n".join(everything))
        for number in canaries(prompt.messages[-1].text.reveal()):
            if self.people.told[number].kept:
                self._usable(where, person, number)
        return None

    def showed(self, shown: Shown) -> None:
        """Something appeared on somebody's screen."""
        self.shown.append(shown)
        self.people.see(shown)
        message, person = shown.message, shown.message.to
        where = f"{message.id} shown in {shown.audience.id or 'private'}"
        text = _words(shown.body)
        self.theirs(where, person, text)
        for number in canaries(text):
            told = self.people.told[number].space
            if shown.audience != DIRECT and told != shown.audience:
                self.complain(f"{where} holds canary {number}, told in {told.id or 'private'}")
        self._in_public(shown, text)
        if isinstance(shown.body, Crisis) and not (shown.body.resources and shown.body.text):
            self.complain(f"{where} names nobody who could help")
        if ":forgotten-" in message.id:
            self._forgot(person)
        happened = self.by_turn.get(message.turn)
        if happened is not None and isinstance(shown.body, Notice):
            self._answered(happened)

    def theirs(self, where: str, person: Person, text: str) -> None:
        for number in canaries(text):
            if self.people.told[number].person != person:
                self.complain(f"{where} holds canary {number} of {self.people.told[number].person}")
            if number in self.gone:
                self.complain(f"{where} holds canary {number}, which was forgotten")

    def _usable(self, where: str, person: Person, number: int) -> None:
        expires = self.expires.get(number)
        if expires is not None and self.now() > expires + SLACK:
            self.complain(f"{where} uses canary {number}, expired {self.now() - expires:.0f} s ago")
        if number in self.withdrawn:
            self.complain(f"{where} uses canary {number}, which was taken back")
        if person in self.paused:
            self.complain(f"{where} uses canary {number}, while {person} has paused")

    def _in_public(self, shown: Shown, text: str) -> None:
        if shown.audience == DIRECT:
            return
        for name, attribute in self.policy.defaults.attributes.items():
            if attribute.sensitivity is not Sensitivity.SENSITIVE:
                continue
            asks = isinstance(shown.body, Question) and shown.body.attribute == name
            if asks or (attribute.question and attribute.question in text):
                self.complain(f"{shown.message.id} asks about {name} in {shown.audience.id}")

    def _answered(self, happened: Happened) -> None:
        """A request about the profile was answered: from here on it holds."""
        inbound = happened.inbound
        if asks(inbound.content, Verb.FORGET):
            earlier = {
                each.number
                for each in self.happened
                if each.inbound.person == inbound.person and before(each, happened)
            }
            self.withdrawn |= {
                number
                for number, told in enumerate(self.people.told)
                if told.event in earlier and told.attribute == "profession"
            }
        later = (each for each in self.happened[happened.number + 1 :] if each.inbound.person == inbound.person)
        if asks(inbound.content, Verb.PAUSE) and not any(asks(each.inbound.content, Verb.RESUME) for each in later):
            self.paused.add(inbound.person)

    def turn_begins(self, turn: str) -> None:
        """Whoever confirms that they want to be forgotten means what was taken before."""
        happened = self.by_turn.get(turn)
        if happened is not None and confirms(happened.inbound.content):
            self.forgetting.setdefault(happened.inbound.person, self.claimed())

    def _forgot(self, person: Person) -> None:
        """Their receipt is shown: what was claimed when they were heard is gone."""
        before, claimed = self.forgetting.pop(person, frozenset()), self.claimed()
        for each in self.happened:
            if each.inbound.person == person:
                each.gone = each.gone or each.turn in before
                each.between = each.between or each.turn in claimed
        self.gone |= {number for number, told in enumerate(self.people.told) if self.happened[told.event].gone}
        self.paused.discard(person)
        self.withdrawn -= {number for number, told in enumerate(self.people.told) if told.person == person}

    # -- at the end --------------------------------------------------------------------------------------------------

    def conclude(self) -> None:
        """When everything has come to rest."""
        shown: dict[str, list[Shown]] = defaultdict(list)
        for each in self.shown:
            shown[each.message.turn].append(each)
        for happened in self.happened:
            self._met(happened, shown[happened.turn])
        for person in dict.fromkeys(each.inbound.person for each in self.happened):
            self._in_order([each for each in self.happened if each.inbound.person == person], shown)

    def _met(self, happened: Happened, shown: Sequence[Shown]) -> None:
        turn, content = happened.turn, happened.inbound.content
        bodies = Counter(type(each.body).__name__ for each in shown)
        if happened.accepted is None:
            self.complain(f"{turn} was never accepted")
        # Taken while its person's key was being destroyed, nobody could read it: sent again, it is taken anew.
        if happened.claims > 1 + happened.between:
            self.complain(f"{turn} was accepted as new {happened.claims} times")
        if happened.crisis and bodies["Crisis"] != 1:
            self.complain(f"the crisis {turn} was answered {bodies['Crisis']} times")
        excused = (
            happened.gone
            or happened.between
            or self._stopped(happened)
            or turn in self.undelivered | self.cancelled | self.folded
        )
        if not bodies and not excused and not isinstance(content, Moderated | Told):
            self.complain(f"{turn} got no reply")
        substantial = bodies["Question"] + bodies["Answer"] + bodies["Crisis"]
        # Danger that built up is remembered by the process that saw it: the next one knows of it from the ledger alone.
        lives = {each.life for each in shown}
        forgotten = bodies["Crisis"] == 1 and not happened.crisis and len(lives) > 1
        if substantial > 1 + forgotten:
            self.complain(f"{turn} was answered more than once: {dict(bodies)}")

    def _stopped(self, happened: Happened) -> bool:
        """Whether their person pressed stop soon after."""
        return any(
            isinstance(each.inbound.content, Stopped)
            and each.inbound.person == happened.inbound.person
            and None not in (each.began, happened.began)
            and 0.0 <= (each.began or 0.0) - (happened.began or 0.0) < STOPS_WITHIN
            for each in self.happened
            if each is not happened
        )

    def _in_order(self, theirs: Iterable[Happened], shown: dict[str, list[Shown]]) -> None:
        """Whoever waited for a message to be taken before sending the next gets the replies in that order."""
        latest, by = -1, ""
        taken = sorted((each for each in theirs if each.accepted is not None), key=lambda each: each.accepted or 0.0)
        for each in taken:
            replies = [self.shown.index(one) for one in shown[each.turn] if not isinstance(one.body, Crisis)]
            replies = [place for place in replies if not self.shown[place].message.id.endswith("crisis-place")]
            earlier = [other for other in taken if before(other, each)]
            marks = [
                self.shown.index(one)
                for other in earlier
                for one in shown[other.turn]
                if not isinstance(one.body, Crisis) and not one.message.id.endswith("crisis-place")
            ]
            if replies and marks and min(replies) < max(marks):
                latest, by = max(marks), each.turn
                self.complain(f"{by} was answered before {self.shown[latest].message.turn}, which came first")


def _words(body: Body) -> str:
    match body:
        case Question(text=text, reason=reason):
            return f"{text}\n{reason}"
        case Answer(text=text):
            return text.reveal()
        case Crisis(text=text):
            return text
        case Notice(text=text, attachment=attachment):
            file = "" if attachment is None else attachment.content.reveal().decode()
            return f"{text.reveal()}\n{file}"
