"""What somebody tells reaches nobody else, no other workspace and no more public place, in any order of events.

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
from bot.chat import Chose, Command, Content, Crisis, Inbound, Notice, Question, Said, Verb
from bot.conversation.codec import Journal, encode
from bot.conversation.effects import Agree, Effect, Remember, Say, Write
from bot.conversation.events import Arrived, Event, Written
from bot.conversation.states import State
from bot.conversation.turn import advance
from bot.identity import DIRECT, Person, Place, Space
from bot.private import Private
from bot.profile.consent import NEW, Standing
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
    conversations: set[tuple[Person, Space]] = field(default_factory=set)
    now: float = NOW
    values_seen: int = 0

    async def run(self) -> None:
        for number in range(EVENTS):
            person, space = self.chance.choice(PEOPLE), self.chance.choice(PLACES)
            self.conversations.add((person, space))
            self.now += self.chance.choice((1.0, 30.0, 400.0, 4_000.0))
            content = self.content(person, space)
            inbound = Inbound(f"e{number}", person, space, content, self.now, "en-US")
            arrived = Arrived(
                inbound, self.now, await self.profiles.read(person, self.now), self.standings.get(person, NEW)
            )
            await self.step(arrived, arrived)

    def content(self, person: Person, space: Space) -> Content:
        """What the person does: mostly tells something, with a canary."""
        question, roll = self.open_questions.get(person), self.chance.random()
        if question is not None and roll < 0.4:
            choice = self.chance.choice(question.choices)
            return Chose(choice.id, Private(self.canary(person, DIRECT if question.private else space)))
        if question is not None and roll < 0.55:
            return Said(Private(f"anxious and single, I work as a {self.canary(person, space)}"))
        if roll < 0.75:
            subject = self.chance.choice(SUBJECTS)
            return Said(Private(f"I'm 34, I work as a {self.canary(person, space)}. {subject}"))
        verb = self.chance.choice(
            (Verb.PRIVACY, Verb.EXPORT, Verb.WHY, Verb.CORRECT, Verb.FORGET, Verb.PAUSE, Verb.RESUME)
        )
        if verb is Verb.CORRECT:
            return Command(verb, Private(f"profession {self.canary(person, space)}"))
        return Command(verb, Private("profession" if verb is Verb.FORGET else ""))

    def canary(self, person: Person, space: Space) -> str:
        self.told.append(Told(person, space))
        return f"zq{len(self.told) - 1}qz"

    async def step(self, event: Event, arrived: Arrived) -> None:
        person = arrived.inbound.person
        state, effects = advance(RULES, self.states.get(person, State()), event)
        self.states[person] = state
        for effect in effects:
            self.check(effect, person)
            match effect:
                case Remember(changes):
                    await self.profiles.write(person, changes, self.now)
                case Agree(standing):
                    self.standings[person] = standing
                case Write(brief):
                    everything = encode(Journal((effect,))).decode()
                    del brief
                    await self.step(Written(arrived, Private(everything), "parrot"), arrived)
                case Say(Question() as question):
                    self.open_questions[person] = question

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
            assert shown_in == DIRECT or told.space == shown_in, f"{shown_in} is shown what was told in {told.space}"
            assert not (isinstance(effect, Say) and isinstance(effect.body, Crisis))
            self.values_seen += 1


async def test_no_value_reaches_another_person_workspace_or_more_public_place() -> None:
    done = seen = number = 0
    while done < CONVERSATIONS:
        world = World(random.Random(f"scope-{number}"))
        await world.run()
        done, seen, number = done + len(world.conversations), seen + world.values_seen, number + 1
    assert seen > done, "hardly any value was shown at all, so that nothing was tried"


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
