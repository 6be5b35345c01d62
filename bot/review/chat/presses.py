"""What pressing a button of a card does. Each press is checked like any other request at the desk: whose account it is,
what the account may do, and how the case stands at that moment; the card itself proves nothing, it may be hours old.

Answers are for the one who pressed alone. What everybody sees is the card, which follows the case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, assert_never

from bot.errors import InputError, NotAllowed, ReviewError, StoreError
from bot.identity import Person
from bot.private import Private
from bot.review.cases import Case, ErrandKind, Outcome, Ruling
from bot.review.chat.cards import Filled, Form, Press, Reveal, form_of
from bot.review.chat.store import Links
from bot.review.desk import Desk
from bot.review.judgements import Contact, Escalate, Judgement, NoRisk, TakeOver, Watch
from bot.review.moderators import Moderator
from bot.review.presentation import View
from bot.review.wording import moment

NOT_A_MODERATOR: Final = (
    "These buttons are for moderators, and your account here is not linked to one of the desk. "
    "Whoever runs the bot can link it: raise-bot desk link NAME {who}"
)
TRY_AGAIN: Final = "The desk cannot be reached right now, and nothing was changed. Please try again in a minute."


@dataclass(frozen=True, slots=True)
class Said:
    """A line for the one who pressed. ``done`` is False when nothing was changed: a form stays open with the line."""

    text: str
    done: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """Text of a conversation, for the eyes of the one who asked alone."""

    view: View


@dataclass(frozen=True, slots=True)
class Presses:
    """``changed`` is called after a step, so that cards follow at once."""

    desk: Desk
    links: Links
    changed: Callable[[], None]

    async def pressed(self, who: Person, press: Press, case_id: str) -> Said | Form:
        """A button. Never raises for what the desk says."""
        try:
            moderator = await self._moderator(who, press, case_id)
            form = form_of(press, case_id)
            if form is not None:
                return form
            return Said(await self._step(moderator, press, case_id))
        except (ReviewError, InputError) as problem:
            return Said(_sentence(problem), done=False)
        except StoreError:
            return Said(TRY_AGAIN, done=False)

    async def submitted(self, who: Person, press: Press, case_id: str, filled: Filled) -> Said | Shown:
        """A form. Never raises for what the desk says."""
        try:
            moderator = await self._moderator(who, press, case_id)
            return await self._filled(moderator, press, case_id, filled)
        except (ReviewError, InputError) as problem:
            return Said(_sentence(problem), done=False)
        except StoreError:
            return Said(TRY_AGAIN, done=False)

    async def _moderator(self, who: Person, press: Press, case_id: str) -> Moderator:
        """Raises NotAllowed for somebody without an account, which is recorded."""
        moderator = await self.links.moderator(who)
        if moderator is None:
            await self.desk.turned_away(case_id, who.platform, press.value)
            raise NotAllowed(NOT_A_MODERATOR.format(who=who))
        return moderator

    async def _step(self, who: Moderator, press: Press, case_id: str) -> str:
        desk = self.desk
        match press:
            case Press.CLAIM:
                said = _until(await desk.claim(who, case_id))
            case Press.EXTEND:
                said = _until(await desk.extend(who, case_id))
            case Press.RELEASE:
                await desk.release(who, case_id)
                said = "Released: the case is back in the queue."
            case Press.HAND_BACK:
                await desk.hand_back(who, case_id)
                said = "Handed back: the bot speaks again. You still hold the case."
            case Press.UNDO:
                said = f"Decision taken back. {_until(await desk.undo(who, case_id))}"
            case Press.DECIDE | Press.OPINION | Press.WRITE | Press.REVEAL:
                raise InputError("expected a form: press the button again")
            case _:
                assert_never(press)
        self.changed()
        return said

    async def _filled(self, who: Moderator, press: Press, case_id: str, filled: Filled) -> Said | Shown:
        match press:
            case Press.REVEAL:
                return Shown(await self._reveal(who, case_id, filled))
            case Press.DECIDE:
                said = await self._decide(who, case_id, filled)
            case Press.OPINION:
                case = await self.desk.second_opinion(who, case_id, filled.words)
                asked = "Asked for a second opinion." if case.opinion_wanted else "Second opinion given. Thank you."
                said = asked
            case Press.WRITE:
                await self.desk.message(who, case_id, filled.words)
                said = await self._delivered(who, case_id, "Sent.")
            case Press.CLAIM | Press.EXTEND | Press.RELEASE | Press.HAND_BACK | Press.UNDO:
                return Said(await self._step(who, press, case_id))
            case _:
                assert_never(press)
        self.changed()
        return Said(said)

    async def _decide(self, who: Moderator, case_id: str, filled: Filled) -> str:
        judgement = judged(filled)
        decided = await self.desk.decide(who, case_id, judgement)
        if filled.note.reveal().strip():
            await self.desk.note(who, case_id, filled.note)
        match judgement:
            case NoRisk():
                return "Decided: no risk."
            case Watch():
                again = None if decided.decision is None else decided.decision.follow_up_at
                return "Decided: watch." if again is None else f"Decided: watch. It comes back {moment(again)}."
            case Contact():
                return await self._delivered(who, case_id, "Decided: contact.")
            case Escalate():
                return f"Escalated to the queue {decided.queue}."
            case TakeOver():
                return await self._taken_over(who, case_id, filled.words)
            case _:
                assert_never(judgement)

    async def _taken_over(self, who: Moderator, case_id: str, words: Private[str]) -> str:
        said = "Taken over: the bot is silent until you hand the conversation back."
        if not words.reveal().strip():
            return said
        await self.desk.message(who, case_id, words)
        return await self._delivered(who, case_id, said)

    async def _delivered(self, who: Moderator, case_id: str, said: str) -> str:
        """With what became of the message, as far as it is known by now."""
        errands = (await self.desk.show(who, case_id, again=True)).errands
        letters = [each for each in errands if each.kind in (ErrandKind.CONTACT, ErrandKind.MESSAGE)]
        if not letters:
            return said
        last = letters[-1]
        match last.outcome:
            case Outcome.DELIVERED:
                return f"{said} The message was delivered."
            case Outcome.UNDELIVERED:
                return f"{said} The message was not delivered: {last.problem}"
            case Outcome.PENDING:
                return f"{said} The message is on its way; the desk says when it is delivered."
            case _:
                assert_never(last.outcome)

    async def _reveal(self, who: Moderator, case_id: str, filled: Filled) -> View:
        """Either way the reason is kept as a note, and the look in the trail."""
        if filled.choice == Reveal.WHOLE.value:
            return await self.desk.reveal(who, case_id, filled.words)
        if filled.choice != Reveal.REDACTED.value:
            raise InputError("choose how much to show")
        await self.desk.note(who, case_id, filled.words)
        return await self.desk.show(who, case_id)


def judged(filled: Filled) -> Judgement:
    """The decision a form names. Raises InputError."""
    match filled.choice:
        case Ruling.NO_RISK.value:
            return NoRisk()
        case Ruling.WATCH.value:
            return Watch()
        case Ruling.CONTACT.value:
            return Contact(filled.words)
        case Ruling.ESCALATE.value:
            return Escalate()
        case Ruling.TAKE_OVER.value:
            return TakeOver()
        case _:
            raise InputError("choose one of the five decisions")


def _until(case: Case) -> str:
    return "It is yours." if case.claim is None else f"It is yours until {moment(case.claim.until)}."


def _sentence(problem: Exception) -> str:
    """What the desk said, beginning like a sentence."""
    text = str(problem)
    return text[:1].upper() + text[1:]
