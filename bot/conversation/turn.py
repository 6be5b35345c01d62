"""``advance``: the whole of a turn's judgement, pure and total.

Arrived -> screen -> (crisis | command | reply | query) -> decide -> Ask | Write | notice
Read    -> take in what the model read -> decide
Written -> remember what was said
"""

from __future__ import annotations

from typing import Final, assert_never

from bot.chat import Chose, Command, Moderated, Said, Stopped, Told
from bot.conversation import commands, replies
from bot.conversation.effects import Effect
from bot.conversation.events import Arrived, Event, Read, Written
from bot.conversation.rules import Rules
from bot.conversation.safety import screened, screened_by_model
from bot.conversation.states import Line, State
from bot.conversation.taken_back import lately
from bot.conversation.work import Work, remembered
from bot.frozen import replace
from bot.identity import Space
from bot.llm import Role
from bot.private import Private
from bot.profile.record import Source
from bot.raise_core.agent.abstain import Scored, Unscorable
from bot.raise_core.agent.model_reading import ReadReply, Stance, values_of
from bot.raise_core.agent.reading import Gesture

LONGEST: Final = 16_000
"""Characters of one message that are read (screening reads longer ones too); beyond it a shorter one is asked for."""
Step = tuple[State, tuple[Effect, ...]]


def advance(rules: Rules, state: State, event: Event) -> Step:
    """The next state and what to do about the event. Never raises on any text; performs nothing itself."""
    arrived = event if isinstance(event, Arrived) else event.arrived
    state = state.without_idle(arrived.now, rules.idle)
    if not commands.forgets_one(arrived.inbound.content):
        state = lately(state, arrived.standing, arrived.records or (), rules.reader)
    # What a model call brings goes where the turn began: by now another question may be the latest one open.
    goes_on = state.at if not isinstance(event, Arrived) else None
    here = goes_on or _space(state, arrived)
    work = Work.begin(rules.at(arrived.inbound, here), state, arrived, here)
    match event:
        case Arrived():
            return _on_arrived(work).end()
        case Read(read=read, problem=problem):
            return _on_read(work, read, problem).end()
        case Written(text=text):
            private = work.outlet != work.space
            line = Line(Role.ASSISTANT, text, private, work.thread.used)
            return work.on(remembered(work.thread, line)).end()
        case _:
            assert_never(event)


def _space(state: State, arrived: Arrived) -> Space:
    """The thread an event belongs to: where it happened, or where the question it replies to was asked. Where people
    have taken over, nobody waits for a reply to an earlier question."""
    inbound = arrived.inbound
    if inbound.space in state.held:
        return inbound.space
    match inbound.content:
        case Chose(choice):
            return state.asking(inbound.space, choice.partition(":")[0]) or inbound.space
        case Said() | Command():
            return state.asking(inbound.space) or inbound.space
        case Stopped() | Moderated() | Told():
            return inbound.space
        case _:
            assert_never(inbound.content)


def _on_arrived(work: Work) -> Work:
    content = work.arrived.inbound.content
    match content:
        case Stopped():
            return work.notice("notice.stopped")
        case Command():
            return commands.on_command(work, content)
        case Chose(choice, typed):
            if typed is not None and typed.reveal().strip():
                work, handled = screened(work, typed.reveal())
                if handled:
                    return work
            if commands.is_action(choice):
                return commands.on_action(work, choice)
            attribute, _, picked = choice.partition(":")
            return work if _silent(work) else replies.on_choice(work, attribute, picked, typed)
        case Said(text):
            work, handled = screened(work, text.reveal())
            if handled:
                return work
            return _on_said(work, text)
        case Moderated(held):
            return _on_moderated(work, held)
        case Told(text):
            return work.on(remembered(work.thread, Line(Role.ASSISTANT, text)))
        case _:
            assert_never(content)


def _on_said(work: Work, text: Private[str]) -> Work:
    if _silent(work):
        return work.heard(text)
    if not text.reveal().strip():
        return work.notice("notice.empty", private=True)
    wish = commands.on_wish(work, text.reveal())
    if wish is not None:
        return wish
    if len(text.reveal()) > LONGEST:
        return work.notice("notice.too_long", private=True, limit=LONGEST)
    return replies.on_text(work, text.reveal())


def _silent(work: Work) -> bool:
    """A moderator has taken over here: the bot keeps quiet until it is handed back."""
    return work.space in work.state.held


def _on_moderated(work: Work, held: bool) -> Work:
    """Told once each time: who speaks from here on. What was asked before is set aside."""
    if _silent(work) is held:
        return work
    spaces = work.state.held | {work.space} if held else work.state.held - {work.space}
    because = "a person from the team took over" if held else ""
    thread = replace(work.thread, question=None, query=None, because=because)
    work.state = replace(work.state, held=spaces)
    work = work.on(thread).notice("notice.held" if held else "notice.handed_back")
    return work.decided("held" if held else "handed_back")


def _on_read(work: Work, read: ReadReply | None, problem: str) -> Work:
    content = work.arrived.inbound.content
    reply = content.text.reveal() if isinstance(content, Said) else ""
    query = work.thread.query
    if read is None:
        if query is not None:
            work = work.with_query(replace(query, sufficiency=Unscorable(problem)))
        return replies.on_unread(work, reply)
    work, handled = screened_by_model(work, read.severity, read.category)
    if handled:
        return work
    if query is not None:
        work = work.with_query(replace(query, sufficiency=Scored(read.completeness)))
    values = values_of(work.rules.policy, read)
    opened = work.thread.question
    if opened is not None and read.stance is Stance.NEW_SUBJECT:
        return replies.start_query(work.learn(values, Source.MODEL), reply)
    if opened is not None and read.stance in (Stance.DECLINES, Stance.ASKS_WHY):
        gesture = Gesture.SKIP if read.stance is Stance.DECLINES else Gesture.WHY
        return replies.on_gesture(work.learn(values, Source.MODEL), opened, gesture)
    return replies.on_read(work, read.stance is Stance.ANSWERS, values, reply)
