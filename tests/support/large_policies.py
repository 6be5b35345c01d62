"""A policy of many domains, for measuring: ``python -m tests.support.large_policies FOLDER [DOMAINS] [EXEMPLARS]``."""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path

from bot.policy.loader import load
from bot.policy.templates import new_domain
from bot.policy.writing import listed
from bot.raise_core.state import PUBLISHED_GAINS

POLICIES = Path(__file__).parents[2] / "policies"
_SYLLABLES = ("bo", "ka", "lin", "mer", "no", "pa", "ris", "su", "ten", "vo", "zem", "dra")
_OPENINGS = ("I can't cope with", "they took away", "nobody helps me with", "I am afraid of losing", "since May I miss")


def large(folder: Path, domains: int = 200, exemplars: int = 2_000) -> Path:
    """The shipped policy in ``folder`` with made-up domains beside its own, up to so many domains, and exemplars of
    theirs in sum. The same each time."""
    shutil.copytree(POLICIES, folder)
    policy, chance = load(folder), random.Random(7)
    more = domains - len(policy.domains)
    missing = exemplars - sum(len(each.routing.exemplars) for each in policy.domains.values())
    index = (folder / "index.yaml").read_text(encoding="utf-8")
    for number in range(more):
        words = ["".join(chance.choices(_SYLLABLES, k=3)) for _ in range(8)]
        count = max(3, missing * (number + 1) // more - missing * number // more)
        texts = [f"{chance.choice(_OPENINGS)} the {' '.join(chance.sample(words, 3))} {number}" for _ in range(count)]
        name = f"topic_{number:03}"
        (folder / f"domains/{name}.yaml").write_text(new_domain(name, texts, policy, PUBLISHED_GAINS), encoding="utf-8")
        index = listed(index, "domains", f"domains/{name}.yaml")
    (folder / "index.yaml").write_text(index, encoding="utf-8")
    return folder


if __name__ == "__main__":
    large(Path(sys.argv[1]), *(int(each) for each in sys.argv[2:]))
