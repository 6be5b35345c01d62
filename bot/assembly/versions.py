"""The versions of the policy that a message can be tried on, and what they do otherwise than the one that serves."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.assembly.exemplars import all_live
from bot.assembly.live import Live
from bot.conversation.rules import Rules
from bot.errors import InputError
from bot.policy.differences import differences
from bot.policy.loader import Cache, inspect
from bot.policy.schema import Policy, RuleStatus
from bot.policy.snapshots import Snapshots, restored
from bot.review.operating import SERVING, Beside, Tried, Unlike, Version

NEXT: Final = "next"
SHADOW: Final = "shadow"
FOLDER: Final = "folder"
_EARLIER: Final = 20
"""Policies that served before, offered at most."""
_HISTORY: Final = 200
_CHANGES: Final = 50


@dataclass(slots=True)
class Versions:
    """Of one process. The rules compiled last are kept, for the next message that is tried on them."""

    live: Live
    snapshots: Snapshots
    _cache: Cache = field(default_factory=Cache)
    _compiled: tuple[str, Rules] | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def offered(self) -> tuple[Version, ...]:
        """The one that serves first."""
        serving = self.live.rules().policy
        found = [Version(SERVING, "the one that serves")]
        if serving.next is not None and serving.index.next is not None:
            found.append(Version(NEXT, f"the new one, for {serving.index.next.share} of the people"))
        if _has_shadows(serving):
            found.append(Version(SHADOW, "the one that serves, as if its rules on trial decided, too"))
        waiting = await self._in_folder()
        if waiting is not None and waiting.id != serving.id:
            found.append(Version(FOLDER, f"what is in the folder ({waiting.id})"))
        history = await self.snapshots.history(_HISTORY)
        earlier = {each.policy_id: each for each in reversed(history) if each.policy_id != serving.id}
        for each in sorted(earlier.values(), key=lambda served: -served.at)[:_EARLIER]:
            day = datetime.fromtimestamp(each.at, UTC).strftime("%Y-%m-%d %H:%M")
            found.append(Version(each.policy_id, f"{each.policy_id}, which served from {day} UTC"))
        return tuple(found)

    async def rules(self, version: str) -> Rules:
        """Those of a version. Raises InputError for one that is not there, PolicyError where its files are not
        whole."""
        serving = self.live.rules()
        if version == SERVING:
            return serving.alone()
        if version == NEXT:
            if serving.trial is None:
                raise InputError("the policy that serves has no new version (any more)")
            return serving.trial.rules
        async with self._one_at_a_time:
            policy = await self._policy(version, serving.policy)
            key = f"{version} {policy.id}"
            if self._compiled is None or self._compiled[0] != key:
                self._compiled = None  # the one before goes first: two beside the one that serves are enough
                self._compiled = key, (await self.live.beside(policy)).alone()
            return self._compiled[1]

    async def _policy(self, version: str, serving: Policy) -> Policy:
        if version == SHADOW:
            return all_live(serving)
        if version == FOLDER:
            waiting = await self._in_folder()
            if waiting is None:
                raise InputError("what is in the folder has mistakes: mend them first")
            return waiting
        files = await self.snapshots.files(version)
        if files is None:
            raise InputError(f"expected the id of a policy that served here, got {version[:40]!r}")
        return await asyncio.to_thread(restored_beside, version, files)

    async def _in_folder(self) -> Policy | None:
        return (await asyncio.to_thread(inspect, self.live.folder, self._cache)).policy


def restored_beside(policy_id: str, files: Mapping[str, str]) -> Policy:
    """A kept policy, loaded from a folder of its own for as long as that takes. Raises PolicyError."""
    with tempfile.TemporaryDirectory(prefix="policy-") as temporary:
        return restored(Path(temporary), policy_id, files)


def compared(serving: Tried, other: Tried, policies: tuple[Policy, Policy]) -> Beside:
    """What the other version would do otherwise, and what it says otherwise. ``policies`` in the same order."""
    alone = [policy.model_copy(update={"next": None}) for policy in policies]
    return Beside(tuple(_unlike(serving, other)), differences(*alone)[:_CHANGES])


def _unlike(serving: Tried, other: Tried) -> Iterator[Unlike]:
    named = {
        "What would happen": "kind",
        "Asked for": "attribute",
        "Domain": "domain",
        "Danger": "severity",
        "Category": "category",
        "Rule": "rule",
    }
    for label, name in named.items():
        before, after = getattr(serving, name), getattr(other, name)
        if before != after:
            yield Unlike(label, before or "none", after or "none")
    yield from _worth(serving, other)


def _worth(serving: Tried, other: Tried) -> Iterator[Unlike]:
    """Of the attributes whose net worth is another one; both lists are short."""
    before, after = ({each.attribute: f"{each.net:+.2f}" for each in tried.candidates} for tried in (serving, other))
    for attribute in dict.fromkeys((*after, *before)):
        one, two = before.get(attribute, "none"), after.get(attribute, "none")
        if one != two:
            yield Unlike(f"Net worth of asking for {attribute}", one, two)


def _has_shadows(policy: Policy) -> bool:
    return any(rule.status is RuleStatus.SHADOW for risk in policy.risk.values() for rule in risk.rules)
