"""What is left to do for a turn that will not be tried again: it crashed, or failed, too often.

As little as possible is touched on the way, because something in this turn may be what ends processes: neither profile,
state nor model, only the event, the screen's rules and the platform.
"""

from __future__ import annotations

from functools import partial

from bot.chat import Body, Chose, Command, Crisis, Inbound, Notice, Outbound, Said, Undelivered
from bot.conversation.effects import Journal
from bot.conversation.engine import Steps
from bot.conversation.ledger import TurnRow
from bot.conversation.ports import Ports
from bot.conversation.rules import Rules
from bot.conversation.safety import flag_of
from bot.errors import Unreadable
from bot.policy.phrases import phrase
from bot.private import Private
from bot.risk.crisis import crisis_message
from bot.risk.response import CrisisReply, Proceed, response_for
from bot.risk.screen import findings_safely, judge_safely
from bot.risk.verdicts import RiskHistory, Unscreened, Verdict
from bot.severity import Severity
from bot.telemetry.events import Event as Log


async def give_up(ports: Ports, turn_id: str, steps: Steps) -> None:
    """Tell the person that the turn is not answered, flag it for people where there is danger in it, and close it.
    Raises StoreUnavailable."""
    try:
        row = await ports.ledger.turn(turn_id)
    except Unreadable as problem:
        ports.telemetry.emit(Log.UNREADABLE, turn=turn_id, store="turns", problem=str(problem))
        row = None
    if row is not None:
        ports.telemetry.emit(Log.TURN_GIVEN_UP, turn=turn_id, platform=row.inbound.person.platform)
        rules = ports.rules()
        verdict = _danger(rules, row.inbound)
        body = _last_words(rules, row, verdict)
        if body is not None:
            await steps.run("failed", partial(_say, ports, row.inbound, body))
        if verdict is not None:
            await ports.flags.take(flag_of(row.inbound, verdict, rules.policy.id, ports.clock.now()))
    await ports.ledger.close(turn_id)


def _danger(rules: Rules, inbound: Inbound) -> Verdict | None:
    """What the rules say of this message by itself, where somebody should look; a screen that fails counts."""
    match inbound.content:
        case Said(text) | Chose(_, Private() as text):
            findings = findings_safely(rules.screen, text.reveal())
        case _:
            return None
    verdict, _ = judge_safely(rules.screen, findings, RiskHistory(), inbound.at)
    if isinstance(verdict, Unscreened):
        return Verdict(Severity.HIGH, rule="screen_failed")
    return None if isinstance(response_for(verdict), Proceed) else verdict


def _last_words(rules: Rules, row: TurnRow[Journal], verdict: Verdict | None) -> Body | None:
    """Where to find help, unless that was shown; else that it did not work. None for what nobody waits for."""
    inbound = row.inbound
    if verdict is not None and isinstance(response_for(verdict), CrisisReply):
        return None if row.crisis_shown else crisis_message(rules.policy, inbound.locale, verdict, repeat=False)
    if not isinstance(inbound.content, Said | Chose | Command):
        return None
    return Notice(Private(phrase(rules.policy, inbound.locale, "notice.failed")))


async def _say(ports: Ports, inbound: Inbound, body: Body) -> str:
    """In the place it came from, under the name that the intake and the runner use for the same message."""
    crisis = isinstance(body, Crisis)
    name = f"{inbound.turn_id}:{'crisis' if crisis else 'failed'}"
    message = Outbound(name, inbound.person, inbound.space, body, inbound.turn_id, inbound.locale)
    outcome = await ports.speaker.say(message)
    if not isinstance(outcome, Undelivered):
        return "told"
    event = Log.CRISIS_UNDELIVERED if crisis else Log.UNDELIVERED
    ports.telemetry.emit(event, turn=inbound.turn_id, problem=outcome.problem)
    return "undelivered"
