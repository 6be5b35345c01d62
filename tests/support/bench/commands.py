"""What ``raise-bot bench planner`` and ``bench agent`` say."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from tests.support.bench.figures import Figure, Found, Scale


async def measure(which: str, scale: Scale) -> Found:
    """``which``: planner or agent."""
    count = str(scale.of(40, 6) if which == "planner" else scale.of(150, 20))
    rows = await _rows(which, "--count", count)
    return Found(tuple(map(_planned if which == "planner" else _asked, rows)))


async def _rows(which: str, *options: str) -> list[dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli.main", "bench", which, "--json", *options, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"raise-bot bench {which} ended with {process.returncode}")
    rows: list[dict[str, Any]] = json.loads(told)["rows"]
    return rows


def _planned(row: dict[str, Any]) -> Figure:
    note = f"{row['judge_calls']:.0f} judge calls, {row['worlds']} worlds"
    return Figure(f"regret of {row['strategy']} with {row['budget']} calls", row["regret"], "points", note=note)


def _asked(row: dict[str, Any]) -> Figure:
    note = f"{row['questions']:.1f} questions, {row['worlds']} worlds"
    return Figure(
        f"score of {row['strategy']} with at most {row['limit']} questions", row["score"], "points", note=note
    )
