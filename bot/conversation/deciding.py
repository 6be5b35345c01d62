"""Ask, or answer? The last step of most turns."""

from __future__ import annotations

from typing import Final

from bot.chat import Notice, Question
from bot.conversation.effects import ReadByModel, Write
from bot.conversation.states import OpenQuestion, Query
from bot.conversation.work import Work
from bot.frozen import replace
from bot.identity import DIRECT
from bot.llm import Role
from bot.policy.schema import AbstentionMode
from bot.policy.spans import span
from bot.private import Private
from bot.profile.attributes import Sensitivity
from bot.profile.consent import may_ask
from bot.raise_core.agent.abstain import Unasked, settle
from bot.raise_core.agent.acquire import Ask, Enough, Stop, decide
from bot.raise_core.agent.answer import Brief, Turn
from bot.raise_core.agent.model_reading import reading_prompt
from bot.raise_core.agent.question import is_private, question

_FOR_THE_ANSWER: Final = 1
"""Model calls of the budget that are never spent on reading."""
_PATIENCE: Final = 2
"""Replies that told nothing, after which an answer serves a person better than the next question."""


def settle_query(work: Work) -> Work:
    """Ask the next question about the current query, or answer it."""
    query = work.thread.query
    if query is None or query.domain is None or not _may_ask_at_all(work):
        return write(work)
    if len(query.unclear.intersection(query.asked)) >= _PATIENCE:
        return write(work, Enough(Stop.UNANSWERED, ()))
    plan = _plan(work, query, query.domain)
    if _wants_judgement(work, query, plan):
        return read_by_model(work, query.parts[-1].reveal(), attribute=None)
    decision = settle(plan, query.sufficiency, work.rules.policy.defaults.abstention)
    if isinstance(decision, Ask):
        return _ask(work, query, query.domain, decision)
    return write(work, decision)


def _may_ask_at_all(work: Work) -> bool:
    troubled = work.state.unsettled or work.thread.crisis_at is not None
    return not (work.thread.no_questions or work.standing.paused or troubled)


def _plan(work: Work, query: Query, domain: str) -> Ask | Enough:
    rules = work.rules
    known = {attribute: value.bucket for attribute, value in work.known().items()}
    closed = work.thread.declined | query.unclear | work.told_in_private() | frozenset(query.asked)
    withdrawn = frozenset(name for name in work.standing.consents if not may_ask(work.standing, name))
    near = rules.evidence.about(query.text, domain) if rules.evidence is not None else None
    return decide(rules.tables[domain], known, closed | withdrawn, len(query.asked), near)


def _wants_judgement(work: Work, query: Query, plan: Ask | Enough) -> bool:
    """In MODEL mode the model's word is needed once per state of knowledge, if it can still change anything."""
    mode = work.rules.policy.defaults.abstention.mode
    return (
        mode is AbstentionMode.MODEL
        and isinstance(query.sufficiency, Unasked)
        and can_read(work, query)
        and bool(plan.reasons)
    )


def can_read(work: Work, query: Query) -> bool:
    """Whether a structured call may be made: a model is there, and the budget leaves one call for the answer."""
    budget = work.rules.policy.defaults.budget.model_calls
    return work.rules.model_reads and query.model_calls + _FOR_THE_ANSWER < budget


def read_by_model(work: Work, reply: str, attribute: str | None) -> Work:
    """Have the model read ``reply``; the turn goes on when it has."""
    query = work.thread.query
    if query is None:
        return write(work)
    known = work.known(for_model=True)
    prompt = reading_prompt(work.rules.policy, query=query.text, attribute=attribute, reply=reply, known=known)
    return work.with_query(replace(query, model_calls=query.model_calls + 1)).do(ReadByModel(prompt, work.until(known)))


def worded(work: Work, opened: OpenQuestion) -> Question:
    """The open question in words once more, without the sentence about consent."""
    query = work.thread.query
    domain = query.domain if query is not None else None
    return question(work.rules.policy, domain, opened.attribute, locale=work.locale, private=opened.private)


def _ask(work: Work, query: Query, domain: str, decision: Ask) -> Work:
    policy, attribute = work.rules.policy, decision.attribute
    general = policy.defaults.attributes[attribute]
    first_sensitive = general.sensitivity is Sensitivity.SENSITIVE and not work.standing.informed
    consent = (
        work.phrase("question.consent", keep=span(policy, work.locale, work.rules.keep(attribute)))
        if first_sensitive
        else None
    )
    private = query.private or is_private(general)
    asked = question(policy, domain, attribute, locale=work.locale, private=private, consent=consent)
    if first_sensitive:
        work = work.agree(replace(work.standing, informed=True))
    because = decision.sentence
    thread = replace(
        work.thread,
        query=replace(query, asked=(*query.asked, attribute)),
        question=OpenQuestion(attribute, private, work.arrived.now),
        because=because,
    )
    return (
        work.on(thread)
        .say(asked, work.space)
        .decided(
            "ask",
            attribute=attribute,
            because=because,
            known=work.known(),
            considered=decision.reasons,
        )
    )


def write(work: Work, decision: Enough | None = None) -> Work:
    """Answer the current query with what is known and may be used where the answer goes."""
    query = work.thread.query
    if query is None:
        return work
    path = work.rules.tables[query.domain].terms if query.domain else {}
    known = {name: value for name, value in work.known(for_model=True).items() if name in path}
    brief = Brief(
        domain=query.domain,
        query=Private(query.text),
        known=tuple(known.items()),
        earlier=_earlier(work, query),
        locale=work.locale,
        after_crisis=work.thread.crisis_at is not None,
        place=work.rules.place,
        until=work.until(known),
    )
    because = decision.sentence if decision is not None else "answered: no question is asked here"
    if work.outlet != work.space:
        work = work.say(Notice(Private(work.phrase("answer.private_notice"))), work.space)
    if work.arrived.records is None:
        work = work.say(Notice(Private(work.phrase("answer.profile_down"))), work.outlet)
    thread = replace(work.thread, question=None, used=tuple(known), because=because)
    considered = decision.reasons if decision is not None else ()
    written = work.on(thread).do(Write(brief, work.outlet))
    return written.decided("answer", because=because, known=known, considered=considered)


def _earlier(work: Work, query: Query) -> tuple[Turn, ...]:
    """The short memory before this query, without what was said in private if the answer goes to a public place; it
    begins with the person, as models expect."""
    open_air = work.outlet != DIRECT
    current = set(query.parts)
    lines = [
        line
        for line in work.thread.lines
        if not (open_air and line.private) and not (line.role is Role.USER and line.text in current)
    ]
    while lines and lines[0].role is not Role.USER:
        lines.pop(0)
    return tuple(Turn(line.role, line.text) for line in lines)
