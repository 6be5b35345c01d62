"""``raise-bot policy show``: the policy as it holds in one workspace and channel, defaults filled in."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.places import person_at, space_at

if TYPE_CHECKING:  # pydantic is imported only when something is shown
    from bot.policy.effective import Situation
    from bot.policy.schema import Policy


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    parser.add_argument("--workspace", default="terminal:w1", metavar="P:W", help="where, such as slack:T1")
    parser.add_argument("--channel", metavar="C", help="in this channel; without it, in a direct message")
    parser.add_argument("--locale", default="und", help="the person's language, for places that look at it")
    parser.add_argument("--at", type=float, metavar="SECONDS", help="the moment, since 1970; now where it is not given")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(args: argparse.Namespace) -> int:
    from bot.policy.effective import Situation, placed
    from bot.policy.folder import find_folder
    from bot.policy.loader import load
    from bot.policy.showing import effective

    policy = load(find_folder(args.policies))
    moment = time.time() if args.at is None else args.at
    here = Situation(person_at(args.workspace), space_at(args.channel), args.locale, moment)
    tried = placed(policy)
    place = next((each for each in tried if each.fits(here)), None)
    holds = place.policy if place is not None else policy
    if args.json:
        told = {"place": place.place.id if place is not None else None, **effective(holds)}
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return 0
    print("\n".join(_lines(policy, holds, here, place.place.id if place is not None else None)))
    return 0


def _lines(policy: Policy, holds: Policy, here: Situation, place: str | None) -> Iterator[str]:
    from bot.policy.showing import effective, flat

    usual, now = flat(effective(policy)), flat(effective(holds))
    where = f"{here.person.platform}:{here.person.workspace}, " + (f"channel {here.channel}" if here.channel else "dm")
    yield f"{where}: policy {holds.id}"
    yield f"  place {place}, the first that fits" if place else "  no place fits: as everywhere"
    changed = {key: value for key, value in now.items() if usual.get(key) != value and key != "policy"}
    if changed:
        yield "  different here:"
        yield from (f"    {key}: {value} (elsewhere {usual.get(key, 'nothing')})" for key, value in changed.items())
    for name, domain in holds.domains.items():
        limit = holds.defaults.budget.questions if domain.questions is None else domain.questions
        yield f"{name}: at most {limit} questions{f', answers by {domain.model}' if domain.model else ''}"
        for attribute in domain.attributes:
            key = f"domains.{name}.attributes.{attribute}"
            gain, chance, price = (float(now[f"{key}.{part}"]) for part in ("gain", "chance", "price"))
            worth = gain * chance - price
            never = "" if now[f"{key}.asked"] == "True" else "   never asked"
            yield f"    {attribute:<22} {gain:4.2f} x {chance:4.2f} - {price:4.2f} = {worth:+5.2f}{never}"
    for key in ("budget", "abstention", "retention", "routing", "crisis"):
        parts = [f"{name.partition('.')[2]} {value}" for name, value in now.items() if name.startswith(f"{key}.")]
        yield f"{key}: {', '.join(parts)}"
