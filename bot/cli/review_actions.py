"""Each action of ``raise-bot review``, done: through the same desk as every other face."""

from __future__ import annotations

import argparse
import asyncio
import csv
import getpass
import json
import sys
from typing import Final, assert_never

from bot.assembly.reviewing import Reviewing, looking
from bot.cli import review_tables as tables
from bot.cli.review_shapes import case_json, errand_json, figures_json, referral_json, view_json
from bot.clock import Seconds, SystemClock
from bot.errors import InputError, PolicyError
from bot.identity import DIRECT, ConversationKey, Person
from bot.policy.durations import seconds
from bot.private import Private
from bot.review.cases import Case, CaseState, Errand, Outcome
from bot.review.desk import PENDING, Page
from bot.review.figures import Figures, Referral
from bot.review.judgements import Contact, Escalate, Judgement, NoRisk, TakeOver, Watch
from bot.review.moderators import EVERYWHERE, Moderator, Role
from bot.review.presentation import View
from bot.review.store import Filter
from bot.settings import Settings
from bot.severity import Category, Severity

Outcomes = Page | View | Case | Figures | tuple[Referral, ...] | None
_LOOK: Final[Seconds] = 0.2
"""How often it is looked whether a message was delivered."""


async def perform(args: argparse.Namespace, settings: Settings) -> int:
    """Do what was asked and print the outcome. Raises ReviewError, InputError, StoreUnavailable, SettingsError."""
    clock = SystemClock()
    async with looking(settings, clock) as reviewing:
        who = await _who(args, reviewing)
        outcome = await _done(args, reviewing, who, clock.now())
        errand = await _awaited(args, reviewing, outcome) if isinstance(outcome, Case) else None
        notices = await reviewing.desk.notices(who) if args.action == "list" else ()
    for notice in notices:
        print(f"raise-bot: {notice}", file=sys.stderr)
    if args.json:
        _print_json(args, outcome, errand, clock.now())
    else:
        _print_table(args, outcome, errand, clock.now())
    return 0


async def _who(args: argparse.Namespace, reviewing: Reviewing) -> Moderator:
    """The account of that name. Who runs this machine without one may do what a lead may: the database is theirs."""
    name = args.name or getpass.getuser()
    return await reviewing.account(name) or Moderator(name, Role.LEAD, EVERYWHERE)


async def _done(args: argparse.Namespace, reviewing: Reviewing, who: Moderator, now: Seconds) -> Outcomes:
    desk = reviewing.desk
    match args.action:
        case "list":
            return await desk.list(who, _wanted(args, who, now), limit=args.limit)
        case "show":
            return await desk.show(who, args.case)
        case "reveal":
            return await desk.reveal(who, args.case, Private(args.reason))
        case "next":
            return await desk.claim_next(who)
        case "flag":
            conversation = ConversationKey(Person.parse(args.person), DIRECT)
            category = None if args.category is None else Category(args.category)
            return await desk.flag(who, conversation, Severity(args.severity), category)
        case "stats":
            return await desk.statistics(who, 0.0 if args.since is None else now - _seconds(args.since))
        case "referrals":
            return await desk.referrals(who)
        case _:
            return await _on_case(args, reviewing, who)


async def _on_case(args: argparse.Namespace, reviewing: Reviewing, who: Moderator) -> Case:
    desk, case = reviewing.desk, str(args.case)
    match args.action:
        case "claim":
            return await desk.claim(who, case)
        case "extend":
            return await desk.extend(who, case)
        case "release":
            return await desk.release(who, case)
        case "handover":
            return await desk.hand_over(who, case, args.to)
        case "decide" | "takeover" | "contact":
            return await desk.decide(who, case, _judgement(args))
        case "undo":
            return await desk.undo(who, case)
        case "handback":
            return await desk.hand_back(who, case)
        case "message":
            return await desk.message(who, case, Private(args.text))
        case "note":
            return await desk.note(who, case, Private(args.text))
        case "opinion":
            return await desk.second_opinion(who, case, Private(args.text))
        case other:
            raise InputError(f"expected an action of `raise-bot review`, got {other!r}")


def _judgement(args: argparse.Namespace) -> Judgement:
    if (args.text is not None) != (args.ruling == "contact"):
        raise InputError("expected --text with contact, and with nothing else")
    if args.after is not None and args.ruling != "watch":
        raise InputError("expected --after with watch only")
    match args.ruling:
        case "no_risk":
            return NoRisk()
        case "watch":
            return Watch(None if args.after is None else _seconds(args.after))
        case "contact":
            return Contact(Private(args.text))
        case "escalate":
            return Escalate()
        case _:
            return TakeOver()


def _wanted(args: argparse.Namespace, who: Moderator, now: Seconds) -> Filter:
    return Filter(
        states=_states(args.states),
        severities=frozenset(map(Severity, args.severity)),
        categories=frozenset(map(Category, args.category)),
        queues=frozenset(args.queue),
        holder=who.name if args.mine else None,
        opinion_wanted=True if args.opinion else None,
        overdue_at=now if args.overdue else None,
    )


def _states(text: str | None) -> frozenset[CaseState]:
    if text is None:
        return PENDING.states
    names = [] if text == "all" else [name.strip() for name in text.split(",")]
    unknown = set(names) - set(CaseState)
    if unknown:
        raise InputError(f"expected states out of {', '.join(CaseState)}, or all; got {sorted(unknown)[0][:40]!r}")
    return frozenset(map(CaseState, names))


def _seconds(text: str) -> Seconds:
    try:
        return seconds(text)
    except PolicyError as problem:
        raise InputError(str(problem)) from None


async def _awaited(args: argparse.Namespace, reviewing: Reviewing, case: Case) -> Errand | None:
    """The errand this action gave rise to, once the bot's own process has done it, or as it is after the wait."""
    mine = f"{case.id}.{case.revision}"
    left = float(getattr(args, "wait", 0.0))
    while True:
        errands = await reviewing.desk.papers.errands(case)
        errand = next((each for each in errands if each.id == mine), None)
        if errand is None or errand.outcome is not Outcome.PENDING or left <= 0:
            return errand
        await asyncio.sleep(min(_LOOK, left))
        left -= _LOOK


def _print_json(args: argparse.Namespace, outcome: Outcomes, errand: Errand | None, now: Seconds) -> None:
    match outcome:
        case Page(cases, after):
            body: object = {"cases": [case_json(case, now) for case in cases], "more": after is not None}
        case View():
            body = view_json(outcome, now)
        case Case():
            body = {**case_json(outcome, now), **({} if errand is None else {"errand": errand_json(errand)})}
        case Figures():
            body = figures_json(outcome, now)
        case tuple():
            body = {"referrals": [referral_json(each) for each in outcome]}
        case None:
            body = {"case": None}
        case _:
            assert_never(outcome)
    print(json.dumps(body, ensure_ascii=False))


def _print_table(args: argparse.Namespace, outcome: Outcomes, errand: Errand | None, now: Seconds) -> None:
    match outcome:
        case Page(cases, after):
            tables.show_cases(cases, now, more=after is not None)
        case View():
            tables.show_view(outcome, now)
        case Case():
            tables.show_case(outcome, now, errand)
        case Figures():
            tables.show_figures(outcome, now)
        case tuple() if args.csv:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(("month", "category", "referrals"))
            writer.writerows((each.month, each.category or "general", each.count) for each in outcome)
        case tuple():
            tables.show_referrals(outcome)
        case None:
            print("Nobody waits.")
        case _:
            assert_never(outcome)
