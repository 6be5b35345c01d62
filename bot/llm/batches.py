"""The port to batches: many requests handed in together and answered within a day, for half the price.

For jobs that nobody waits for. A provider of batches names every request by an id of ours, and its results come in any
order, each a reply or the error of that one request.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.clock import Seconds
from bot.errors import ProviderError, ProviderRejected
from bot.llm.provider import Prompt, Reply
from bot.llm.structured import Schema


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One request. ``id``: up to 64 letters, digits, ``-`` and ``_``, once in a batch. ``schema`` as for ``Ask``."""

    id: str
    prompt: Prompt
    schema: Schema | None


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How many requests, and how many bytes of text in them, one batch takes."""

    items: int
    size: int


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """``done`` of ``items`` requests have an answer or an error; some providers tell only when all have."""

    ended: bool
    done: int
    items: int


class BatchRefused(ProviderRejected):
    """The provider took the batch and refuses it now, as a whole: nothing of it was answered."""


class BatchProvider(Protocol):
    """The batches of one model's provider. Every method raises only errors of the ProviderError tree."""

    @property
    def limits(self) -> BatchLimits: ...

    async def submit(self, tag: str, items: Sequence[BatchItem]) -> str:
        """Hand in a batch; returns the provider's id for it. A ProviderTimeout leaves open whether it was taken:
        ``find`` tells."""
        ...

    async def find(self, tag: str, since: Seconds, size: int, known: Collection[str]) -> str | None:
        """The id of a batch of ``size`` requests that was handed in after ``since`` (seconds since 1970) under
        ``tag``, and is none of ``known``; None where there is none. Where a provider keeps no tags, size and time have
        to do: whoever takes it goes by the ids of its results."""
        ...

    async def poll(self, batch: str) -> BatchProgress:
        """How far it is. A batch that the provider no longer knows has ended, and has no results. Raises BatchRefused
        too."""
        ...

    def results(self, batch: str) -> AsyncIterator[tuple[str, Reply | ProviderError]]:
        """Item id and what became of it, in any order, of a batch that has ended. What a reply cost is at the price of
        batches."""
        ...
