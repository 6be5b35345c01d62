"""The desk: everything moderators do, for every face (web, chat, terminal). Each call says who asks; each is checked,
decided on the case as it is at that moment, and recorded in the trail in the same transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from bot.clock import Clock, Seconds
from bot.errors import CaseGone, CaseHeld, CaseUnknown, InputError, NotAllowed, TooLate, Unreadable
from bot.identity import ConversationKey
from bot.policy.schema import Policy
from bot.private import Private
from bot.review import handling
from bot.review.cases import Action, Case, NoteKind
from bot.review.chat.store import Postings
from bot.review.checks import readable
from bot.review.figures import Figures, Referral
from bot.review.judgements import Contact, Judgement, Watch
from bot.review.limits import Limits, limits_of
from bot.review.moderators import EVERYWHERE, Moderator, Role, Roster
from bot.review.opening import Opening
from bot.review.presentation import Context, Redact, View, hidden, revealed
from bot.review.store import Archive, Cases, Cursor, Filter, Kept, Papers, Step, Trail
from bot.review.trail import Entry
from bot.review.transcript import Line, Transcript
from bot.severity import Category, Severity

PAGE: Final = 50
MOST: Final = 500
PENDING: Final = Filter()
_ATTEMPTS: Final = 20
_LONGEST_WATCH: Final = 90 * 86_400


@dataclass(frozen=True, slots=True)
class Page:
    """``after`` continues the list; None at its end."""

    cases: tuple[Case, ...]
    after: Cursor | None


@dataclass(frozen=True, slots=True)
class Desk:
    """Reads and steps. ``run_errands`` is called after a step that wants something done in a conversation, and may do
    it at once; it must not raise. ``postings`` are the cards in chat, where there are any. All methods raise
    StoreUnavailable, and ReviewError as said in ``bot.errors``."""

    cases: Cases
    papers: Papers
    trail: Trail
    archive: Archive
    transcript: Transcript
    opening: Opening
    roster: Roster
    policy: Callable[[], Policy]
    redact: Redact
    clock: Clock
    run_errands: Callable[[], Awaitable[None]]
    postings: Postings | None = None

    # -- looking -----------------------------------------------------------------------------------------------------

    async def list(
        self, who: Moderator, wanted: Filter = PENDING, after: Cursor | None = None, limit: int = PAGE
    ) -> Page:
        """Cases of the moderator's workspaces, gravest first, then by deadline. Shows no text and is not recorded."""
        _works_on_cases(who)
        size = max(1, min(limit, MOST))
        found = await self.cases.listed(_within(who, wanted), after, size + 1)
        page = found[:size]
        last = page[-1] if len(found) > size else None
        return Page(page, None if last is None else Cursor(last.severity, last.deadline, last.id))

    async def show(self, who: Moderator, case_id: str, *, again: bool = False) -> View:
        """The minimum with identifiers hidden; recorded as seen. A gone case is shown too, without any text.

        ``again``: an open page brings itself up to date; that this moderator saw the case is then on record once."""
        case = await self._known(who, case_id)
        if case.gone is None and not (again and await self._saw(who, case_id)):
            case = await self._step(who, case_id, lambda case, now: handling.seen(case, who, now))
        return hidden(await self._view(case), self.redact)

    async def reveal(self, who: Moderator, case_id: str, reason: Private[str]) -> View:
        """The same with identifiers, for the holder or a lead; the reason is kept as a note, the fact in the trail."""
        case = await self._note(who, case_id, NoteKind.REVEAL, reason)
        return revealed(await self._view(case))

    async def changes(self, who: Moderator, after: int, limit: int = MOST) -> tuple[Entry, ...]:
        """What happened at the desk after line ``after`` of the trail, for live updates (cases of any workspace: a face
        shows nothing of a line but that its case changed, and reads the case through ``list``)."""
        _works_on_cases(who)
        return await self.trail.since(after, max(1, min(limit, MOST)))

    async def notices(self, who: Moderator) -> tuple[str, ...]:
        """What keeps cases from showing in channels of the moderator's workspaces, for people to put right."""
        troubles = () if self.postings is None else await self.postings.troubles()
        seen = (each for each in troubles if who.sees(each.channel.home))
        return tuple(f"Cards do not show in the channel {each.channel}. {each.problem}" for each in seen)

    # -- claims ------------------------------------------------------------------------------------------------------

    async def claim(self, who: Moderator, case_id: str) -> Case:
        """Exclusive, for the time the policy gives; claiming again begins that time anew. Raises CaseHeld, TooLate."""
        return await self._step(who, case_id, lambda case, now: handling.claimed(case, who, now, self._limits()))

    async def claim_next(self, who: Moderator, wanted: Filter = PENDING) -> Case | None:
        """Claim the gravest case that nobody holds; None when there is none."""
        _works_on_cases(who)
        after: Cursor | None = None
        while True:
            page = await self.list(who, replace(wanted, states=PENDING.states), after)
            for case in page.cases:
                if case.holder(self.clock.now()) is not None:
                    continue
                try:
                    return await self.claim(who, case.id)
                except (CaseHeld, CaseGone, TooLate):
                    continue  # somebody was faster, or it went meanwhile: the next one
            if page.after is None:
                return None
            after = page.after

    async def extend(self, who: Moderator, case_id: str) -> Case:
        """Begin the time of the claim anew. Raises NotHeld, CaseHeld."""
        return await self._step(who, case_id, lambda case, now: handling.extended(case, who, now, self._limits()))

    async def release(self, who: Moderator, case_id: str) -> Case:
        """Back into the queue; hands a conversation back that was taken over. Leads may release anybody's."""
        return await self._step(who, case_id, lambda case, now: handling.released(case, who, now))

    async def hand_over(self, who: Moderator, case_id: str, to: str) -> Case:
        """Give the claim to another account; leads may also move (or take) somebody else's. Raises InputError for an
        account there is not."""
        receiver = await self.roster.find(to)
        if receiver is None:
            raise InputError(f"expected the name of an account at this desk, got {to[:40]!r}")
        return await self._step(
            who,
            case_id,
            lambda case, now: handling.handed_over(case, who, receiver, now, self._limits()),
        )

    # -- deciding ----------------------------------------------------------------------------------------------------

    async def decide(self, who: Moderator, case_id: str, judgement: Judgement) -> Case:
        """Only while holding the case: NotHeld for one that was released or decided meanwhile. A contact's outcome is
        on its errand (``show(...).errands``): pending until a process with that platform has delivered it or not."""
        match judgement:
            case Contact(text):
                readable(text, handling.LONGEST)
            case Watch(seconds) if seconds is not None and not 60 <= seconds <= _LONGEST_WATCH:
                raise InputError(f"expected to look again after 60 to {_LONGEST_WATCH} seconds, got {seconds:g}")
            case _:
                pass
        return await self._step(
            who, case_id, lambda case, now: handling.decided(case, who, judgement, now, self._limits())
        )

    async def undo(self, who: Moderator, case_id: str) -> Case:
        """Take the latest decision back, within the policy's time. Raises TooLate, NotAllowed."""
        return await self._step(who, case_id, lambda case, now: handling.undone(case, who, now, self._limits()))

    async def hand_back(self, who: Moderator, case_id: str) -> Case:
        """The bot speaks again in a conversation that was taken over; the case stays with its moderator."""
        return await self._step(who, case_id, lambda case, now: handling.handed_back(case, who, now, self._limits()))

    async def message(self, who: Moderator, case_id: str, text: Private[str]) -> Case:
        """Write to the person in a conversation that was taken over. Its outcome is on its errand."""
        return await self._step(who, case_id, lambda case, now: handling.message(case, who, text, now, self._limits()))

    # -- words among colleagues ---------------------------------------------------------------------------------------

    async def note(self, who: Moderator, case_id: str, text: Private[str]) -> Case:
        """A note for colleagues; anybody who sees the case may write one."""
        return await self._note(who, case_id, NoteKind.NOTE, text)

    async def second_opinion(self, who: Moderator, case_id: str, text: Private[str]) -> Case:
        """The holder asks for one (``Filter.opinion_wanted`` finds the case); anybody else gives it."""

        def asked_or_given(case: Case, now: Seconds) -> Step:
            kind = NoteKind.QUESTION if case.holder(now) == who.name else NoteKind.OPINION
            return handling.noted(case, who, kind, text, now)

        return await self._step(who, case_id, asked_or_given)

    async def flag(
        self, who: Moderator, conversation: ConversationKey, severity: Severity, category: Category | None
    ) -> Case:
        """Open a case (or add to it) because a moderator saw something."""
        _works_on_cases(who)
        return await self.opening.by_moderator(who, conversation, severity, category)

    async def turned_away(self, case_id: str, face: str, what: str) -> None:
        """Somebody without an account asked for ``what`` on a card in chat: recorded, without who it was."""
        for _ in range(_ATTEMPTS):
            case = await self.cases.find(case_id)
            if case is None:
                return
            if await self.cases.keep(handling.turned_away(case, face, what, self.clock.now())) is Kept.KEPT:
                return

    # -- figures -----------------------------------------------------------------------------------------------------

    async def statistics(self, who: Moderator, since: Seconds = 0.0) -> Figures:
        """What waits now, and what became of the cases opened since that moment, in the moderator's workspaces."""
        everywhere = who.workspaces == EVERYWHERE
        return await self.archive.figures(self.clock.now(), since, None if everywhere else who.workspaces)

    async def referrals(self, who: Moderator) -> tuple[Referral, ...]:
        """Crisis referrals by month and category, without identifiers; for leads and operators."""
        if who.role is Role.MODERATOR:
            raise NotAllowed("referrals are counted for leads and operators")
        return await self.archive.referrals()

    def _limits(self) -> Limits:
        return limits_of(self.policy().cases)

    # -- steps -------------------------------------------------------------------------------------------------------

    async def _step(self, who: Moderator, case_id: str, decide: Callable[[Case, Seconds], Step]) -> Case:
        for _ in range(_ATTEMPTS):
            step = decide(await self._known(who, case_id), self.clock.now())
            if await self.cases.keep(step) is Kept.KEPT:
                if step.errand is not None:
                    await self.run_errands()
                return step.case
        raise CaseHeld(f"case {case_id} is being changed by others at this moment: look at it again", "", 0.0)

    async def _note(self, who: Moderator, case_id: str, kind: NoteKind, text: Private[str]) -> Case:
        return await self._step(who, case_id, lambda case, now: handling.noted(case, who, kind, text, now))

    async def _saw(self, who: Moderator, case_id: str) -> bool:
        events = (entry.event for entry in await self.papers.history(case_id))
        return any(event.action is Action.SEEN and event.by == who.name for event in events)

    async def _known(self, who: Moderator, case_id: str) -> Case:
        _works_on_cases(who)
        case = await self.cases.find(case_id)
        if case is None or not who.sees(case.workspace):
            raise CaseUnknown(f"there is no case {case_id[:40]!r} among those you may see")
        return case

    async def _view(self, case: Case) -> View:
        context, lines = await self._context(case)
        notes, errands = await self.papers.notes(case), await self.papers.errands(case)
        return View(case, context, lines, notes, errands, await self.papers.history(case.id))

    async def _context(self, case: Case) -> tuple[Context, tuple[Line, ...]]:
        if case.conversation is None:
            return Context.GONE, ()
        try:
            lines = await self.transcript.lines(case.conversation.reveal(), self.clock.now())
        except Unreadable:
            return Context.UNREADABLE, ()
        return (Context.IDLE, ()) if lines is None else (Context.SHOWN, lines)


def _works_on_cases(who: Moderator) -> None:
    if who.role is Role.OPERATOR:
        raise NotAllowed("operators see figures only: cases are for moderators and leads")


def _within(who: Moderator, wanted: Filter) -> Filter:
    """The filter, never wider than what the moderator may see."""
    if who.workspaces == EVERYWHERE:
        return wanted
    asked = wanted.workspaces
    return replace(wanted, workspaces=who.workspaces if asked is None else asked & who.workspaces)
