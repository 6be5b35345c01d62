"""What a person took back leaves the short memory, the query at hand and the prompt that is about to be written.

Of a message that told the attribute (the turn that learned it noted so, or the words show it) the clauses that tell it
go, so that the rest can still be answered; where the words do not show which those are, the whole message goes. With it
go the bot's own lines from there on, which may repeat it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from bot.chat import Content, Said
from bot.clock import Seconds
from bot.conversation.states import Line, Query, State, Thread
from bot.frozen import dataclass, replace
from bot.llm import Role
from bot.private import Private
from bot.profile.consent import Agreement, Standing, may_use
from bot.profile.record import Record, Source
from bot.raise_core.agent.answer import Brief, Turn
from bot.raise_core.agent.reading import Reader
from bot.raise_core.agent.words import words

_BETWEEN_CLAUSES: Final = re.compile(r"(?<=[.!?;:,])\s+|\s+[-–—]\s+|\n+")
_NOTHING: Final[frozenset[str]] = frozenset()
Text = Private[str]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """``names`` are the attributes; ``records`` what is known of the person: the words they told it in."""

    names: frozenset[str]
    records: Sequence[Record]
    reader: Reader

    def rest(self, text: str, *, told: bool) -> str:
        """The clauses of ``text`` that tell none of them; ``told``: it is known that some do."""
        clauses = [each for each in _BETWEEN_CLAUSES.split(text) if each]
        kept = [each for each in clauses if not self._tells(each)]
        rest = " ".join(each.strip() for each in kept) if len(kept) < len(clauses) else text
        gone = self._tells(rest) or (told and len(kept) == len(clauses))
        return "" if gone else rest

    def _tells(self, text: str) -> bool:
        if not self.names.isdisjoint(self.reader.volunteered(text).values):
            return True
        said = f" {' '.join(words(text))} "
        return any(f" {value} " in said for value in self._values())

    def _values(self) -> Iterable[str]:
        """What was said in the person's own words; a pressed button is in no line."""
        for record in self.records:
            if record.attribute in self.names and record.source is not Source.CHOICE:
                value = " ".join(words(record.value.said.reveal()))
                if value:
                    yield value


def noted(thread: Thread, content: Content, names: Iterable[str]) -> Thread:
    """The thread with its latest line marked as what told these attributes, if that is the message at hand."""
    if not isinstance(content, Said) or not thread.lines or thread.lines[-1].text != content.text:
        return thread
    line = thread.lines[-1]
    told = tuple(dict.fromkeys((*line.told, *names)))
    return replace(thread, lines=(*thread.lines[:-1], replace(line, told=told)))


def withdrawn_since(standing: Standing, moment: Seconds) -> frozenset[str]:
    """The attributes withdrawn at ``moment`` or later."""
    if not standing.consents:
        return _NOTHING
    return frozenset(
        name
        for name, consent in standing.consents.items()
        if consent.agreement is Agreement.WITHDRAWN and consent.at >= moment
    )


def lately(state: State, standing: Standing, records: Sequence[Record], reader: Reader) -> State:
    """The state without what was withdrawn since each of its threads was last at work: a withdrawal counts from the
    moment it is made, and the turns before the one that answers it go without."""
    for space, thread in state.threads.items():
        names = withdrawn_since(standing, thread.active_at)
        if names:
            taken = TakenBack(names, records, reader)
            state = state.with_thread(space, _cleared(thread, taken, _told_texts((thread,), names)))
    return state


def without(state: State, taken: TakenBack) -> State:
    """The state with nothing left, in any thread, that told one of the attributes."""
    texts = _told_texts(state.threads.values(), taken.names)
    return replace(state, threads={space: _cleared(each, taken, texts) for space, each in state.threads.items()})


def took_back(standing: Standing, thread: Thread | None) -> bool:
    """Whether the person withdrew anything, or paused, since the thread was last at work."""
    return standing.paused or (thread is not None and bool(withdrawn_since(standing, thread.active_at)))


def still_allowed(
    brief: Brief, standing: Standing, thread: Thread | None, records: Sequence[Record], reader: Reader
) -> Brief:
    """What an answer may still be written from, now that the person stands like this: without the values that may not
    be used any more, nor the words that told what was withdrawn since ``thread``, where it is written, decided."""
    known = tuple((name, value) for name, value in brief.known if may_use(standing, name))
    brief = replace(brief, known=known)
    names = withdrawn_since(standing, thread.active_at) if thread is not None else _NOTHING
    return _trimmed(brief, TakenBack(names, records, reader), thread) if names else brief


def _trimmed(brief: Brief, taken: TakenBack, thread: Thread | None) -> Brief:
    texts = _told_texts((thread,), taken.names) if thread is not None else frozenset()
    told = thread is not None and thread.query is not None and not texts.isdisjoint(thread.query.parts)
    lines = _lines((Line(turn.role, turn.text) for turn in brief.earlier), taken, texts)
    begin = next((index for index, line in enumerate(lines) if line.role is Role.USER), len(lines))
    earlier = tuple(Turn(line.role, line.text) for line in lines[begin:])
    query = Private(taken.rest(brief.query.reveal(), told=told))
    return replace(brief, query=query, earlier=earlier)


def _told_texts(threads: Iterable[Thread], names: frozenset[str]) -> frozenset[Text]:
    """The texts of the person that are noted to have told one of the attributes, wherever else they stand."""
    return frozenset(
        line.text
        for thread in threads
        for line in thread.lines
        if line.role is Role.USER and not names.isdisjoint(line.told)
    )


def _cleared(thread: Thread, taken: TakenBack, texts: frozenset[Text]) -> Thread:
    query = None if thread.query is None else _query(thread.query, taken, texts)
    question = thread.question
    if query is None or (question is not None and question.attribute in taken.names):
        question = None
    used = tuple(name for name in thread.used if name not in taken.names)
    return replace(thread, lines=_lines(thread.lines, taken, texts), query=query, question=question, used=used)


def _lines(lines: Iterable[Line], taken: TakenBack, texts: frozenset[Text]) -> tuple[Line, ...]:
    kept, echo = list[Line](), False
    for line in lines:
        if line.role is Role.USER:
            rest = taken.rest(line.text.reveal(), told=line.text in texts)
            echo = echo or rest != line.text.reveal()
            if rest.strip():
                told = tuple(name for name in line.told if name not in taken.names)
                kept.append(replace(line, text=Private(rest), told=told))
        elif not echo and taken.names.isdisjoint(line.told):
            kept.append(line)
        else:
            echo = True
    return tuple(kept)


def _query(query: Query, taken: TakenBack, texts: frozenset[Text]) -> Query | None:
    rests = (taken.rest(part.reveal(), told=part in texts) for part in query.parts)
    parts = tuple(Private(rest) for rest in rests if rest.strip())
    return replace(query, parts=parts) if parts else None
