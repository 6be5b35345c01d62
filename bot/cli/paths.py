"""``raise-bot paths``: planned queries, their evidence, and files of them."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Final

from rich.console import Console
from rich.progress import Progress

from bot.assembly.models import embedder
from bot.assembly.planned import planned_queries
from bot.cli.paths_tables import listed, shown, tabled, told
from bot.errors import InputError
from bot.policy.folder import find_folder
from bot.policy.loader import load as load_policy
from bot.raise_core.paths.index import EvidenceStore, PlannedQuery
from bot.raise_core.paths.lessons import marginal_gains
from bot.raise_core.paths.moving import everything, figures, reembed, take_in, to_line
from bot.raise_core.paths.picture import svg
from bot.raise_core.paths.rows import to_json
from bot.settings import Settings, load

ACTIONS: Final = {
    "list": "list planned queries",
    "show": "show one planned query: evidence of each set, best path, marginal gains",
    "stats": "count planned queries, judged sets and judgements by domain",
    "export": "write planned queries as JSON lines",
    "import": "take in JSON lines; bad rows are told and passed over, duplicates merged",
    "reembed": "embed anew what another embedding model embedded; goes on where it was interrupted",
}
_SHOWN: Final = 50


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")
    for name, line in ACTIONS.items():
        action = actions.add_parser(name, help=line, description=f"{line[0].upper()}{line[1:]}.")
        action.add_argument("--state", type=Path, metavar="DIR", help="the bot's folder (else RAISE_STATE)")
        action.add_argument("--json", action="store_true", help="JSON instead of text")
        if name in ("list", "export"):
            action.add_argument("--domain", metavar="NAME", help="only of this domain")
        if name == "list":
            action.add_argument("--limit", type=int, default=_SHOWN, metavar="N", help=f"at most so many ({_SHOWN})")
        if name == "show":
            action.add_argument("id", help="the id, or how it begins")
            action.add_argument("--svg", type=Path, metavar="FILE", help="also draw the lattice into this file")
        if name == "export":
            action.add_argument("file", nargs="?", type=Path, help="the file to write (else standard output)")
        if name == "import":
            action.add_argument("file", help="the file to read, - for standard input")
            action.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")


def run(args: argparse.Namespace) -> int:
    settings = load(state=args.state, policies=getattr(args, "policies", None))
    return asyncio.run(_act(settings, args))


async def _act(settings: Settings, args: argparse.Namespace) -> int:
    async with planned_queries(settings) as store:
        match args.action:
            case "list":
                return await _list(store, args)
            case "show":
                return await _show(store, args)
            case "stats":
                return await _stats(store, settings, as_json=args.json)
            case "export":
                return await _export(store, args)
            case "import":
                return await _import(store, settings, args)
            case _:
                return await _reembed(store, settings, as_json=args.json)


async def _list(store: EvidenceStore, args: argparse.Namespace) -> int:
    found: list[PlannedQuery] = []
    more = False
    async for planned in everything(store, args.domain):
        if len(found) >= max(args.limit, 0):
            more = True
            break
        found.append(planned)
    if args.json:
        _print([_line(each) for each in found])
        return 0
    Console().print(listed(found))
    if more:
        print(f"There are more: --limit shows more than {len(found)}.")
    return 0


async def _show(store: EvidenceStore, args: argparse.Namespace) -> int:
    planned = await _found(store, args.id)
    gains = marginal_gains(planned.evidence)
    if args.json:
        along = [{"attribute": name, "gain": round(gain, 4)} for name, gain in gains.along]
        alone = {name: round(gain, 4) for name, gain in gains.alone.items()}
        _print({**to_json(planned), "gains": {"alone": alone, "along": along}})
    else:
        console = Console()
        for part in shown(planned, gains):
            console.print(part)
    if args.svg is not None:
        with _writing(args.svg) as file:
            file.write(svg(planned.evidence))
        print(f"drew {args.svg}", file=sys.stderr)
    return 0


async def _found(store: EvidenceStore, start: str) -> PlannedQuery:
    exact = (await store.get([start])).get(start)
    if exact is not None:
        return exact
    some = [each async for each in everything(store) if each.id.startswith(start)] if start else []
    if len(some) != 1:
        raise InputError(
            f"expected the id of one planned query, or how it begins; {start!r} fits {len(some) or 'none'}: "
            "raise-bot paths list shows them"
        )
    return some[0]


async def _stats(store: EvidenceStore, settings: Settings, *, as_json: bool) -> int:
    domains, counts, own = await figures(store), await store.counts(), embedder(settings).name
    if as_json:
        _print({"domains": {name: asdict(each) for name, each in domains.items()}, "embedders": dict(counts)})
    else:
        Console().print(tabled(domains))
    others = sum(count for name, count in counts.items() if name != own)
    if others:
        print(f"{others} were embedded by another model than {own}: raise-bot paths reembed", file=sys.stderr)
    return 0


async def _export(store: EvidenceStore, args: argparse.Namespace) -> int:
    count = 0
    with contextlib.nullcontext(sys.stdout) if args.file is None else _writing(args.file) as file:
        async for planned in everything(store, args.domain):
            file.write(f"{to_line(planned)}\n")
            count += 1
    print(f"wrote {told(count, 'planned query', 'planned queries')}", file=sys.stderr)
    return 0


async def _import(store: EvidenceStore, settings: Settings, args: argparse.Namespace) -> int:
    policy = load_policy(find_folder(settings.policies))
    attributes, domains = set(policy.defaults.attributes), set(policy.domains)
    with _reading(args.file) as lines:
        taken = await take_in(store, lines, embedder(settings), attributes=attributes, domains=domains)
    if args.json:
        bad = [{"line": line, "problem": problem} for line, problem in taken.bad]
        _print({"added": taken.added, "merged": taken.merged, "unchanged": taken.unchanged, "bad": bad})
    else:
        for line, problem in taken.bad:
            print(f"{args.file}:{line}: {problem}", file=sys.stderr)
        print(f"{taken.added} added, {taken.merged} merged, {taken.unchanged} unchanged, {len(taken.bad)} bad")
    return 1 if taken.bad else 0


async def _reembed(store: EvidenceStore, settings: Settings, *, as_json: bool) -> int:
    own, counts = embedder(settings), await store.counts()
    total = sum(count for name, count in counts.items() if name != own.name)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("embedding anew", total=total)
        done = await reembed(store, own, lambda count: bar.update(task, completed=count))
    if as_json:
        _print({"embedder": own.name, "reembedded": done})
    else:
        print(f"embedded {told(done, 'planned query', 'planned queries')} anew with {own.name}")
    return 0


def _line(planned: PlannedQuery) -> Mapping[str, object]:
    evidence = planned.evidence
    return {
        "id": planned.id,
        "query": evidence.query,
        "domain": evidence.domain,
        "path": list(evidence.path),
        "sets": len(evidence.judged),
        "judgements": sum(each.count for each in evidence.judged),
        "planned_at": planned.planned_at,
    }


def _print(answer: object) -> None:
    print(json.dumps(answer, ensure_ascii=False))


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[IO[str]]:
    try:
        with path.open("w", encoding="utf-8") as file:
            yield file
    except OSError as problem:
        raise InputError(f"{path}: cannot be written: {problem.strerror}") from None


@contextlib.contextmanager
def _reading(name: str) -> Iterator[IO[bytes]]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as file:
            yield file
    except OSError as problem:
        raise InputError(f"{name}: cannot be read: {problem.strerror}") from None
