"""One turn in the making: what is known, where it happens, and the effects decided so far.

``advance`` makes one, takes it through its steps and reads the result off it; nobody else sees it. So it changes in
place (copying it at every step was a tenth of a turn's CPU time), and each step returns it for the next to go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.chat import Body, Notice, Said
from bot.clock import Seconds
from bot.conversation.effects import Agree, Decided, Effect, Remember, Say
from bot.conversation.events import Arrived
from bot.conversation.rules import Rules
from bot.conversation.states import Line, Query, State, Thread
from bot.conversation.taken_back import noted
from bot.frozen import replace
from bot.identity import DIRECT, Space
from bot.llm import Role
from bot.policy.locate import Location
from bot.policy.phrases import phrase
from bot.policy.schema import AttributePolicy
from bot.private import Private
from bot.profile.attributes import Scope
from bot.profile.consent import Agreement, Standing, may_keep, may_send_to_model, may_use, was_taken_back, with_consent
from bot.profile.record import Record, Source, Value, visible
from bot.profile.store import Changes
from bot.raise_core.agent.abstain import Scored
from bot.raise_core.agent.acquire import Candidate
from bot.risk.verdicts import Verdict
from bot.severity import Severity

CLEAR: Final = Verdict(Severity.NONE)
MEMORY: Final = 12
"""Lines of short memory kept per thread."""


@dataclass(slots=True, eq=False)
class Work:
    """``space`` is the thread's, which may differ from where the event came from (a private reply to a question about
    something said in a channel). ``told_in`` is where what is told now counts as told: in private when the question was
    private, wherever the reply was typed."""

    rules: Rules
    arrived: Arrived
    state: State
    space: Space
    thread: Thread
    told_in: Space
    records: tuple[Record, ...]
    standing: Standing
    verdict: Verdict = CLEAR
    effects: list[Effect] = field(default_factory=list)
    attributes: Mapping[str, AttributePolicy] = field(init=False)
    """The policy's; read off it once, which is slow."""
    _location: tuple[str, Location] | None = None

    def __post_init__(self) -> None:
        self.attributes = self.rules.policy.defaults.attributes

    @classmethod
    def begin(cls, rules: Rules, state: State, arrived: Arrived, space: Space) -> Work:
        thread = _thread(state, space, arrived)
        asked_in_private = thread.question is not None and thread.question.private
        told_in = DIRECT if asked_in_private else arrived.inbound.space
        work = cls(rules, arrived, state, space, thread, told_in, arrived.records or (), arrived.standing)
        return work.without_the_taken_back()

    # -- where and who ---------------------------------------------------------------------------------------------

    @property
    def locale(self) -> str:
        return self.arrived.inbound.locale

    @property
    def outlet(self) -> Space:
        """Where the answer to the current query belongs: in private as soon as something private goes into it."""
        query = self.thread.query
        return DIRECT if query is not None and query.private else self.space

    def located(self, text: str) -> Location:
        """Where what the person wrote belongs; looked up once a turn."""
        if self._location is None or self._location[0] != text:
            self._location = text, self._located_before(text) or self.rules.locator.locate(text)
        return self._location[1]

    def _located_before(self, text: str) -> Location | None:
        content = self.arrived.inbound.content
        return self.arrived.location if isinstance(content, Said) and content.text.reveal() == text else None

    def phrase(self, phrase_id: str, **values: object) -> str:
        return phrase(self.rules.policy, self.locale, phrase_id, **values)

    # -- what is known ---------------------------------------------------------------------------------------------

    def known(self, *, for_model: bool = False) -> Mapping[str, Value]:
        """Values that may be used for the current query, newest last; ``for_model``: that may leave for a model."""
        found: dict[str, Value] = {}
        outlet = self.outlet
        for record in self.records:
            if not self._here(record, outlet) or not may_use(self.standing, record.attribute):
                continue
            if for_model and record.scope is not Scope.TURN:  # what was told for this is meant for it
                sensitivity = self.attributes[record.attribute].sensitivity
                if not may_send_to_model(self.standing, record.attribute, sensitivity):
                    continue
            found[record.attribute] = record.value
        return found

    def until(self, known: Mapping[str, Value]) -> Seconds | None:
        """When the first of these values expires; None where there is none."""
        if not known:
            return None
        return min((each.expires_at for each in self.records if known.get(each.attribute) == each.value), default=None)

    def _here(self, record: Record, space: Space) -> bool:
        if record.attribute not in self.attributes:
            return False
        now = self.arrived.now
        if record.scope is Scope.TURN:
            return self.thread.query is not None and visible(
                record, conversation=self.thread.query.id, space=space, now=now
            )
        return visible(record, conversation=self.thread.session, space=space, now=now)

    def told_in_private(self) -> frozenset[str]:
        """Attributes told in private during this session: not asked for again in the open."""
        return frozenset(
            record.attribute
            for record in self.records
            if record.conversation == self.thread.session and record.space == DIRECT
        )

    def without_the_taken_back(self) -> Work:
        """What is still kept although it was withdrawn, because the store could not be reached then, goes now."""
        gone = [each for each in self.records if was_taken_back(self.standing, each.attribute, each.observed_at)]
        if not gone:
            return self
        self.records = tuple(each for each in self.records if each not in gone)
        return self.do(Remember(Changes(put=tuple(replace(each, expires_at=self.arrived.now) for each in gone))))

    # -- steps -----------------------------------------------------------------------------------------------------

    def do(self, *effects: Effect) -> Work:
        self.effects += effects
        return self

    def say(self, body: Body, space: Space | None = None) -> Work:
        return self.do(Say(body, self.arrived.inbound.space if space is None else space))

    def notice(self, phrase_id: str, *, private: bool = False, **values: object) -> Work:
        return self.say(Notice(Private(self.phrase(phrase_id, **values)), private=private))

    def on(self, thread: Thread) -> Work:
        self.thread = thread
        return self

    def with_query(self, query: Query | None) -> Work:
        return self.on(replace(self.thread, query=query))

    @property
    def strayed(self) -> bool:
        """Whether this was typed in private, but belongs to a channel's thread (as the reply to a private question)."""
        return self.arrived.inbound.space == DIRECT and self.space != DIRECT

    def in_private(self) -> Work:
        """The same event as a matter of the direct conversation, where what is typed in private stays."""
        self.state = self.state.with_thread(self.space, self.thread)
        self.space, self.thread = DIRECT, _thread(self.state, DIRECT, self.arrived)
        return self

    def heard(self, text: Private[str]) -> Work:
        """Keep what the person said in the short memory."""
        private = self.space != DIRECT and self.told_in == DIRECT
        return self.on(remembered(self.thread, Line(Role.USER, text, private)))

    def learn(self, values: Mapping[str, Value], source: Source, *, agreed: bool = False) -> Work:
        """Take in what was told. ``agreed``: it answers a question that explained purpose and duration."""
        if not values:
            return self
        if agreed:
            standing = self.standing
            for attribute in values:
                standing = with_consent(standing, attribute, Agreement.GRANTED, self.arrived.now)
            self.agree(standing)
        put = tuple(self.record(attribute, value, source) for attribute, value in values.items())
        replaced = tuple(each for each in self.records if each.attribute in values and self._here(each, self.outlet))
        # What was moved is a copy of what is now known to be otherwise: expired when put, it leaves its place.
        stale = tuple(
            replace(each, expires_at=self.arrived.now)
            for each in replaced
            if each.moved and each.value != values[each.attribute]
        )
        self.records = tuple(each for each in self.records if each not in replaced) + put
        self.thread = noted(self.thread, self.arrived.inbound.content, values)
        return self.do(Remember(Changes(put=stale + put)))

    def agree(self, standing: Standing) -> Work:
        before, self.standing = self.standing, standing
        return self.do(Agree(standing, before))

    def judged(self, verdict: Verdict) -> Work:
        """Take in what a screening found."""
        self.verdict = verdict
        return self

    def record(self, attribute: str, value: Value, source: Source) -> Record:
        """``value`` as a record: kept as the policy says if the person's consent allows, else for this query only."""
        policy = self.attributes[attribute]
        now, query = self.arrived.now, self.thread.query
        keep = may_keep(self.standing, attribute, policy.sensitivity)
        scope = policy.scope if keep else Scope.TURN
        return Record(
            attribute=attribute,
            value=value,
            source=source,
            scope=scope,
            space=self.told_in,
            conversation=query.id if scope is Scope.TURN and query is not None else self.thread.session,
            observed_at=now,
            expires_at=now + (self.rules.keep(attribute) if keep else self.rules.keep_for_query()),
        )

    def decided(
        self,
        kind: str,
        *,
        attribute: str | None = None,
        because: str = "",
        known: Iterable[str] = (),
        considered: Iterable[Candidate] = (),
    ) -> Work:
        """Put the step on record, with the features it was decided by."""
        query, verdict = self.thread.query, self.verdict
        sufficiency = query.sufficiency if query is not None else None
        return self.do(
            Decided(
                kind=kind,
                policy_id=self.rules.policy.id,
                domain=query.domain if query is not None else None,
                domain_score=query.domain_score if query is not None else 0.0,
                attribute=attribute,
                because=because,
                asked=len(query.asked) if query is not None else 0,
                known=tuple(known),
                severity=verdict.severity,
                category=verdict.category,
                rule=verdict.rule,
                considered=tuple([(each.attribute, round(each.expected_gain, 4)) for each in considered]),
                completeness=sufficiency.completeness if isinstance(sufficiency, Scored) else None,
                risk_score=round(verdict.score, 4),
            )
        )

    def end(self) -> tuple[State, tuple[Effect, ...]]:
        thread = replace(self.thread, active_at=self.arrived.now)
        threads = {**self.state.threads, self.space: thread}
        return State(threads, self.state.held, self.space), tuple(self.effects)


def _thread(state: State, space: Space, arrived: Arrived) -> Thread:
    """The thread of a space; a new one where there is none yet."""
    thread = state.threads.get(space)
    return thread if thread is not None else Thread(session=arrived.inbound.turn_id, active_at=arrived.now)


def remembered(thread: Thread, line: Line) -> Thread:
    return replace(thread, lines=(*thread.lines, line)[-MEMORY:])
