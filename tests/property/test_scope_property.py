"""What somebody tells reaches nobody else, no other workspace and no more public place, in any order of events; and
what they move, exactly the place they moved it to, for as long as they do not take it back.

Many conversations of several people in several workspaces and places run interleaved over one store. Every value told
carries a canary of its own; the model is one that repeats all it is given. RAISE_SCOPE_CONVERSATIONS sets how many
conversations are run (``make test-scope`` runs 100,000).
"""

from __future__ import annotations

import os
import random
import re
from dataclasses import dataclass, field

from adapters.stores.memory import MemoryProfiles
from bot.chat import Choice, Chose, Command, Content, Crisis, Inbound, Notice, Question, Said, Verb
from bot.conversation.codec import encode
from bot.conversation.effects import Agree, Effect, Journal, Remember, Say, Write
from bot.conversation.events import Arrived, Event, Written
from bot.conversation.states import State
from bot.conversation.turn import advance
from bot.identity import DIRECT, Person, Place, Space
from bot.private import Private
from bot.profile.attributes import Sensitivity
from bot.profile.consent import NEW, Standing, may_share
from bot.profile.store import Changes
from tests.scenario.conversations import ERRAND, HEARTBREAK, JOB
from tests.support.people import NOW
from tests.support.policies import rulebook

CONVERSATIONS = int(os.environ.get("RAISE_SCOPE_CONVERSATIONS", "3000"))
PEOPLE = tuple(
    Person(platform, workspace, user)
    for platform, workspace in (("slack", "T1"), ("slack", "T2"), ("discord", "T1"))
    for user in ("U1", "U2")
)
PLACES = (DIRECT, Space(Place.CHANNEL, "C1"), Space(Place.CHANNEL, "C2"))
EVENTS = 60
CANARY = re.compile(rb"zq(\d+)qz")
RULES = rulebook(model_reads=False).current()
MOVING = (Verb.SHARE, Verb.SHARE, Verb.UNSHARE)
VERBS = (Verb.PRIVACY, Verb.EXPORT, Verb.WHY, Verb.CORRECT, Verb.FORGET, Verb.PAUSE, Verb.RESUME)
SUBJECTS = (HEARTBREAK, JOB, ERRAND, "how do I get over my fear of my exams next week", "what should I cook tonight")


@dataclass
class Told:
    """Whose a canary is, and the place it was told in: where it was typed; in private beside a button of a private
    question, wherever that was pressed."""

    person: Person
    space: Space


@dataclass
class World:
    """Some people, all at once."""

    chance: random.Random
    profiles: MemoryProfiles = field(default_factory=MemoryProfiles)
    states: dict[Person, State] = field(default_factory=dict)
    standings: dict[Person, Standing] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    open_questions: dict[Person, Question] = field(default_factory=dict)
    offers: dict[Person, tuple[str, Space]] = field(default_factory=dict)
    """The button that would move something, and where to."""
    moved: dict[tuple[Person, Space], set[int]] = field(default_factory=dict)
    """The canaries that a person has moved to a place."""
    planned: list[tuple[Person, Space, Content]] = field(default_factory=list)
    """What people do after moving something: have it used there, take it back, and ask the same again."""
    moves: int = 0
    moved_seen: int = 0
    conversations: set[tuple[Person, Space]] = field(default_factory=set)
    now: float = NOW
    values_seen: int = 0

    async def run(self) -> None:
        for number in range(EVENTS):
            person, space, content = self.chance.choice(PEOPLE), self.chance.choice(PLACES), None
            if self.planned and self.chance.random() < 0.5:
                person, space, content = self.planned.pop(0)
            self.conversations.add((person, space))
            self.now += self.chance.choice((1.0, 30.0, 400.0, 4_000.0))
            content = content or self.content(person, space)
            inbound = Inbound(f"e{number}", person, space, content, self.now, "en-US")
            arrived = Arrived(
                inbound, self.now, await self.profiles.read(person, self.now), self.standings.get(person, NEW)
            )
            await self.step(arrived, arrived)

    def content(self, person: Person, space: Space) -> Content:
        """What the person does: mostly tells something, with a canary."""
        question, roll = self.open_questions.get(person), self.chance.random()
        if person in self.offers and self.chance.random() < 0.5:
            return Chose(self.offers[person][0])
        if question is not None and roll < 0.4:
            choice = self.chance.choice(question.choices)
            if self.chance.random() < 0.7:  # else its buttons are pressed again later
                del self.open_questions[person]
            return Chose(choice.id, Private(self.canary(person, DIRECT if question.private else space)))
        if question is not None and roll < 0.55:
            return Said(Private(f"anxious and single, I work as a {self.canary(person, space)}"))
        if roll < 0.75:
            subject = self.chance.choice(SUBJECTS)
            if space != DIRECT and self.chance.random() < 0.5:
                return Said(Private(subject))
            if self.chance.random() < 0.3:
                return Command(Verb.CORRECT, Private(f"profession {self.canary(person, space)}"))
            return Said(Private(f"I'm 34, I work as a {self.canary(person, space)}. {subject}"))
        told = any(each.person == person for each in self.told)
        verb = self.chance.choice(MOVING if told and space != DIRECT and roll < 0.95 else VERBS)
        if verb is Verb.CORRECT:
            return Command(verb, Private(f"profession {self.canary(person, space)}"))
        return Command(verb, Private("profession" if verb in (Verb.FORGET, *MOVING) else ""))

    def canary(self, person: Person, space: Space) -> str:
        self.told.append(Told(person, space))
        return f"zq{len(self.told) - 1}qz"

    async def step(self, event: Event, arrived: Arrived) -> None:
        person = arrived.inbound.person
        state, effects = advance(RULES, self.states.get(person, State()), event)
        self.states[person] = state
        if isinstance(event, Arrived):
            self.took_back(arrived)
        for effect in effects:
            self.check(effect, person)
            match effect:
                case Remember(changes):
                    self.move(arrived, changes)
                    await self.profiles.write(person, changes, self.now)
                case Agree(standing):
                    self.standings[person] = standing
                case Write(brief):
                    everything = encode(Journal((effect,))).decode()
                    del brief
                    await self.step(Written(arrived, Private(everything), "parrot"), arrived)
                case Say(Question() as question):
                    self.open_questions[person] = question
                case Say(Notice(choices=(Choice(id=button), *_)), space) if button.startswith("do:share_yes."):
                    self.offers[person] = button, space

    def took_back(self, arrived: Arrived) -> None:
        """Asked to take back where it was moved to, nothing that was moved may be shown there from here on."""
        inbound = arrived.inbound
        if (
            isinstance(inbound.content, Command)
            and inbound.content.verb is Verb.UNSHARE
            and arrived.records is not None
        ):
            self.moved.pop((inbound.person, inbound.space), None)

    def move(self, arrived: Arrived, changes: Changes) -> None:
        """A copy is put where the person confirmed it, of what is known, until what it is a copy of expires."""
        person, content = arrived.inbound.person, arrived.inbound.content
        for copy in changes.put:
            if not copy.moved or copy.expires_at <= arrived.now:
                continue
            button, space = self.offers.pop(person)
            assert content == Chose(button), "something was moved that nobody asked to move"
            assert copy.space == space
            origins = [each for each in arrived.records or () if each.value == copy.value and not each.moved]
            assert copy.expires_at in [each.expires_at for each in origins]
            assert may_share(arrived.standing, copy.attribute, Sensitivity.SENSITIVE)
            found = CANARY.findall(copy.value.said.reveal().encode())
            self.moved.setdefault((person, space), set()).update(int(each) for each in found)
            self.moves += 1
            again = (Said(Private(JOB)), Said(Private("just answer me")))
            back = Command(Verb.UNSHARE, Private("profession"))
            self.planned += [(person, space, each) for each in (*again, *again, back, *again)]

    def check(self, effect: Effect, person: Person) -> None:
        """Nothing that leaves holds a canary of somebody else, or one told in a more private place."""
        if not isinstance(effect, Say | Write):
            return
        shown_in = effect.space
        if isinstance(effect, Say) and isinstance(effect.body, Notice | Question) and effect.body.private:
            shown_in = DIRECT
        for found in set(CANARY.findall(encode(Journal((effect,))))):
            told = self.told[int(found)]
            assert told.person == person, f"{person} is shown what {told.person} told"
            moved = int(found) in self.moved.get((person, shown_in), ())
            allowed = moved or shown_in == DIRECT or told.space == shown_in
            assert allowed, f"{shown_in} is shown what was told in {told.space}"
            self.moved_seen += moved
            assert not (isinstance(effect, Say) and isinstance(effect.body, Crisis))
            self.values_seen += 1


async def test_no_value_reaches_another_person_workspace_or_more_public_place() -> None:
    done = seen = moves = moved_seen = number = 0
    while done < CONVERSATIONS:
        world = World(random.Random(f"scope-{number}"))
        await world.run()
        done, seen, number = done + len(world.conversations), seen + world.values_seen, number + 1
        moves, moved_seen = moves + world.moves, moved_seen + world.moved_seen
    assert seen > done, "hardly any value was shown at all, so that nothing was tried"
    assert moves > done / 40, "hardly anything was moved, so that moving was not tried"
    assert moved_seen > moves / 2, "hardly anything moved was used where it was moved to"


async def test_the_check_would_find_a_leak() -> None:
    world = World(random.Random(0))
    canary = world.canary(PEOPLE[0], DIRECT)
    leak = Say(Notice(Private(canary)), PLACES[1])
    for person in PEOPLE[:2]:
        try:
            world.check(leak, person)
        except AssertionError:
            continue
        raise AssertionError("a leak went unseen")


async def test_with_questions_open_from_two_channels_an_answer_is_remembered_where_it_belongs() -> None:
    world, ann = World(random.Random(1)), PEOPLE[0]
    for number, (space, content) in enumerate(
        [(PLACES[1], Said(Private(HEARTBREAK))), (PLACES[2], Said(Private(HEARTBREAK)))]
    ):
        world.now += 1
        inbound = Inbound(f"e{number}", ann, space, content, world.now, "en-US")
        arrived = Arrived(inbound, world.now, (), NEW)
        await world.step(arrived, arrived)
    assert [world.states[ann].asking(DIRECT)] == [PLACES[2]]
    world.now += 1
    stop = Inbound("stop", ann, DIRECT, Chose(f"{world.open_questions[ann].attribute}:stop"), world.now, "en-US")
    arrived = Arrived(stop, world.now, (), NEW)
    await world.step(arrived, arrived)
    roles = {space.id: [line.role.value for line in world.states[ann].threads[space].lines] for space in PLACES[1:]}
    assert roles == {"C1": ["user"], "C2": ["user", "assistant"]}
