"""Whatever people do, in whatever order: what ``advance`` must hold in every conversation."""

from __future__ import annotations

from functools import cache

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from adapters.embeddings.hashing import HashingEmbedder
from bot.chat import Chose, Command, Content, Crisis, Inbound, Moderated, Notice, Question, Said, Stopped, Told, Verb
from bot.conversation.codec import decode, encode
from bot.conversation.effects import Agree, Alert, Effect, ReadByModel, Remember, Say, Write
from bot.conversation.events import Arrived, Event, Read, Written
from bot.conversation.rules import Rules
from bot.conversation.states import State
from bot.conversation.turn import advance
from bot.identity import DIRECT, Person, Place, Space
from bot.private import Private
from bot.profile.attributes import ATTRIBUTES, BUCKETS
from bot.profile.changes import apply
from bot.profile.consent import NEW, Standing
from bot.profile.record import Record
from bot.profile.retention import Bounds
from bot.raise_core.agent.model_reading import ReadReply, ReadValue, Stance
from bot.risk.response import CrisisReply, response_for
from bot.risk.screen import screen_safely
from bot.risk.verdicts import RiskHistory, Verdict
from bot.severity import Severity
from tests.support.policies import shipped, varied

PERSON = Person("terminal", "w1", "u1")
CHANNEL = Space(Place.CHANNEL, "c1")
HARD = (
    "My girlfriend left me after four years and I don't know how to get through the evenings",
    "My boss shouts at me in front of the whole team every single day",
    "I can't pay the rent this month and I'm scared of losing the flat",
    "I failed my final exams and I don't dare to tell my parents",
)
SAID = (
    *HARD,
    "I am going to kill myself tonight",
    "I want to hurt myself",
    "anxious",
    "I'm 34 and divorced",
    "sorry, I meant I'm 43",
    "skip",
    "why do you ask?",
    "just answer me",
    "no idea",
    "what is the capital of Portugal?",
    "set a timer for ten minutes",
    "",
    "thanks",
)
spaces = st.sampled_from((DIRECT, CHANNEL))
severities = st.sampled_from((Severity.NONE, Severity.NONE, Severity.NONE, Severity.CONCERN, Severity.IMMINENT))


@cache
def rules_for(mode: str) -> Rules:
    policy = shipped() if mode == "planned" else varied(abstention={"mode": mode})
    return Rules.of(policy, HashingEmbedder(), bounds=Bounds(60, 86_400), model_reads=mode != "planned")


class Conversation(RuleBasedStateMachine):
    mode = "planned"

    def __init__(self) -> None:
        super().__init__()
        self.rules = rules_for(self.mode)
        self.state = State()
        self.records: tuple[Record, ...] = ()
        self.standing: Standing = NEW
        self.now = 1_000_000.0
        self.number = 0
        self.declined: dict[tuple[Space, str], set[str]] = {}
        self.calls: dict[str, int] = {}

    # -- what can happen -----------------------------------------------------------------------------------------------

    @rule(text=st.sampled_from(SAID) | st.text(max_size=60), space=spaces)
    def say(self, text: str, space: Space) -> None:
        self.arrive(Said(Private(text)), space)

    @rule(pick=st.integers(0, 12), space=spaces)
    def press(self, pick: int, space: Space) -> None:
        asked = self.state.asking(space)
        thread = self.state.threads.get(asked) if asked else None
        if thread is not None and thread.question is not None:
            offered = self.rules.policy.defaults.attributes[thread.question.attribute].choices
            picked = (*(choice.id for choice in offered), "skip", "why", "stop")
            self.arrive(Chose(f"{thread.question.attribute}:{picked[pick % len(picked)]}"), space)

    @rule(
        attribute=st.sampled_from(ATTRIBUTES),
        picked=st.sampled_from(("skip", "why", "stop", "none", "x")),
        space=spaces,
    )
    def press_an_old_button(self, attribute: str, picked: str, space: Space) -> None:
        self.arrive(Chose(f"{attribute}:{picked}"), space)

    @rule(verb=st.sampled_from(Verb), argument=st.sampled_from(("", "age", "age 35", "me", "nothing")), space=spaces)
    def command(self, verb: Verb, argument: str, space: Space) -> None:
        self.arrive(Command(verb, Private(argument)), space)

    @rule()
    def stop(self) -> None:
        self.arrive(Stopped(), DIRECT)

    @rule(held=st.booleans(), space=spaces)
    def moderate(self, held: bool, space: Space) -> None:
        self.arrive(Moderated(held), space)
        assert (space in self.state.held) is held

    @rule(space=spaces)
    def be_told_by_a_moderator(self, space: Space) -> None:
        self.arrive(Told(Private("I'm from the team, how are you?")), space)
        assert self.state.threads[space].lines[-1].text == Private("I'm from the team, how are you?")

    @rule(seconds=st.sampled_from((1.0, 600.0, 86_400.0 * 3)))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    # -- the loop of a turn --------------------------------------------------------------------------------------------

    def arrive(self, content: Content, space: Space) -> None:
        self.number += 1
        self.now += 1
        inbound = Inbound(f"e{self.number}", PERSON, space, content, self.now, "en-US")
        visible = tuple(record for record in self.records if record.expires_at > self.now)
        arrived = Arrived(inbound, self.now, visible, self.standing)
        if isinstance(content, Said):
            self.check_screening(arrived, content.text.reveal())
        else:
            self.step(arrived, arrived)

    def check_screening(self, arrived: Arrived, text: str) -> None:
        verdict, _ = screen_safely(self.rules.screen, text, RiskHistory(), self.now)
        effects = self.step(arrived, arrived)
        assert isinstance(verdict, Verdict)
        if isinstance(response_for(verdict), CrisisReply):
            bodies = [effect.body for effect in effects if isinstance(effect, Say)]
            assert any(isinstance(body, Crisis) for body in bodies)
            assert any(isinstance(effect, Alert) for effect in effects)
            assert not any(isinstance(effect, Write | ReadByModel) for effect in effects)
            assert not any(isinstance(body, Question) for body in bodies)

    def step(self, arrived: Arrived, event: Event) -> tuple[Effect, ...]:
        before = self.state
        self.state, effects = advance(self.rules, before, event)
        assert decode(encode(self.state), State) == self.state
        again, _ = advance(self.rules, before, event)
        assert again == self.state, "advance is not pure"
        if arrived.inbound.space in before.held and isinstance(arrived.inbound.content, Said | Told):
            self.check_silence(effects)
        for effect in effects:
            self.perform(arrived, effect, before)
        return effects

    def perform(self, arrived: Arrived, effect: Effect, before: State) -> None:
        match effect:
            case Remember(changes):
                self.records = tuple(apply(self.records, changes, self.now, 1_000))
            case Agree(standing):
                self.standing = standing
            case Say(body, space):
                self.check_said(arrived, body, space, before)
            case ReadByModel():
                self.calls[arrived.inbound.id] = self.calls.get(arrived.inbound.id, 0) + 1
                self.step(arrived, Read(self.so_far(arrived), self.read(), "the model was down"))
            case Write(brief, space):
                self.check_written(space, brief.used)
                self.calls[arrived.inbound.id] = self.calls.get(arrived.inbound.id, 0) + 1
                self.step(arrived, Written(self.so_far(arrived), Private("an answer"), "scripted"))
            case _:
                pass

    def so_far(self, arrived: Arrived) -> Arrived:
        return Arrived(arrived.inbound, arrived.now, self.records, self.standing)

    def read(self) -> ReadReply | None:
        """What the model of this run says: nothing at all every third time."""
        turn = self.number % 9
        if turn % 3 == 0:
            return None
        attribute = ATTRIBUTES[self.number % len(ATTRIBUTES)]
        bucket = BUCKETS[attribute][0] if BUCKETS[attribute] else None
        values = [ReadValue(attribute=attribute, value=bucket, said="so to say")] if turn % 2 else []
        severity = Severity.IMMINENT if turn == 8 else Severity.NONE
        stance = tuple(Stance)[self.number % len(Stance)]
        return ReadReply(stance=stance, values=values, completeness=turn / 2, severity=severity, category=None)

    # -- what must hold ------------------------------------------------------------------------------------------------

    def check_said(self, arrived: Arrived, body: object, space: Space, before: State) -> None:
        match body:
            case Question(attribute=attribute):
                thread = self.state.threads[space]
                assert thread.question is not None
                assert thread.question.attribute == attribute
                assert attribute not in self.declined.get((space, thread.session), set())
                assert not self.state.unsettled, "a question was asked in a crisis or while a person speaks, somewhere"
                assert not self.standing.paused
            case Notice() | Crisis():
                pass
            case _:
                raise AssertionError(f"unexpected {type(body).__name__}")
        for place, thread in before.threads.items():
            gone = self.state.threads.get(place)
            if gone is not None and gone.session == thread.session:
                assert thread.declined <= gone.declined

    def check_silence(self, effects: tuple[Effect, ...]) -> None:
        """Where a moderator speaks, the bot says nothing but where to find help."""
        assert not any(isinstance(effect, Write | ReadByModel | Remember) for effect in effects)
        said = [effect.body for effect in effects if isinstance(effect, Say)]
        crisis = any(isinstance(body, Crisis) for body in said)
        assert all(isinstance(body, Crisis) or (crisis and isinstance(body, Notice)) for body in said)

    def check_written(self, space: Space, used: tuple[str, ...]) -> None:
        if space == DIRECT:
            return
        private = {record.attribute for record in self.records if record.space == DIRECT}
        public = {record.attribute for record in self.records if record.space == space}
        assert not (set(used) & private - public), "something told in private was used in public"

    @invariant()
    def declined_stays_declined(self) -> None:
        for space, thread in self.state.threads.items():
            told = self.declined.setdefault((space, thread.session), set())
            told |= thread.declined

    @invariant()
    def limits_hold(self) -> None:
        budget = self.rules.policy.defaults.budget
        for thread in self.state.threads.values():
            if thread.query is not None:
                limit = self.rules.tables[thread.query.domain].limit if thread.query.domain else 0
                assert len(thread.query.asked) <= limit
                assert len(set(thread.query.asked)) == len(thread.query.asked)
                assert thread.query.model_calls < budget.model_calls
        assert all(count <= 3 for count in self.calls.values())


class ModelDecides(Conversation):
    mode = "model"


class BothDecide(Conversation):
    mode = "both"


quick = settings(max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
TestPlanned = Conversation.TestCase
TestPlanned.settings = quick
TestModelDecides = ModelDecides.TestCase
TestModelDecides.settings = quick
TestBothDecide = BothDecide.TestCase
TestBothDecide.settings = quick
