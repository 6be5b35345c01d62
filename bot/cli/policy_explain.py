"""``raise-bot policy explain``: which rule, which attribute, which numbers, and what would change it."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import InputError

if TYPE_CHECKING:  # the whole application is imported only when something is explained
    from bot.assembly.explaining import Explanation
    from bot.settings import Settings

_SHOWN = 5
"""Alternatives printed; --json has them all."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("message", nargs="*", help="a message, explained as the first of a conversation")
    parser.add_argument("--turn", metavar="ID", help="a turn on record instead, such as slack:T1:Ev1")
    parser.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    parser.add_argument("--state", type=Path, metavar="DIR", help="the bot's folder, for --turn (else RAISE_STATE)")
    parser.add_argument("--workspace", default="terminal:w1", metavar="P:W", help="where, such as slack:T1")
    parser.add_argument("--channel", metavar="C", help="in this channel; without it, in a direct message")
    parser.add_argument("--locale", default="und", help="the person's language, such as de-DE")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(args: argparse.Namespace) -> int:
    from bot.settings import load

    if bool(args.message) == bool(args.turn):
        raise InputError(f"expected a message in quotes, or --turn ID; got {'both' if args.turn else 'neither'}")
    settings = load(policies=args.policies, state=args.state)
    told = asyncio.run(_of_turn(settings, args.turn)) if args.turn else asyncio.run(_of_message(settings, args))
    if args.json:
        print(json.dumps([as_json(each) for each in told], ensure_ascii=False, indent=2))
    else:
        print("\n\n".join("\n".join(_lines(each)) for each in told))
    return 0


async def _of_message(settings: Settings, args: argparse.Namespace) -> tuple[Explanation, ...]:
    from bot.assembly.explaining import explain_message
    from bot.assembly.rulebook import Rulebook, learned
    from bot.cli.places import person_at, space_at

    rules = (await learned(settings, Rulebook.of(settings, model_reads=False))).current()
    text = " ".join(args.message)
    return (explain_message(rules, text, person_at(args.workspace), space_at(args.channel), args.locale),)


async def _of_turn(settings: Settings, turn: str) -> tuple[Explanation, ...]:
    from bot.assembly.decisions import recorded_decisions
    from bot.assembly.explaining import explain_decisions
    from bot.policy.folder import find_folder
    from bot.policy.loader import load

    policy = load(find_folder(settings.policies))
    async with recorded_decisions(settings) as decisions:
        entries = await decisions.of_turn(turn)
    if not entries:
        raise InputError(f"no decision of a turn {turn!r} is on record: unknown, older than 180 days, or forgotten")
    return explain_decisions(policy, (entry.decided for entry in entries))


def _lines(told: Explanation) -> Iterator[str]:
    decided = told.decided
    yield f"{decided.kind}{f' {decided.attribute}' if decided.attribute else ''}"
    yield f"  policy    {decided.policy_id}{'' if told.same_policy else ' (not the one in the folder, see below)'}"
    yield f"  danger    {_danger(told)}"
    for each in told.found:
        yield f"            found {each.category}.{each.rule}: {each.severity}, score {each.score:g}"
    yield f"  domain    {_domain(told)}"
    yield f"  because   {decided.because or '-'}"
    if decided.known:
        yield f"  known     {', '.join(decided.known)}"
    if told.candidates:
        planned = ", gains from planned queries like this one" if told.evidence == "planned" else ""
        yield f"  asked     {decided.asked} of at most {told.limit}{planned}"
        yield "            attribute               gain x chance - price =   net"
        for one in told.candidates:
            numbers = f"{one.expected_gain:5.2f} x {one.chance:6.2f} - {one.price:5.2f} = {one.net:+5.2f}"
            yield f"            {one.attribute:<22} {numbers}"
    if told.changes:
        yield "  changes   " + "\n            ".join(each.sentence for each in told.changes[:_SHOWN])
    if not told.same_policy:
        yield "  note      prices, limits and changes are those of the policy in the folder; the rest is on record"


def _danger(told: Explanation) -> str:
    decided = told.decided
    if decided.severity == "none":
        return "none"
    score = f", built up to {decided.risk_score:g}" if decided.risk_score else ""
    return f"{decided.severity}, {decided.category} by rule {decided.rule}{score}"


def _domain(told: Explanation) -> str:
    decided = told.decided
    where = f"{decided.domain}, score {decided.domain_score:.2f}" if decided.domain else "none"
    if told.margin is None or told.runner_up is None or decided.domain is None:
        return where
    return f"{where}, leads {told.runner_up} by {told.margin:.2f}"


def as_json(told: Explanation) -> dict[str, object]:
    """One explanation for programs."""
    decided = told.decided
    return {
        "decided": decided.kind,
        "attribute": decided.attribute,
        "policy": decided.policy_id,
        "same_policy": told.same_policy,
        "because": decided.because,
        "severity": decided.severity,
        "category": decided.category,
        "rule": decided.rule,
        "risk_score": decided.risk_score,
        "found": [
            {"category": each.category, "rule": each.rule, "severity": each.severity, "score": each.score}
            for each in told.found
        ],
        "domain": decided.domain,
        "domain_score": round(decided.domain_score, 4),
        "margin": told.margin,
        "runner_up": told.runner_up,
        "evidence": told.evidence,
        "known": list(decided.known),
        "asked": decided.asked,
        "limit": told.limit,
        "candidates": [
            {
                "attribute": each.attribute,
                "gain": round(each.expected_gain, 4),
                "chance": each.chance,
                "price": round(each.price, 4),
                "net": round(each.net, 4),
            }
            for each in told.candidates
        ],
        "changes": [
            {
                "outcome": each.outcome,
                "key": each.key,
                "word": each.word,
                "bound": each.bound,
                "now": each.now,
                "sentence": each.sentence,
            }
            for each in told.changes
        ],
    }
