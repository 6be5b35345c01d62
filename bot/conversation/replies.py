"""What a person said or pressed: a reply to the open question, a correction, or something new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.chat import Notice
from bot.conversation.deciding import can_read, read_by_model, settle_query, worded, write
from bot.conversation.states import OpenQuestion, Query
from bot.conversation.work import Work
from bot.frozen import replace
from bot.identity import DIRECT
from bot.policy.locate import Location
from bot.private import Private
from bot.profile.consent import Agreement, with_consent
from bot.profile.record import Source, Value
from bot.raise_core.agent.abstain import Unasked
from bot.raise_core.agent.acquire import Enough, Stop
from bot.raise_core.agent.question import SKIP, STOP, WHY, label
from bot.raise_core.agent.reading import Gesture, Reading
from bot.severity import Severity

_LONGER: Final = 8
"""Words from which a message can stand on its own."""
_CLEARLY: Final = 0.5
"""Lead of the best domain from which a message without a question mark counts as a new subject."""
_SENTENCE: Final = 4
_TELLS: Final = 0.9
"""Chance of belonging to some domain from which words tell what weighs on somebody: "I feel awful" is no profession."""
_ERRAND: Final = 0.15
"""Chance of belonging to any domain below which a sentence is ordinary talk: an errand, not a reply."""


def on_text(work: Work, text: str) -> Work:
    """The person wrote ``text``, which is not a crisis."""
    opened = work.thread.question
    work = work.heard(Private(text))
    if opened is None:
        return _on_new_text(work, text)
    if work.arrived.inbound.at < opened.asked_at:
        return _sent_before_seen(work, text)
    attribute = opened.attribute
    reading = work.rules.reader.reply(attribute, text)
    if reading.gesture is not None:
        return on_gesture(work, opened, reading.gesture)
    told = reading.values.get(attribute)
    if told is not None:
        if told.bucket is not None or not _beside_the_question(work, text, reading):
            return _answered(work, opened, reading.values, Source.TEXT)
        if _is_errand(work.located(text), text):
            return start_query(work, text)  # "set a timer" is nobody's profession
        others = {name: value for name, value in reading.values.items() if name != attribute}
        return _unclear(work.learn(others, Source.TEXT), opened, text)
    query = work.thread.query
    if query is not None and not reading.values and can_read(work, query) and not _distressed(work):
        return read_by_model(work, text, attribute)
    if _new_subject(work, text):
        return _on_query(work, text, reading)
    return _unclear(work.learn(reading.values, Source.TEXT), opened, text)


def on_choice(work: Work, attribute: str, picked: str, typed: Private[str] | None) -> Work:
    """The person pressed ``attribute:picked`` on a question."""
    opened = work.thread.question
    if opened is None or opened.attribute != attribute:
        return _late_choice(work, attribute, picked)
    gesture = {SKIP: Gesture.SKIP, WHY: Gesture.WHY, STOP: Gesture.STOP}.get(picked)
    if gesture is not None:
        return on_gesture(work, opened, gesture)
    value = work.rules.reader.choice(attribute, picked)
    if value is None:
        return work.notice("notice.expired_choice", private=True)
    if typed is not None and typed.reveal().strip():
        value = Value(Private(typed.reveal().strip()[:200]), value.bucket)
    return _answered(work, opened, {attribute: value}, Source.CHOICE)


def on_gesture(work: Work, opened: OpenQuestion, gesture: Gesture) -> Work:
    """Why, skip or stop: each is a full answer to a question."""
    attribute, thread = opened.attribute, work.thread
    if gesture is Gesture.WHY:
        asked = worded(work, opened)
        notice = Notice(Private(f"{asked.reason}\n\n{asked.text}"), asked.choices, private=asked.private)
        return work.say(notice).decided("explain", attribute=attribute)
    work = work.agree(with_consent(work.standing, attribute, Agreement.DECLINED, work.arrived.now))
    thread = replace(thread, question=None, declined=thread.declined | {attribute})
    if gesture is Gesture.STOP:
        thread = replace(thread, no_questions=True)
    return settle_query(work.on(thread).decided("declined", attribute=attribute))


def on_read(work: Work, stance_answers: bool, values: Mapping[str, Value], reply: str) -> Work:
    """The model read a reply (no gesture, no new subject in it)."""
    opened = work.thread.question
    if opened is None:
        return settle_query(work.learn(values, Source.MODEL))
    if stance_answers and opened.attribute in values:
        return _answered(work, opened, values, Source.MODEL)
    return _unclear(work.learn(values, Source.MODEL), opened, reply)


def on_unread(work: Work, reply: str) -> Work:
    """The model could not read the reply: the words are kept with the query, and nothing counts as known or enough."""
    opened = work.thread.question
    return settle_query(work) if opened is None else _unclear(work, opened, reply)


def start_query(work: Work, text: str) -> Work:
    """A new subject, said while a question was open: that question is closed without a judgement on it."""
    return _on_query(work, text, work.rules.reader.volunteered(text))


def _answered(work: Work, opened: OpenQuestion, values: Mapping[str, Value], source: Source) -> Work:
    attribute, query = opened.attribute, work.thread.query
    if query is not None:
        private = query.private or (work.space != DIRECT and opened.private)
        query = replace(query, private=private, sufficiency=Unasked())
    work = work.on(replace(work.thread, question=None, query=query))
    asked_for = {attribute: values[attribute]}
    others = {name: value for name, value in values.items() if name != attribute}
    return settle_query(work.learn(asked_for, source, agreed=True).learn(others, source))


def _unclear(work: Work, opened: OpenQuestion, text: str) -> Work:
    """A reply that says nothing about the question still says something about the query: it is kept with it. Whoever
    shows distress instead of replying is answered, and not asked the next thing."""
    query = work.thread.query
    if query is not None:
        private = query.private or (work.space != DIRECT and work.told_in == DIRECT)
        unclear = query.unclear | {opened.attribute}
        query = replace(query, parts=(*query.parts, Private(text)), unclear=unclear, private=private)
    work = work.on(replace(work.thread, question=None, query=query))
    return write(work, Enough(Stop.DISTRESSED, ())) if _distressed(work) else settle_query(work)


def _sent_before_seen(work: Work, text: str) -> Work:
    """A message that was on its way before the question appeared belongs to the query; the question stays open."""
    if work.strayed:
        return _on_new_text(work.in_private().heard(Private(text)), text)
    query = work.thread.query
    if query is not None:
        work = work.with_query(replace(query, parts=(*query.parts, Private(text))))
    return work.learn(work.rules.reader.volunteered(text).values, Source.TEXT).decided("folded")


def _on_new_text(work: Work, text: str) -> Work:
    reading = work.rules.reader.volunteered(text)
    if reading.correction and reading.values and work.thread.query is not None:
        return settle_query(work.learn(reading.values, Source.CORRECTION))
    return _on_query(work, text, reading)


def _on_query(work: Work, text: str, reading: Reading) -> Work:
    if work.strayed:
        # A new subject is no reply: it is answered where it was typed, not where the question came from.
        work = work.on(replace(work.thread, question=None)).in_private().heard(Private(text))
    before = work.thread.query
    goes_on = reading.goes_on and before is not None and before.domain is not None
    query = _query(work, text, goes_on)
    # What was told in private goes into a private answer, but not in between while somebody speaks with them there.
    if query.domain is not None and work.space != DIRECT and DIRECT not in work.state.held and work.told_in_private():
        query = replace(query, private=True)
    thread = replace(work.thread, query=query, question=None)
    work = work.on(thread).learn(reading.values, Source.TEXT)
    return write(work, Enough(Stop.CONTINUED, ())) if goes_on else settle_query(work)


def _query(work: Work, text: str, goes_on: bool) -> Query:
    """What ``text`` asks for. Where it goes on with the query before it belongs where that did. Questions put to that
    count for this one too, as they do where the last one was left open; and what was put in vain is not put again."""
    before, turn, parts = work.thread.query, work.arrived.inbound.turn_id, (Private(text),)
    if before is not None and goes_on:
        return Query(turn, parts, before.domain, before.domain_score, before.asked, before.unclear)
    there = work.located(text)
    if before is None:
        return Query(turn, parts, there.domain, there.score)
    most = work.rules.tables[there.domain].limit if there.domain is not None and work.thread.question is not None else 0
    asked = before.asked[:most]
    return Query(turn, parts, there.domain, there.score, asked, before.unclear)


def _new_subject(work: Work, text: str) -> bool:
    """Whether a reply turned to something else: a question about another domain or none, a message that clearly belongs
    to another, or an errand. A few more words ("I can't sleep") belong to what was said before."""
    query = work.thread.query
    if query is None:
        return False
    there, asks = work.located(text), text.rstrip().endswith("?")
    clear = there.domain is not None and there.margin >= _CLEARLY and len(text.split()) >= _LONGER
    return there.domain != query.domain and (clear or asks or _is_errand(there, text))


def _beside_the_question(work: Work, text: str, reading: Reading) -> bool:
    """Whether a reply in the person's own words, to a question that any words may answer, is about something else."""
    there = work.located(text)
    tells = there.score >= _TELLS and len(reading.values) == 1
    return _distressed(work) or tells or _is_errand(there, text)


def _distressed(work: Work) -> bool:
    return work.verdict.severity is not Severity.NONE


def _is_errand(there: Location, text: str) -> bool:
    return there.domain is None and there.score < _ERRAND and len(text.split()) >= _SENTENCE


def _late_choice(work: Work, attribute: str, picked: str) -> Work:
    """A button of an earlier question: a value corrects what was said then; anything else has had its day."""
    query, value = work.thread.query, work.rules.reader.choice(attribute, picked)
    if query is None or value is None or attribute not in query.asked:
        return work.notice("notice.expired_choice", private=True)
    work = work.learn({attribute: value}, Source.CORRECTION, agreed=True)
    if work.thread.question is None:
        return settle_query(work)
    name = label(work.rules.policy, attribute, work.locale)
    return work.notice("privacy.corrected", private=True, label=name, value=value.said.reveal())
