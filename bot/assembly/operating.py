"""The operators' console, wired: the policy folder, what serves, the policies that did, and decisions on record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from bot.assembly.decisions import kept
from bot.assembly.explaining import explain_message
from bot.assembly.live import Live
from bot.assembly.rulebook import Rulebook
from bot.assembly.stores import Stores
from bot.assembly.versions import Versions, compared, restored_beside
from bot.clock import Clock, Seconds
from bot.conversation.rules import Rules
from bot.errors import InputError, PolicyError
from bot.identity import DIRECT, Person, Place, Space
from bot.policy.diagnostics import Diagnostic
from bot.policy.differences import differences
from bot.policy.folder import INDEX
from bot.policy.loader import Cache
from bot.policy.reading import decode, read
from bot.policy.registry import Outcome, Refused
from bot.policy.schema import Policy
from bot.policy.snapshots import Served, Snapshots, names_of, put_back
from bot.policy.trial_files import inspect_all
from bot.private import Private
from bot.review.operating import (
    LONGEST_TRIAL,
    SERVING,
    Candidate,
    Costs,
    Finding,
    Source,
    Spent,
    Standing,
    Tallies,
    Tally,
    Tried,
    Version,
)
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry

_HISTORY: Final = 50
_SOMEBODY: Final = "somebody"


@dataclass(slots=True)
class OperatorsConsole:
    """Implements :class:`bot.review.operating.Console`. ``live`` serves in this process, or, in a process that only has
    the pages, follows the folder as the bot's own does."""

    live: Live
    folder: Path
    rules: Callable[[], Rules]
    snapshots: Snapshots
    tallies: Tallies
    costs: Costs
    clock: Clock
    _cache: Cache = field(default_factory=Cache)
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _versions: Versions = field(init=False)

    def __post_init__(self) -> None:
        self._versions = Versions(self.live, self.snapshots)

    async def standing(self) -> Standing:
        async with self._looking:
            inspected = await asyncio.to_thread(inspect_all, self.folder, self._cache)
        serving, latest = self.rules().policy, self.live.latest
        policy = serving if inspected.policy is None else inspected.policy
        return Standing(
            serving=serving.id,
            title=serving.index.title,
            in_folder=None if inspected.policy is None else inspected.policy.id,
            diagnostics=inspected.diagnostics,
            refused=latest.diagnostics if isinstance(latest, Refused) else (),
            trial=_trial(serving),
            files=tuple(dict.fromkeys((*names_of(policy), *policy.index.tests))),
            history=await self.snapshots.history(_HISTORY),
        )

    async def source(self, name: str) -> Source | None:
        standing = await self.standing()
        if name not in standing.files:
            return None
        return await asyncio.to_thread(_source, self.folder, name, standing.diagnostics)

    async def reload(self, by: str) -> Outcome:
        return await self.live.reload(f"desk:{by}")

    async def roll_back(self, policy_id: str, by: str) -> Outcome:
        files = await self._kept(policy_id)
        policy = await asyncio.to_thread(put_back, self.folder, policy_id, files)
        await self.snapshots.note(Served(policy.id, self.clock.now(), f"rollback by {by}"), files)
        return await self.live.reload(f"desk:{by}")

    async def changes(self, policy_id: str) -> tuple[str, ...]:
        earlier = await asyncio.to_thread(restored_beside, policy_id, await self._kept(policy_id))
        return await asyncio.to_thread(differences, self.rules().policy, earlier)

    async def versions(self) -> tuple[Version, ...]:
        return await self._versions.offered()

    async def tried(
        self, text: Private[str], workspace: str, channel: str, locale: str, version: str = SERVING
    ) -> Tried:
        said = text.reveal().strip()
        if not said or len(said) > LONGEST_TRIAL:
            raise InputError(f"expected a message of 1 to {LONGEST_TRIAL} characters, got {len(said)}")
        platform, _, name = workspace.partition(":")
        if not (platform and name) or len(workspace) > 200 or len(channel) > 200:
            raise InputError("expected a workspace written platform:name, such as slack:T1")
        space = Space(Place.CHANNEL, channel) if channel else DIRECT
        person = Person(platform, name, _SOMEBODY)
        rules = await self._versions.rules(version)
        tried = await asyncio.to_thread(_tried, rules, said, person, space, locale)
        if version == SERVING:
            return tried
        serving = await self._versions.rules(SERVING)
        usual = await asyncio.to_thread(_tried, serving, said, person, space, locale)
        beside = await asyncio.to_thread(compared, usual, tried, (serving.policy, rules.policy))
        return replace(tried, beside=beside)

    async def tally(self, since: Seconds, workspaces: Set[str] | None) -> tuple[Tally, ...]:
        return await self.tallies.tally(since, workspaces)

    async def spent(self, since: Seconds) -> tuple[Spent, ...]:
        return await self.costs.since(since)

    async def _kept(self, policy_id: str) -> Mapping[str, str]:
        files = await self.snapshots.files(policy_id)
        if files is None:
            raise InputError(f"expected the id of a policy that served here, got {policy_id[:40]!r}")
        return files


def console(live: Live | None, opened: Stores, clock: Clock) -> OperatorsConsole | None:
    """The console of this process; None where one policy serves for good, or nothing is kept."""
    if live is None or opened.snapshots is None or opened.tallies is None or opened.costs is None:
        return None
    return OperatorsConsole(live, live.folder, live.rules, opened.snapshots, opened.tallies, opened.costs, clock)


@asynccontextmanager
async def following(settings: Settings, clock: Clock, telemetry: Telemetry) -> AsyncIterator[OperatorsConsole | None]:
    """The console of a process that only has the pages: it follows the folder as the bot's own process does beside it.
    None where the folder has errors at the start, which is told of: moderators' pages do without."""
    try:
        book = await asyncio.to_thread(Rulebook.reloading, settings, model_reads=False)
        await asyncio.to_thread(book.current)
    except PolicyError as problem:
        telemetry.emit(Event.POLICY_REFUSED, kind="start", problem=str(problem).partition("\n")[0])
        yield None
        return
    live = Live.of(book, telemetry, clock, lambda policy: None)
    if live is None:
        raise AssertionError("a book that reloads has a registry")
    watching = asyncio.create_task(live.watch(), name="operators' policy")
    try:
        async with kept(settings) as store:
            yield OperatorsConsole(live, live.folder, live.rules, store.snapshots, store.tallies, store.costs, clock)
    finally:
        watching.cancel()
        await asyncio.wait([watching])


def _trial(policy: Policy) -> str | None:
    if policy.next is None or policy.index.next is None:
        return None
    return f"{policy.next.id} ({policy.index.next.folder}), for {policy.index.next.share} of the people"


def _source(folder: Path, name: str, diagnostics: tuple[Diagnostic, ...]) -> Source:
    own = tuple(each for each in diagnostics if each.file == name)
    content = read(folder, name, (INDEX, 1, 1))
    if isinstance(content, Diagnostic):
        return Source(name, (), own or (content,))
    text = decode(content, name)
    shown = content.decode("utf-8", "replace") if isinstance(text, Diagnostic) else text
    return Source(name, tuple(shown.splitlines()), own)


def _tried(rules: Rules, text: str, person: Person, space: Space, locale: str) -> Tried:
    told = explain_message(rules, text, person, space, locale)
    decided = told.decided
    return Tried(
        policy=decided.policy_id,
        kind=decided.kind,
        attribute=decided.attribute,
        because=decided.because,
        severity=decided.severity.value,
        category=None if decided.category is None else decided.category.value,
        rule=decided.rule,
        domain=decided.domain,
        domain_score=decided.domain_score,
        margin=told.margin,
        runner_up=told.runner_up,
        place="channel" if space != DIRECT else "dm",
        candidates=tuple(
            Candidate(each.attribute, each.expected_gain, each.chance, each.price, each.net) for each in told.candidates
        ),
        found=tuple(Finding(each.category, each.rule, each.severity, each.score) for each in told.found),
        changes=tuple(each.sentence for each in told.changes),
    )
