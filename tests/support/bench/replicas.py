"""One replica and two, on one PostgreSQL and one Redis, behind one door.

Two replicas, the databases and the load need more than two cores to show what they can. Where there are too few, three
things are still seen. By the clock: how many turns there are when the kernel holds each replica to the same small share
of a core, as a container with a CPU limit is, so that PostgreSQL, Redis and the load have what is left; and how many
when not the cores are the limit but the model is, with each replica working on a fixed number of turns at once. By CPU:
what a turn costs the replicas and PostgreSQL with one and with two of them (if the second made turns dearer, it would
show there).
"""

from __future__ import annotations

import os
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.support.bench import shares
from tests.support.bench.figures import Figure, Found, Scale, quantile
from tests.support.bench.inside import Deployment, deployed
from tests.support.bench.model import model_server
from tests.support.bench.outside import street
from tests.support.processes import processor_of_family, resident
from tests.support.slack.process import RUN

TIMES = 1.7
ENOUGH_CORES = 4
"""One for each replica, one for the databases, one for the load."""
AT_ONCE = 10
SHARE = 0.4
"""Of a core, for each replica."""
SLOW_MODEL = 2.0
"""Ten turns at once with a model of two seconds: five turns a second at most, which is far from what a core can."""


@dataclass(frozen=True, slots=True)
class _Load:
    """Turns a second; CPU milliseconds of a turn, in all replicas and in PostgreSQL; cores that the replicas used;
    megabytes of the largest replica; messages that were not acknowledged at once; seconds of each turn."""

    turns: float
    cpu: float
    database: float
    used: float
    memory: float
    sent_again: int
    whole: list[float]


async def measure(scale: Scale) -> Found:
    people, slow = scale.of(250, 10), scale.of(60, 10)
    limited = scale.of(100, 10) if shares.possible() else 0
    alone, together = [await _load({}, RUN, people, count) for count in (1, 2)]
    in_shares = [await _load({}, RUN, limited * count, count, SHARE) for count in (1, 2) if limited]
    with model_server(SLOW_MODEL) as environment:
        settings = {**environment, "RAISE_PROVIDER": "openai"}
        narrow = ("-m", "tests.support.bench.replica", str(AT_ONCE))
        one, two = [await _load(settings, narrow, slow * count, count) for count in (1, 2)]
    cores = len(os.sched_getaffinity(0))
    enough = cores >= ENOUGH_CORES
    times, cost = together.turns / alone.turns, (together.cpu + together.database) / (alone.cpu + alone.database)
    short = "" if enough else f"; {cores} cores for two replicas, databases and load: too few to show it"
    bound = f"model of {SLOW_MODEL:g} s, {AT_ONCE} turns at once in each replica"
    return Found(
        (
            Figure("one replica, turns", alone.turns, "a second", note=f"{people} people, no model"),
            Figure("two replicas, turns", together.turns, "a second", note=f"{people} people, no model"),
            Figure("two against one", times, "times", least=TIMES if enough else None, note=f"no model{short}"),
            Figure("one replica, CPU of a turn", alone.cpu, "ms", note="in the replica"),
            Figure("two replicas, CPU of a turn", together.cpu, "ms", note="in both"),
            Figure("one replica, memory", alone.memory, "MB"),
            Figure("one replica, CPU of PostgreSQL for a turn", alone.database, "ms"),
            Figure("two replicas, CPU of PostgreSQL for a turn", together.database, "ms"),
            Figure("two against one by CPU", 2 / cost, "times", least=TIMES, note="had each a core of its own"),
            *_in_shares(*in_shares),
            Figure("one replica that waits, turns", one.turns, "a second", note=bound),
            Figure("two replicas that wait, turns", two.turns, "a second", note=bound),
            Figure("two against one that wait", two.turns / one.turns, "times", least=TIMES, note=bound),
            Figure("two replicas that wait, a turn p95", 1000 * quantile(two.whole, 0.95), "ms"),
            Figure("sent again", sum(each.sent_again for each in (alone, together, one, two)), "messages"),
        )
    )


def _in_shares(alone: _Load | None = None, together: _Load | None = None) -> tuple[Figure, ...]:
    """Nothing where this process may not hold others to a share."""
    if alone is None or together is None:
        return ()
    bound = f"each replica held to {SHARE:g} of a core, the rest for databases and load; no model"
    return (
        Figure("one replica with a share of a core, turns", alone.turns, "a second", note=bound),
        Figure("two replicas with a share each, turns", together.turns, "a second", note=bound),
        Figure("two against one with a share each", together.turns / alone.turns, "times", least=TIMES, note=bound),
        Figure("two replicas with a share each, CPU used", 100 * together.used, "%", note="of one core, by both"),
    )


async def _load(
    settings: dict[str, str], command: tuple[str, ...], people: int, count: int, share: float | None = None
) -> _Load:
    """``share`` of a core for each replica; None: all that is free."""
    with deployed("postgres") as place, tempfile.TemporaryDirectory() as folder:
        assert place.database is not None
        where = {**settings, **_variables(place), "RAISE_STATE": ""}
        async with street(Path(folder), where, count, command) as here:
            before, database = here.spent(), processor_of_family(place.database)
            with nullcontext() if share is None else shares.held([bot.pid for bot in here.bots], share):
                seconds, asked = await here.together(people, 4 * AT_ONCE * count)
            cpu, theirs = here.spent() - before, processor_of_family(place.database) - database
            memory = max(resident(bot.pid) for bot in here.bots)
    whole = [each.ended - each.at for each in asked]
    each = 1000 / people
    return _Load(people / seconds, each * cpu, each * theirs, cpu / seconds, memory, here.sent_again, whole)


def _variables(place: Deployment) -> dict[str, str]:
    return {
        "RAISE_DATABASE_URL": place.settings.database_url,
        "RAISE_REDIS_URL": place.settings.redis_url,
        "RAISE_KEY": place.settings.key,
    }
