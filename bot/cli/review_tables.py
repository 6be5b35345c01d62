"""The desk in a terminal, for people: tables by rich. Texts of people are printed as text, never as markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.clock import Seconds
from bot.review.cases import Case, Errand, Outcome
from bot.review.checks import departure
from bot.review.figures import Figures, Referral
from bot.review.presentation import Context, View, alias
from bot.review.transcript import Voice
from bot.severity import Severity

_STYLES: Final = {Severity.IMMINENT: "bold red", Severity.HIGH: "red", Severity.CONCERN: "yellow", Severity.NONE: ""}
_CONTEXT: Final = {
    Context.SHOWN: "",
    Context.IDLE: "The conversation is over, and was deleted as the policy says.",
    Context.GONE: "",
    Context.UNREADABLE: "The conversation cannot be read: the key that it was sealed with is gone.",
}
_OUTCOMES: Final = {
    Outcome.PENDING: "waiting for the bot's own process",
    Outcome.DELIVERED: "done",
    Outcome.UNDELIVERED: "not delivered",
}


def _console() -> Console:
    return Console(highlight=False, markup=False)


def show_cases(cases: Sequence[Case], now: Seconds, *, more: bool) -> None:
    """The queue."""
    console = _console()
    if not cases:
        console.print("Nobody waits.")
        return
    head = ("case", "severity", "category", "queue", "waits", "deadline", "held by", "why")
    rows = [
        (
            case.id,
            case.severity.value,
            case.category or "general",
            case.queue,
            _length(now - case.since),
            _deadline(case, now).plain,
            case.holder(now) or "",
            case.reasons[-1].why,
        )
        for case in cases
    ]
    table = Table(box=None, pad_edge=False)
    for column, cells in zip(head, zip(*rows, strict=True), strict=True):
        # The last column gives way in a narrow terminal; ids must stay whole.
        table.add_column(column, no_wrap=True, min_width=10 if column == "why" else max(map(len, (column, *cells))))
    for case, row in zip(cases, rows, strict=True):
        table.add_row(*map(Text, row), style=_STYLES[case.severity])
    console.print(table)
    if more:
        console.print("There are more: --limit N shows them.")


def show_case(case: Case, now: Seconds, errand: Errand | None = None) -> None:
    """What a case is after a step."""
    console = _console()
    holder = case.holder(now)
    parts = [f"case {case.id} is {case.state_at(now)}"]
    if holder is not None and case.claim is not None:
        parts.append(f"held by {holder} for {_length(case.claim.until - now)}")
    if case.held:
        parts.append("the bot is silent")
    if case.decision is not None:
        parts.append(f"last decided by {case.decision.by}: {case.decision.ruling}")
    console.print("; ".join(parts))
    if errand is not None:
        problem = f": {errand.problem}" if errand.problem else ""
        console.print(f"{errand.kind}: {_OUTCOMES[errand.outcome]}{problem}")


def show_view(view: View, now: Seconds) -> None:
    """A case with everything that may be seen of it."""
    console, case = _console(), view.case
    show_case(case, now)
    if case.gone is not None:
        console.print(departure(case))
    console.print(f"{case.severity}, {case.category or 'general'}, queue {case.queue}, {_deadline(case, now)}")
    if view.person is not None:
        console.print(f"who and where: {view.person.reveal()}")
    for reason in case.reasons:
        console.print(Text(f"  {reason.severity} {reason.rule}: {reason.why}"))
    if _CONTEXT[view.context]:
        console.print(_CONTEXT[view.context])
    for line in view.lines:
        speaker = alias(case) if line.voice is Voice.PERSON else "Bot"
        console.print(Text(f"{speaker}: {line.text.reveal()}"))
    for note in view.notes:
        console.print(Text(f"{note.kind} by {note.by}: {note.text.reveal()}"))
    for errand in view.errands:
        text = "" if errand.text is None else f": {errand.text.reveal()}"
        console.print(Text(f"{errand.kind} by {errand.by} ({_OUTCOMES[errand.outcome]} {errand.problem}){text}"))
    for entry in view.history:
        details = ", ".join(f"{name} {value}" for name, value in entry.event.details.items())
        console.print(Text(f"{_length(now - entry.event.at)} ago: {entry.event.action} by {entry.event.by} {details}"))


def show_figures(figures: Figures, now: Seconds) -> None:
    """What waits, and how well the rules do."""
    console = _console()
    waiting = Table("severity", "open", "claimed", "overdue", "oldest", box=None, pad_edge=False)
    for each in figures.waiting:
        oldest = "" if each.oldest is None else _length(now - each.oldest)
        waiting.add_row(each.severity, str(each.open), str(each.claimed), str(each.overdue), oldest)
    console.print(waiting if figures.waiting else "Nobody waits.")
    look = figures.first_look_median
    seen = "nobody looked yet" if look is None else f"first look after {_length(look)} (median)"
    console.print(f"{figures.opened} cases, {figures.escalated} escalated by deadline, {figures.unseen} unseen, {seen}")
    rules = Table("category", "rule", "flags", "judged", "confirmed", "precision", box=None, pad_edge=False)
    for rule in figures.precision:
        share = "" if rule.precision is None else f"{rule.precision:.0%}"
        counts = (str(rule.flags), str(rule.judged), str(rule.confirmed), share)
        rules.add_row(rule.category or "general", rule.rule, *counts)
    if figures.precision:
        console.print(rules)


def show_referrals(referrals: Sequence[Referral]) -> None:
    """Counts by month."""
    table = Table("month", "category", "referrals", box=None, pad_edge=False)
    for each in referrals:
        table.add_row(each.month, each.category or "general", str(each.count))
    _console().print(table if referrals else "None so far.")


def _deadline(case: Case, now: Seconds) -> Text:
    if not case.pending:
        return Text("")
    late = now - case.deadline
    return Text(f"{_length(late)} late", style="bold red") if late > 0 else Text(f"in {_length(-late)}")


def _length(duration: Seconds) -> str:
    """``3 h 5 min``, as far as it matters."""
    minutes, days = int(duration // 60), int(duration // 86_400)
    if days >= 2:
        return f"{days} days"
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{max(0, int(duration))} s"
