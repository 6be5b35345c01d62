"""Performs a turn: decide once, then do what was decided, each outward step once, also across a crash.

The journal (sealed, in the ledger) holds what was decided; the engine's steps record what was done. A step that a crash
cut off is done again: the journal says whether its consequences are part of the state already.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final, assert_never

from bot.chat import Answer, Body, Crisis, Notice, Outbound, Undelivered
from bot.clock import Seconds
from bot.conversation.commands import shows_uses
from bot.conversation.effects import Agree, Alert, Decided, Effect, Erase, Journal, ReadByModel, Remember, Say, Write
from bot.conversation.engine import Steps
from bot.conversation.events import Arrived, Event, Read, Written
from bot.conversation.farewell import farewell
from bot.conversation.ledger import TurnRow
from bot.conversation.ports import Ports
from bot.conversation.states import State, Thread, home
from bot.conversation.taken_back import still_allowed, took_back
from bot.conversation.turn import advance
from bot.errors import ProviderError, StoreError, StoreUnavailable, Unreadable
from bot.frozen import replace
from bot.identity import Space
from bot.llm import Provider
from bot.llm.budget import Budget, Budgeted, Limits
from bot.policy.phrases import phrase
from bot.private import Private
from bot.profile.changes import apply, together
from bot.profile.consent import Standing, reconciled
from bot.raise_core.agent.answer import Brief, answer_prompt
from bot.raise_core.agent.model_reading import ReadReply
from bot.raise_core.agent.question import label
from bot.telemetry.events import Event as Log

_OUTWARD: Final = (Say, Write, ReadByModel, Erase)
_ROOM: Final = 100
"""More values than one turn can teach."""
_UNKNOWN_STANDING: Final = Standing(paused=True)
"""While the consent store is down nobody is asked anything and nothing is kept."""


class Runner:
    """``run`` is the engine's TurnWork."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def run(self, turn_id: str, steps: Steps) -> None:
        """Perform the turn; returns at once for one that was closed before. Raises StoreError (the engine tries again
        at the next start) and CancelledError; any other failure is told to the person and ends the turn."""
        ports = self._ports
        try:
            row = await ports.ledger.turn(turn_id)
            turn = None if row is None else _OpenTurn(ports, row)
        except Unreadable as problem:
            # Damaged, or its person was forgotten a moment ago: nothing is left that could be answered.
            ports.telemetry.emit(Log.UNREADABLE, turn=turn_id, store="turns", problem=str(problem))
            await ports.ledger.close(turn_id)
            return
        if turn is None:
            return
        try:
            await turn.run(steps)
        except asyncio.CancelledError:
            ports.telemetry.emit(Log.TURN_CANCELLED, turn=turn_id)
            raise
        except StoreUnavailable:
            raise
        except Exception as failure:  # noqa: BLE001 - whatever broke, the person gets a line and the next turn works
            ports.telemetry.emit(Log.TURN_FAILED, turn=turn_id, problem=type(failure).__name__)
            await steps.run("failed", turn.apologise)
        await ports.ledger.close(turn_id)


class _OpenTurn:
    """One turn on its way."""

    def __init__(self, ports: Ports, row: TurnRow[Journal]) -> None:
        self._ports = ports
        self._id = row.turn_id
        self._rules = ports.rules()
        self._inbound = row.inbound
        self._home = home(row.inbound.person)
        self._journal = row.journal
        self._crisis_shown = row.crisis_shown
        self._state: State | None = None
        self._arrival: Arrived | None = None
        self._budgeted: Budgeted | None = None
        self._until = asyncio.get_running_loop().time() + self._rules.deadline

    async def run(self, steps: Steps) -> None:
        await self._decide()
        index = 0
        while index < len(effects := self._decided.effects):
            effect = effects[index]
            if isinstance(effect, _OUTWARD):
                await steps.run(f"{index}:{type(effect).__name__}", partial(self._perform, index, effect))
            index += 1

    async def apologise(self) -> str:
        """The line a person gets when a turn broke."""
        await self._say("failed", Notice(Private(self._phrase("notice.failed"))), self._inbound.space)
        return "told"

    @property
    def _provider(self) -> Provider:
        """The model, within what one turn may use of it."""
        if self._budgeted is None:
            calls = self._rules.policy.defaults.budget.model_calls
            self._budgeted = Budgeted(self._ports.provider, Budget(Limits(calls=calls)))
        return self._budgeted

    @property
    def _decided(self) -> Journal:
        if self._journal is None:
            raise RuntimeError("a turn performs effects only after it has decided")
        return self._journal

    # -- deciding ----------------------------------------------------------------------------------------------------

    async def _decide(self) -> None:
        """Needs no step of the engine: the journal says whether it was done."""
        if self._journal is None:
            await self._advance(await self._arrived(), Journal(()))
        else:
            # Taken up after a crash: what was kept in memory only is kept again.
            await self._settle(self._decided.effects)

    async def _arrived(self) -> Arrived:
        """The event with what is known of the person when the turn looks first."""
        if self._arrival is None:
            self._arrival = await self._looked_up()
        return self._arrival

    async def _looked_up(self) -> Arrived:
        ports, person, now = self._ports, self._inbound.person, self._ports.clock.now()
        records = None
        try:
            records = await ports.profiles.read(person, now)
        except StoreError as problem:
            ports.telemetry.emit(Log.PROFILES_DOWN, turn=self._id, problem=str(problem))
        standing = await self._standing()
        uses = await ports.audit.uses(person) if shows_uses(self._inbound.content) else {}
        return Arrived(
            self._inbound,
            now,
            records,
            standing,
            crisis_shown=self._crisis_shown or ports.crisis_shown(self._id),
            in_danger=ports.in_danger(self._id),
            findings=ports.found(self._id, self._rules.policy.id),
            uses=uses,
        )

    async def _advance(self, event: Event, journal: Journal) -> None:
        """Take ``event`` in: state and journal are saved together, then what needs no step of its own is done."""
        ports, now = self._ports, self._ports.clock.now()
        if self._state is None:
            self._state = await self._remembered(now)
        state, effects = advance(self._rules, self._state, event)
        journal = Journal(journal.effects + effects, journal.settled)
        await ports.ledger.save(self._id, self._home, state, journal, now + self._rules.idle)
        self._state, self._journal = state, journal
        await self._settle(effects)

    async def _remembered(self, now: Seconds) -> State:
        """The conversation so far. A damaged one is given up, so that the person can go on, and be forgotten."""
        try:
            return await self._ports.ledger.state(self._home, now) or State()
        except Unreadable as problem:
            self._ports.telemetry.emit(Log.UNREADABLE, turn=self._id, store="conversation", problem=str(problem))
            return State()

    async def _settle(self, effects: tuple[Effect, ...]) -> None:
        """Effects that can be done again without harm are part of the deciding step."""
        ports, person, now = self._ports, self._inbound.person, self._ports.clock.now()
        if changes := together(effect.changes for effect in effects if isinstance(effect, Remember)):
            try:
                await ports.profiles.write(person, changes, now)
            except StoreUnavailable as problem:
                ports.telemetry.emit(Log.NOT_REMEMBERED, turn=self._id, problem=str(problem))
        for effect in effects:
            match effect:
                case Agree(standing, before):
                    latest = await ports.consents.read(person)
                    await ports.consents.write(person, reconciled(before, standing, latest))
                case Alert(flag):
                    await ports.flags.take(flag)
                case Decided():
                    await ports.audit.record(self._id, self._inbound.conversation, now, effect)
                case Say() | Write() | ReadByModel() | Erase() | Remember():
                    pass
                case _:
                    assert_never(effect)

    # -- performing --------------------------------------------------------------------------------------------------

    async def _perform(self, index: int, effect: Say | Write | ReadByModel | Erase) -> str:
        match effect:
            case Say(body, space):
                # Named as the intake names it, which may have shown it in a process that died since.
                return await self._say("crisis" if isinstance(body, Crisis) else str(index), body, space)
            case Write():
                return await self._write(index, effect)
            case ReadByModel():
                return await self._read(index, effect)
            case Erase(space):
                return await self._erase(space)
            case _:
                assert_never(effect)

    def _outbound(self, name: str, body: Body, space: Space) -> Outbound:
        inbound = self._inbound
        origin = inbound.space if inbound.space != space else None
        return Outbound(f"{self._id}:{name}", inbound.person, space, body, self._id, inbound.locale, origin)

    async def _say(self, name: str, body: Body, space: Space) -> str:
        outcome = await self._ports.speaker.say(self._outbound(name, body, space))
        if not isinstance(outcome, Undelivered):
            return "delivered"
        event = Log.CRISIS_UNDELIVERED if isinstance(body, Crisis) else Log.UNDELIVERED
        self._ports.telemetry.emit(event, turn=self._id, problem=outcome.problem)
        return "undelivered"

    async def _write(self, index: int, effect: Write) -> str:
        if index in self._decided.settled:
            return "written"
        ports, person, brief = self._ports, self._inbound.person, await self._still_allowed(effect.brief)
        labels = tuple(label(self._rules.policy, name, brief.locale) for name in brief.used)
        empty = Answer(Private(""), brief.used, labels, brief.domain, "")
        courtesy = self._rules.reader.courtesy(brief.query.reveal()) if brief.domain is None else None
        prompt = answer_prompt(self._rules.policy_in(brief.place), brief, courtesy)
        note = self._phrase("answer.broken_off")
        await ports.speaker.thinking(person, effect.space, True)
        try:
            head = self._outbound(str(index), empty, effect.space)
            written = await ports.speaker.write(head, prompt, self._provider, self._until, note)
        finally:
            await ports.speaker.thinking(person, effect.space, False)
        if written.problem:
            ports.telemetry.emit(Log.MODEL_FAILED, turn=self._id, problem=written.problem)
        if isinstance(written.delivery, Undelivered):
            ports.telemetry.emit(Log.UNDELIVERED, turn=self._id, problem=written.delivery.problem)
        answer = written.answer
        await self._advance(Written(await self._so_far(), answer.text, answer.model), self._settled(index))
        return "written"

    async def _still_allowed(self, brief: Brief) -> Brief:
        """Without what the person withdrew, or paused, since the turn decided, and what expired."""
        standing, thread = await self._standing(), await self._thread()
        records = (await self._so_far()).records if took_back(standing, thread) else None
        return still_allowed(brief.living(self._ports.clock.now()), standing, thread, records or (), self._rules.reader)

    async def _standing(self) -> Standing:
        """Where the person stands at this moment."""
        try:
            return await self._ports.consents.read(self._inbound.person)
        except StoreError as problem:
            self._ports.telemetry.emit(Log.CONSENTS_DOWN, turn=self._id, problem=str(problem))
            return _UNKNOWN_STANDING

    async def _thread(self) -> Thread | None:
        """The thread this turn works on, as the turn left it."""
        if self._state is None:
            self._state = await self._remembered(self._ports.clock.now())
        return None if self._state.at is None else self._state.threads.get(self._state.at)

    async def _read(self, index: int, effect: ReadByModel) -> str:
        if index in self._decided.settled:
            return "read"
        read, problem = None, "the person took something back meanwhile, or it expired, and the prompt may hold it"
        expired = effect.until is not None and self._ports.clock.now() >= effect.until
        if not expired and not took_back(await self._standing(), await self._thread()):
            read, problem = await self._read_by_model(effect)
        arrived = replace(await self._so_far(), standing=await self._standing())
        await self._advance(Read(arrived, read, problem), self._settled(index))
        return "read"

    async def _read_by_model(self, effect: ReadByModel) -> tuple[ReadReply | None, str]:
        """What the model read, or None and why not."""
        try:
            async with asyncio.timeout_at(self._until):
                return (await self._provider.structured(effect.prompt, ReadReply)).value, ""
        except TimeoutError:
            return None, "the deadline of the turn passed"
        except ProviderError as failure:
            self._ports.telemetry.emit(Log.MODEL_FAILED, turn=self._id, problem=str(failure))
            return None, type(failure).__name__

    async def _so_far(self) -> Arrived:
        """The event as it stands now: with what this very turn has learned since."""
        arrived = await self._arrived()
        for effect in self._decided.effects:
            if isinstance(effect, Remember) and arrived.records is not None:
                records = apply(arrived.records, effect.changes, arrived.now, len(arrived.records) + _ROOM)
                arrived = replace(arrived, records=tuple(records))
            elif isinstance(effect, Agree):
                arrived = replace(arrived, standing=effect.standing)
        return arrived

    def _settled(self, index: int) -> Journal:
        return Journal(self._decided.effects, self._decided.settled | {index})

    async def _erase(self, space: Space) -> str:
        with self._ports.forget.alone(self._inbound.person):
            return await self._forget(space)

    async def _forget(self, space: Space) -> str:
        forget, turn, inbound = self._ports.forget, self._id, self._inbound
        try:
            pending, receipt = await forget.erase(inbound.person, inbound.locale, spared=turn)
        except StoreError as problem:
            # What is noted is done by the application itself, as soon as that store is back.
            self._ports.telemetry.emit(Log.NOT_FORGOTTEN, turn=turn, problem=str(problem))
            return await self._say("pending", Notice(Private(self._phrase("privacy.forgot_me_pending"))), space)
        self._ports.telemetry.emit(Log.FORGOTTEN, count=receipt.total)
        outcome = await self._ports.speaker.say(farewell(self._rules.policy, pending, receipt, turn=turn, space=space))
        await forget.finish(inbound.person, receipt)
        return "forgotten" if not isinstance(outcome, Undelivered) else "undelivered"

    def _phrase(self, phrase_id: str, **values: object) -> str:
        return phrase(self._rules.policy, self._inbound.locale, phrase_id, **values)
