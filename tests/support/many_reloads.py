"""Reload a policy again and again while people talk: ``python -m tests.support.many_reloads [COUNT]``.

Prints how many turns were decided by which policy, whether any record mixes two, the memory on the way, and by how much
the event loop was late. Exit code 1 for a mixture.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bot.assembly import application
from bot.assembly.stage import NotedAudit, Notes, StagePlatform
from bot.assembly.stores import in_memory
from bot.chat import Inbound, Said
from bot.clock import ManualClock
from bot.identity import DIRECT, Person
from bot.policy.loader import load
from bot.policy.registry import Reloaded
from bot.private import Private
from bot.settings import Settings
from bot.telemetry.logs import silent

POLICIES = Path(__file__).parents[2] / "policies"
EXAM = "I failed my final exam and my parents don't know yet"
SIDES = ("gain: 1.0", "gain: 0.0")
WANTED = ("education_level", "emotional_state")
TALKERS = 3
TICK = 0.005


def resident() -> float:
    """MB of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


async def reloads(count: int, folder: Path) -> int:
    """How many records mixed two policies."""
    notes, clock = Notes(), ManualClock()
    late, turns, done = [0.0], 0, False
    wanted: dict[str, str] = {}
    seen: dict[str, int] = {}
    mixed = 0

    async with in_memory(clock) as kept:
        noted = replace(kept, audit=NotedAudit(kept.audit, notes))
        stage = [StagePlatform("web", notes)]
        async with application(Settings(policies=folder), stage, clock=clock, telemetry=silent(), kept=noted) as app:
            assert app.live is not None
            live = app.live
            wanted[app.rules().policy.id] = WANTED[0]

            async def talk(who: int) -> None:
                nonlocal turns, mixed
                number = 0
                while not done:
                    number += 1
                    person = Person("web", f"w{who}", f"u{number}")
                    said = Inbound(f"e{who}.{number}", person, DIRECT, Said(Private(EXAM)), clock.now(), "en")
                    receipt = await app.intake.accept(said)
                    await app.intake.finished(receipt.turn_id)
                    decided = notes.decided.pop(receipt.turn_id)[0]
                    turns += 1
                    seen[decided.policy_id] = seen.get(decided.policy_id, 0) + 1
                    mixed += decided.attribute != wanted[decided.policy_id]
                    await app.forget(person)
                    notes.said.pop(receipt.turn_id, None)
                    notes.asked.pop(person, None)

            async def watch() -> None:
                while not done:
                    began = time.perf_counter()
                    await asyncio.sleep(TICK)
                    late.append(time.perf_counter() - began - TICK)

            tasks = [asyncio.create_task(talk(who)) for who in range(TALKERS)] + [asyncio.create_task(watch())]
            file = folder / "domains/education.yaml"
            for number in range(count):
                text = file.read_text(encoding="utf-8")
                old, new = SIDES if number % 2 == 0 else SIDES[::-1]
                # Known before it serves: a turn may take it up at once.
                before = app.rules().policy.id
                file.write_text(text.replace(old, new, 1), encoding="utf-8")
                wanted[(await asyncio.to_thread(load, folder)).id] = WANTED[(number + 1) % 2]
                outcome = await live.reload("test")
                assert isinstance(outcome, Reloaded) or app.rules().policy.id != before
                if number in {count // 10, count // 2, count - 1}:
                    print(f"{number + 1} reloads, {turns} turns, {resident():.0f} MB", flush=True)
            done = True
            await asyncio.gather(*tasks)
    late.sort()
    print(
        f"{turns} turns by {len(seen)} policies, {mixed} mixed; the loop was late by at most {late[-1] * 1e3:.1f} ms,"
    )
    print(f"99 of 100 times by less than {late[int(0.99 * len(late))] * 1e3:.1f} ms")
    return mixed


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "policies"
        shutil.copytree(POLICIES, folder)
        return 1 if asyncio.run(reloads(count, folder)) else 0


if __name__ == "__main__":
    sys.exit(main())
