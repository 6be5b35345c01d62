"""One part, in a process of its own: ``python -m tests.support.bench.part NAME [--quick] [--minutes N]``.

Prints what it found as one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
from collections.abc import Awaitable, Callable
from functools import partial

from tests.support.bench.figures import Found, Scale
from tests.support.bench.parts import PARTS


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure one part of the benchmark.")
    parser.add_argument("name", choices=PARTS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--minutes", type=float, default=Scale().minutes)
    options = parser.parse_args()
    part = PARTS[options.name]
    measure: Callable[..., Awaitable[Found]] = importlib.import_module(f"tests.support.bench.{part.module}").measure
    if part.of:
        measure = partial(measure, part.of)
    found = asyncio.run(_awaited(measure(Scale(options.quick, options.minutes))))
    print(json.dumps(found.json()), flush=True)


async def _awaited(found: Awaitable[Found]) -> Found:
    return await found


if __name__ == "__main__":
    main()
