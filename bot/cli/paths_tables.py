"""Planned queries for the eye: tables of ``raise-bot paths``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bot.raise_core.paths.index import PlannedQuery
from bot.raise_core.paths.lessons import Gains
from bot.raise_core.paths.moving import Figures


def listed(found: Sequence[PlannedQuery]) -> Table:
    table = Table(
        "id", "domain", "sets", "best path", "query", title=told(len(found), "planned query", "planned queries")
    )
    for each in found:
        evidence = each.evidence
        path = Text(" > ".join(evidence.path) or "-")
        table.add_row(Text(each.id[:12]), evidence.domain, str(len(evidence.judged)), path, Text(evidence.query))
    return table


def shown(planned: PlannedQuery, gains: Gains) -> Iterator[RenderableType]:
    evidence = planned.evidence
    yield Text(evidence.query, style="bold")
    at = datetime.fromtimestamp(planned.planned_at, UTC).strftime("%Y-%m-%d %H:%M UTC") if planned.planned_at else "-"
    yield Text(f"{planned.id} · {evidence.domain} · planned {at} · {planned.embedder} · run {planned.manifest or '-'}")
    profile = ", ".join(f"{name}: {value}" for name, value in evidence.profile.items())
    yield Text(f"profile  {profile or '-'}")
    along = dict(gains.along)
    # A path may hold what was expected to be worth asking and was never judged.
    told_of = (f"{along[name]:+.2f}" if name in along else "not judged" for name in evidence.path)
    steps = " > ".join(f"{name} ({gain})" for name, gain in zip(evidence.path, told_of, strict=True))
    yield Text(f"path     {steps or '-'}")
    judged = Table("known", "score", "judgements", title="Judged sets", title_justify="left")
    for each in sorted(evidence.judged, key=lambda each: (len(each.attributes), -each.score, sorted(each.attributes))):
        judged.add_row(Text(", ".join(sorted(each.attributes)) or "nothing"), f"{each.score:.2f}", str(each.count))
    yield judged
    alone = Table("attribute", "gain alone", title="Marginal gains, in points", title_justify="left")
    for name, gain in gains.alone.items():
        alone.add_row(Text(name), f"{gain:+.2f}")
    yield alone


def tabled(domains: Mapping[str, Figures]) -> Table:
    table = Table("domain", "queries", "with a path", "sets", "judgements")
    for name, each in domains.items():
        table.add_row(name, str(each.queries), str(each.paths), str(each.sets), str(each.judgements))
    total = [
        sum(numbers)
        for numbers in zip(
            *((each.queries, each.paths, each.sets, each.judgements) for each in domains.values()), strict=True
        )
    ] or [0, 0, 0, 0]
    table.add_section()
    table.add_row("all", *(str(each) for each in total))
    return table


def told(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
