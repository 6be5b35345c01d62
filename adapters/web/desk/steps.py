"""What the forms of a case do: read the form, ask the desk, say what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from adapters.web.desk import words
from adapters.web.desk.guard import VISITOR, is_scripted
from adapters.web.desk.live import Bell
from bot.errors import InputError
from bot.private import Private
from bot.review.cases import Case
from bot.review.desk import Desk
from bot.review.judgements import Contact, Escalate, Judgement, NoRisk, TakeOver, Watch
from bot.review.moderators import Moderator

Form = Mapping[str, str]
Step = Callable[[Moderator, str, Form], Awaitable[str]]
HOURS: Final = (1, 4, 12, 24, 72, 168)
"""What a watched case may be seen again after; none chosen: what the policy says."""


@dataclass(frozen=True, slots=True)
class Steps:
    """``bell`` tells open pages at once."""

    desk: Desk
    bell: Bell

    def named(self) -> Mapping[str, Step]:
        """Last part of a form's address -> what it does. Each returns what to say when it has been done."""
        return {
            "claim": self._claim,
            "extend": self._extend,
            "release": self._release,
            "hand-over": self._hand_over,
            "decide": self._decide,
            "undo": self._undo,
            "hand-back": self._hand_back,
            "message": self._message,
            "note": self._note,
            "opinion": self._opinion,
        }

    def handler(self, step: Step) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            case_id, visitor = request.match_info["case"], request[VISITOR]
            form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
            said = await step(visitor.who, case_id, form)
            self.bell.ring()
            return answered(request, said, f"/desk/cases/{case_id}")

        return handle

    async def claim_next(self, request: web.Request) -> web.Response:
        visitor = request[VISITOR]
        case = await self.desk.claim_next(visitor.who)
        self.bell.ring()
        if case is None:
            return answered(request, "There is nothing to claim at the moment.", "/desk")
        return answered(request, self._until(case), f"/desk/cases/{case.id}")

    async def _claim(self, who: Moderator, case_id: str, form: Form) -> str:
        return self._until(await self.desk.claim(who, case_id))

    async def _extend(self, who: Moderator, case_id: str, form: Form) -> str:
        return self._until(await self.desk.extend(who, case_id))

    async def _release(self, who: Moderator, case_id: str, form: Form) -> str:
        await self.desk.release(who, case_id)
        return "Released: the case is back in the queue."

    async def _hand_over(self, who: Moderator, case_id: str, form: Form) -> str:
        receiver = form.get("to", "")
        await self.desk.hand_over(who, case_id, receiver)
        return f"Handed over to {receiver}."

    async def _decide(self, who: Moderator, case_id: str, form: Form) -> str:
        judgement = judged(form)
        case = await self.desk.decide(who, case_id, judgement)
        match judgement:
            case NoRisk():
                return "Decided: no risk."
            case Watch():
                again = case.decision.follow_up_at if case.decision is not None else None
                return "Decided: watch." if again is None else f"Decided: watch. It comes back {words.moment(again)}."
            case Contact():
                return "Decided: contact. See below whether the message was delivered."
            case Escalate():
                return f"Escalated to the queue {case.queue}."
            case TakeOver():
                return "Taken over: the bot is silent until you hand the conversation back."

    async def _undo(self, who: Moderator, case_id: str, form: Form) -> str:
        return f"Decision taken back. {self._until(await self.desk.undo(who, case_id))}"

    async def _hand_back(self, who: Moderator, case_id: str, form: Form) -> str:
        await self.desk.hand_back(who, case_id)
        return "Handed back: the bot speaks again. You still hold the case."

    async def _message(self, who: Moderator, case_id: str, form: Form) -> str:
        await self.desk.message(who, case_id, _private(form))
        return "Sent. See below whether it was delivered."

    async def _note(self, who: Moderator, case_id: str, form: Form) -> str:
        await self.desk.note(who, case_id, _private(form))
        return "Note kept."

    async def _opinion(self, who: Moderator, case_id: str, form: Form) -> str:
        case = await self.desk.second_opinion(who, case_id, _private(form))
        return "Asked for a second opinion." if case.opinion_wanted else "Second opinion given. Thank you."

    def _until(self, case: Case) -> str:
        if case.claim is None:
            return "Claimed."
        return f"Yours for {words.span(case.claim.until - self.desk.clock.now())}."


def judged(form: Form) -> Judgement:
    """The decision a form names. Raises InputError."""
    ruling = form.get("ruling", "")
    match ruling:
        case "no_risk":
            return NoRisk()
        case "watch":
            return Watch(_after(form.get("hours", "")))
        case "contact":
            return Contact(_private(form))
        case "escalate":
            return Escalate()
        case "take_over":
            return TakeOver()
        case _:
            raise InputError("expected one of the five decisions: choose one")


def answered(request: web.Request, said: str, following: str) -> web.Response:
    """What became of a form: to the page's script as JSON, else on the next page."""
    if is_scripted(request):
        return web.json_response({"said": said, "next": following})
    request[VISITOR].session.said = said
    return web.Response(status=303, headers={"Location": following})


def _after(hours: str) -> float | None:
    if not hours:
        return None
    if not hours.isdecimal() or int(hours) not in HOURS:
        raise InputError(f"expected to look again after one of {', '.join(map(str, HOURS))} hours")
    return int(hours) * 3600.0


def _private(form: Form) -> Private[str]:
    return Private(form.get("text", "").replace("\r\n", "\n"))
