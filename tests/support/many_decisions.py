"""A file of decisions as ``raise-bot policy decisions export`` writes it, to measure ``raise-bot policy diff`` with.

``python -m tests.support.many_decisions FILE [COUNT]``: the decisions of made-up conversations under the shipped
policy, again and again, no two with the same numbers.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import asdict, replace
from itertools import cycle, islice
from pathlib import Path

from bot.assembly.rulebook import rules_of
from bot.conversation.audit import Decided
from bot.conversation.synthetic import conversation, openings
from bot.settings import Settings


def varied(decided: Decided, chance: random.Random) -> Decided:
    considered = tuple((name, round(gain * chance.uniform(0.5, 1.5), 4)) for name, gain in decided.considered)
    score = round(min(1.0, decided.domain_score * chance.uniform(0.8, 1.2)), 4)
    return replace(decided, domain_score=score, considered=considered)


def main() -> None:
    file, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    rules, chance = rules_of(Settings()), random.Random(3)
    made = [each for text in openings(rules.policy) for each, _ in conversation(rules, text)]
    with file.open("w", encoding="utf-8") as out:
        for number, each in enumerate(islice(cycle(made), count)):
            record = {"form": 1, "turn": str(number), "day": 0, "decided": asdict(varied(each, chance))}
            out.write(json.dumps(record, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
