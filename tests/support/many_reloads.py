"""Reload a policy again and again while people talk.

``python -m tests.support.many_reloads 1000`` changes a gain each time; ``--exemplars`` an exemplar, so that routing is
fitted anew; ``--domains 200`` makes the policy that large; ``--talkers 0`` shows what reloading alone does to the loop.

Prints how many turns were decided by which policy, whether any record mixes two, the memory on the way, how long
reloading took, and by how much the event loop was late meanwhile and otherwise. Exit code 1 for a mixture.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does, before numpy comes

from bot.assembly.application import Application, application
from bot.assembly.stage import NotedAudit, Notes, StagePlatform
from bot.assembly.steady import settle_memory
from bot.assembly.stores import in_memory, opened
from bot.chat import Inbound, Said
from bot.clock import ManualClock
from bot.identity import DIRECT, Person
from bot.policy.loader import Cache, inspect
from bot.policy.registry import Reloaded
from bot.private import Private
from bot.settings import Settings
from bot.telemetry.logs import silent
from tests.support.large_policies import POLICIES, large

EXAM = "I failed my final exam and my parents don't know yet"
SIDES = ("gain: 1.0", "gain: 0.0")
WANTED = ("education_level", "emotional_state")
EXEMPLARS = "  exemplars:\n"
TICK = 0.005


class Pauses:
    """How long the collector held everybody up, in seconds of work."""

    def __init__(self) -> None:
        self.longest = self._began = 0.0

    def note(self, phase: str, about: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.thread_time()
        else:
            self.longest = max(self.longest, time.thread_time() - self._began)


@dataclass(slots=True)
class Seen:
    """What the talkers and the watch saw. Times in seconds."""

    reloading: bool = False
    done: bool = False
    turns: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    """By the policy on the record, and what was asked for."""
    late: dict[bool, list[float]] = field(default_factory=lambda: {True: [0.0], False: [0.0]})
    own: dict[bool, list[float]] = field(default_factory=lambda: {True: [0.0], False: [0.0]})
    """The part of being late in which this process itself worked: the rest is other processes'."""
    took: dict[bool, list[float]] = field(default_factory=lambda: {True: [0.0], False: [0.0]})
    reloads: list[float] = field(default_factory=list)
    mixed: int = 0
    residue: float = 0.0
    """MB that a turn alone leaves behind."""
    pauses: Pauses = field(default_factory=Pauses)


def resident() -> float:
    """MB of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


async def talk(who: int, app: Application, notes: Notes, seen: Seen, pace: float) -> None:
    number = 0
    while not seen.done:
        await asyncio.sleep(pace)
        number += 1
        person = Person("web", f"w{who}", f"u{number}")
        said = Inbound(f"e{who}.{number}", person, DIRECT, Said(Private(EXAM)), 1_767_225_600.0, "en")
        began, during = time.perf_counter(), seen.reloading
        receipt = await app.intake.accept(said)
        await app.intake.finished(receipt.turn_id)
        seen.took[during or seen.reloading].append(time.perf_counter() - began)
        decided = notes.decided.pop(receipt.turn_id)[0]
        seen.turns[decided.policy_id, decided.attribute] += 1
        await app.forget(person)
        notes.said.pop(receipt.turn_id, None)
        notes.asked.pop(person, None)


async def watch(seen: Seen) -> None:
    while not seen.done:
        began, worked, during = time.perf_counter(), time.process_time(), seen.reloading
        await asyncio.sleep(TICK)
        late = time.perf_counter() - began - TICK
        seen.late[during or seen.reloading].append(late)
        seen.own[during or seen.reloading].append(min(late, time.process_time() - worked))


async def alone(seconds: float, seen: Seen) -> float:
    """What a turn alone leaves behind, in MB: receipts of erasures, which in memory are kept as long as the process
    runs, and what a floor remembers of the latest 10,000 events."""
    await asyncio.sleep(seconds / 4)  # until what is kept of the first turns is there
    before, turns = resident(), sum(seen.turns.values())
    await asyncio.sleep(seconds)
    more = max(1, sum(seen.turns.values()) - turns)
    print(f"without reloading, {more} turns: {resident() - before:+.1f} MB", flush=True)
    return (resident() - before) / more


def edit(file: Path, number: int, *, exemplars: bool) -> None:
    """A change that makes another attribute the best to ask for, and if wanted the routing another one."""
    text = file.read_text(encoding="utf-8")
    old, new = SIDES if number % 2 == 0 else SIDES[::-1]
    text = text.replace(old, new, 1)
    if exemplars:
        line = "    - my thesis on moss {} is stuck and I cannot sleep\n"
        text = text.replace(EXEMPLARS + line.format(number - 1), EXEMPLARS)
        text = text.replace(EXEMPLARS, EXEMPLARS + line.format(number), 1)
    file.write_text(text, encoding="utf-8")


def coming(folder: Path, cache: Cache) -> str:
    """The id of the policy in the folder."""
    policy = inspect(folder, cache).policy
    assert policy is not None
    return policy.id


async def reloads(options: argparse.Namespace, folder: Path) -> Seen:
    notes, clock, seen, count = Notes(), ManualClock(), Seen(), options.count
    wanted: dict[str, str] = {}
    objects: Counter[str] = Counter()
    cache = Cache()
    settings = Settings(policies=folder, state=folder.parent / "state" if options.state else None)
    async with opened(settings, clock) if options.state else in_memory(clock) as kept:
        noted = replace(kept, audit=NotedAudit(kept.audit, notes))
        stage = [StagePlatform("web", notes)]
        async with application(settings, stage, clock=clock, telemetry=silent(), kept=noted) as app:
            assert app.live is not None
            settle_memory()
            gc.callbacks.append(seen.pauses.note)
            wanted[app.rules().policy.id] = WANTED[0]
            tasks = [asyncio.create_task(talk(who, app, notes, seen, options.pace)) for who in range(options.talkers)]
            tasks.append(asyncio.create_task(watch(seen)))
            if options.talkers:
                seen.residue = await alone(options.alone, seen)
            for number in range(count):
                await asyncio.sleep(options.pause)
                before = app.rules().policy.id
                edit(folder / "domains/education.yaml", number, exemplars=options.exemplars)
                if options.talkers:  # now, for the watch may have it served before the reload below is done
                    wanted[await asyncio.to_thread(coming, folder, cache)] = WANTED[(number + 1) % 2]
                seen.reloading, began = True, time.perf_counter()
                outcome = await app.live.reload("test")
                seen.reloading = False
                seen.reloads.append(time.perf_counter() - began)
                assert isinstance(outcome, Reloaded) or app.rules().policy.id != before
                if number + 1 in {1, count // 10, count // 4, count // 2, count * 3 // 4, count}:
                    turns, memory = sum(seen.turns.values()), resident()
                    print(
                        f"{number + 1} reloads, {turns} turns, {memory:.0f} MB, "
                        f"{memory - turns * seen.residue:.0f} MB without what turns leave",
                        flush=True,
                    )
                    if options.growth:
                        objects = grown(objects, options.growth)
            seen.done = True
            await asyncio.gather(*tasks)
    seen.mixed = sum(times for (policy, asked), times in seen.turns.items() if asked != wanted[policy])
    return seen


def grown(before: Counter[str], most: int) -> Counter[str]:
    """Prints what there is more of than ``before``, and how much of it only the collector could free."""
    gc.unfreeze()
    print(f"    {gc.collect()} objects were garbage in circles")
    now = Counter(type(each).__name__ for each in gc.get_objects())
    for name, more in (now - before).most_common(most):
        print(f"    {more} more of {name}")
    gc.freeze()
    return now


def spread(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    middle, high = (ordered[int(share * len(ordered))] for share in (0.5, 0.99))
    return f"{middle * 1e3:.1f} ms, 99 of 100 less than {high * 1e3:.1f} ms, at most {ordered[-1] * 1e3:.1f} ms"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.support.many_reloads")
    parser.add_argument("count", type=int, nargs="?", default=1_000)
    parser.add_argument("--domains", type=int, default=0, help="0: the shipped ones")
    parser.add_argument("--exemplars", action="store_true", help="change an exemplar each time, too")
    parser.add_argument("--state", action="store_true", help="keep people and policies in SQLite, not in memory")
    parser.add_argument("--talkers", type=int, default=3)
    parser.add_argument("--alone", type=float, default=20.0, help="seconds of talk before the first reload")
    parser.add_argument("--pace", type=float, default=0.02, help="seconds each talker waits before a turn")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds before each reload")
    parser.add_argument("--growth", type=int, default=0, metavar="KINDS", help="say which objects there are more of")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "policies"
        if options.domains:
            large(folder, options.domains)
        else:
            shutil.copytree(POLICIES, folder)
        seen = asyncio.run(reloads(options, folder))
    policies = {policy for policy, _ in seen.turns}
    print(f"{sum(seen.turns.values())} turns by {len(policies)} policies, {seen.mixed} mixed")
    print(f"a reload took {spread(seen.reloads)}")
    print(f"the collector paused everybody for at most {seen.pauses.longest * 1e3:.1f} ms")
    for during, when in ((True, "while reloading"), (False, "otherwise")):
        print(f"{when} the loop was late by {spread(seen.late[during])}")
        print(f"    by this process's own work {spread(seen.own[during])}; a turn took {spread(seen.took[during])}")
    return 1 if seen.mixed else 0


if __name__ == "__main__":
    sys.exit(main())
