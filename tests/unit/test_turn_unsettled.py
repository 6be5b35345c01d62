"""While somebody is in a crisis, or a person speaks with them, nothing they say elsewhere brings a question."""

from __future__ import annotations

import pytest

from adapters.embeddings.hashing import HashingEmbedder
from bot.chat import Content, Inbound, Moderated, Question, Said
from bot.conversation.effects import Remember, Say, Write
from bot.conversation.events import Arrived
from bot.conversation.rules import Rules
from bot.conversation.states import State
from bot.conversation.turn import advance
from bot.identity import DIRECT, Person, Place, Space
from bot.private import Private
from bot.profile.consent import NEW
from bot.profile.retention import Bounds
from tests.support.people import NOW
from tests.support.policies import shipped

CHANNEL = Space(Place.CHANNEL, "c1")
TROUBLE = Said(Private("My girlfriend left me after four years and I don't know how to get through the evenings"))


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules.of(shipped(), HashingEmbedder(), bounds=Bounds(60, 86_400), model_reads=False)


def said(rules: Rules, state: State, content: Content, space: Space, at: float) -> tuple[State, bool]:
    """The state after ``content``, and whether a question came of it."""
    inbound = Inbound(f"e{at}", Person("terminal", "w1", "u1"), space, content, at, "en-US")
    after, effects = advance(rules, state, Arrived(inbound, at, (), NEW))
    return after, any(isinstance(effect, Say) and isinstance(effect.body, Question) for effect in effects)


def test_otherwise_there_is_a_question(rules: Rules) -> None:
    assert said(rules, State(), TROUBLE, CHANNEL, NOW)[1]


@pytest.mark.parametrize("before", [Moderated(True), Said(Private("I am going to kill myself tonight"))], ids=repr)
def test_a_channel_brings_no_question_while_the_direct_messages_are_held_or_in_crisis(
    rules: Rules, before: Content
) -> None:
    state, _ = said(rules, State(), before, DIRECT, NOW)
    assert state.unsettled
    assert not said(rules, state, TROUBLE, CHANNEL, NOW + 1)[1]


def test_handed_back_it_may_ask_again(rules: Rules) -> None:
    state, _ = said(rules, State(), Moderated(True), DIRECT, NOW)
    state, _ = said(rules, state, Moderated(False), DIRECT, NOW + 1)
    assert said(rules, state, TROUBLE, CHANNEL, NOW + 2)[1]


def test_an_answer_does_not_come_in_between_while_somebody_speaks_with_the_person_in_private(rules: Rules) -> None:
    state, _ = said(rules, State(), TROUBLE, DIRECT, NOW)
    inbound = Inbound("e-told", Person("terminal", "w1", "u1"), DIRECT, Said(Private("anxious")), NOW + 1, "en-US")
    state, effects = advance(rules, state, Arrived(inbound, NOW + 1, (), NEW))
    records = tuple(record for each in effects if isinstance(each, Remember) for record in each.changes.put)
    told = {record.attribute for record in records}
    assert "emotional_state" in told, "something was told in private"
    state, _ = said(rules, state, Moderated(True), DIRECT, NOW + 2)
    asked = Inbound("e-asked", Person("terminal", "w1", "u1"), CHANNEL, TROUBLE, NOW + 3, "en-US")
    _, effects = advance(rules, state, Arrived(asked, NOW + 3, records, NEW))
    answers = [each for each in effects if isinstance(each, Write)]
    assert [each.space for each in answers] == [CHANNEL]
    assert "emotional_state" not in answers[0].brief.used
