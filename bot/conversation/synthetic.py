"""Conversations made up from a policy's own examples, taken through ``advance``: what a new wording, rule or exemplar
changes, which no recorded feature can show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.chat import ChoiceKind, Chose, Content, Inbound, Question, Said
from bot.conversation.audit import Decided
from bot.conversation.comparison import Comparison
from bot.conversation.effects import Agree, Alert, Remember, Say, Write
from bot.conversation.events import Arrived
from bot.conversation.replay import ASK, Came
from bot.conversation.rules import Rules
from bot.conversation.states import State
from bot.conversation.turn import advance
from bot.identity import DIRECT, Person
from bot.policy.schema import Policy
from bot.private import Private
from bot.profile.changes import apply
from bot.profile.consent import NEW
from bot.profile.record import Record

_SOMEBODY: Final = Person("synthetic", "none", "somebody")
_LONGEST: Final = 6
"""Steps of one conversation: more than any budget of questions."""
_BEGIN: Final = 1_767_225_600.0
_PER_LIST: Final = 40


def openings(*policies: Policy) -> tuple[str, ...]:
    """First messages: exemplars of every domain, of ordinary talk and of every risk rule of the policies, each once."""
    texts: list[str] = []
    for policy in policies:
        for domain in policy.domains.values():
            texts += domain.routing.exemplars[:_PER_LIST]
        texts += policy.none.exemplars[:_PER_LIST]
        for risk in policy.risk.values():
            for rule in risk.rules:
                texts += (*rule.exemplars[:_PER_LIST], *rule.counter_exemplars[:_PER_LIST])
    return tuple(dict.fromkeys(texts))


def contrasted(old: Rules, new: Rules, texts: Iterable[str]) -> Comparison:
    """Each text as the beginning of a conversation under both; every question is answered by its first choice."""
    comparison = Comparison()
    for text in texts:
        before, after = conversation(old, text), conversation(new, text)
        domain = next((each.domain for each, _ in before if each.domain is not None), None)
        comparison.add(text, domain, tuple(_came(*each) for each in before), tuple(_came(*each) for each in after))
    return comparison


def conversation(rules: Rules, text: str) -> tuple[tuple[Decided, bool], ...]:
    """The decisions of one conversation until it is answered, each with whether moderators were told. Calls no model
    and keeps nothing."""
    state, content, decided = State(), _said(text), list[tuple[Decided, bool]]()
    records: tuple[Record, ...] = ()
    standing = NEW
    for step in range(_LONGEST):
        now = _BEGIN + step * 5
        inbound = Inbound(f"s{step}", _SOMEBODY, DIRECT, content, now, "en-US")
        state, effects = advance(rules, state, Arrived(inbound, now, records, standing))
        asked: Question | None = None
        for effect in effects:
            if isinstance(effect, Decided):
                decided.append((effect, any(isinstance(each, Alert) for each in effects)))
            elif isinstance(effect, Remember):
                records = tuple(apply(records, effect.changes, now, 100))
            elif isinstance(effect, Agree):
                standing = effect.standing
            elif isinstance(effect, Say) and isinstance(effect.body, Question):
                asked = effect.body
        if asked is None or any(isinstance(each, Write) for each in effects):
            break
        content = Chose(_reply(asked))
    return tuple(decided)


def _said(text: str) -> Content:
    return Said(Private(text))


def _reply(asked: Question) -> str:
    values = (choice.id for choice in asked.choices if choice.kind is ChoiceKind.VALUE)
    return next(values, f"{asked.attribute}:skip")


def _came(decided: Decided, flagged: bool) -> Came:
    return Came(decided.kind, decided.attribute if decided.kind == ASK else None, decided.severity, flagged)
