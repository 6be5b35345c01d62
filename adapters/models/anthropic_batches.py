"""Anthropic's Message Batches (https://platform.claude.com/docs/en/build-with-claude/batch-processing)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import TYPE_CHECKING, Final, cast

from anthropic import AsyncAnthropic, NotFoundError
from anthropic.types import Message
from anthropic.types.message_create_params import MessageCreateParamsBase, MessageCreateParamsNonStreaming
from anthropic.types.messages import MessageBatchIndividualResponse
from anthropic.types.messages.batch_create_params import Request

from adapters.models.batches import TIMEOUT, listed_since, no_batches
from adapters.models.remote import Failure
from bot.clock import Seconds
from bot.errors import ProviderError, ProviderTimeout, ProviderUnavailable
from bot.llm.batches import BatchItem, BatchLimits, BatchProgress
from bot.llm.provider import Reply

if TYPE_CHECKING:
    from adapters.models.remote import Remote

LIMITS: Final = BatchLimits(100_000, 120_000_000)
"""Of 100,000 requests and 256 MB, about half of which is room for quoting."""
_STATUS: Final = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "rate_limit_error": 429,
    "timeout_error": 504,
    "overloaded_error": 529,
}


class AnthropicBatches:
    """Implements :class:`~bot.llm.batches.BatchProvider`. ``body`` makes a request, ``read`` reads its message."""

    limits = LIMITS

    def __init__(
        self,
        remote: Remote,
        client: AsyncAnthropic,
        body: Callable[[BatchItem], MessageCreateParamsBase],
        read: Callable[[Message], Reply],
    ) -> None:
        self._remote, self._body, self._read = remote, body, read
        self._batches = client.with_options(timeout=TIMEOUT).messages.batches

    async def submit(self, tag: str, items: Sequence[BatchItem]) -> str:
        """See the port. Anthropic keeps no tag."""
        requests = [
            Request(custom_id=item.id, params=cast(MessageCreateParamsNonStreaming, self._body(item))) for item in items
        ]
        with self._remote.explained(self._remote.name):
            try:
                return (await self._batches.create(requests=requests)).id
            except NotFoundError:
                raise no_batches(self._remote.host) from None

    async def find(self, tag: str, since: Seconds, size: int, known: Collection[str]) -> str | None:
        """See the port: by size and time."""
        with self._remote.explained(self._remote.name):
            async for batch in self._batches.list(limit=100):  # the newest first
                if not listed_since(batch.created_at.timestamp(), since):
                    return None
                counts = batch.request_counts
                every = counts.processing + counts.succeeded + counts.errored + counts.expired + counts.canceled
                if every == size and batch.id not in known:
                    return batch.id
        return None

    async def poll(self, batch: str) -> BatchProgress:
        """See the port. Anthropic counts what is done only when all is."""
        with self._remote.explained(self._remote.name):
            try:
                found = await self._batches.retrieve(batch)
            except NotFoundError:
                return BatchProgress(ended=True, done=0, items=0)
        counts = found.request_counts
        done = counts.succeeded + counts.errored + counts.expired + counts.canceled
        return BatchProgress(found.processing_status == "ended", done, done + counts.processing)

    async def results(self, batch: str) -> AsyncIterator[tuple[str, Reply | ProviderError]]:
        """See the port."""
        with self._remote.explained(self._remote.name):
            try:
                found = await self._batches.retrieve(batch)
                lines = await self._batches.results(batch) if found.results_url else None
            except NotFoundError:
                return
        while lines is not None:
            with self._remote.explained(self._remote.name):
                line = await anext(lines, None)
            if line is None:
                return
            yield line.custom_id, self._outcome(line)

    def _outcome(self, line: MessageBatchIndividualResponse) -> Reply | ProviderError:
        result, name = line.result, self._remote.name
        match result.type:
            case "succeeded":
                try:
                    with self._remote.explained(name):
                        return self._read(result.message)
                except ProviderError as problem:
                    return problem
            case "errored":
                kind = result.error.error.type
                failure = Failure(_STATUS.get(kind, 500), kind, result.error.request_id or "")
                return self._remote.refusal(failure, name)
            case "expired":
                return ProviderTimeout("a batch came to the end of its day before this request was answered")
            case _:
                return ProviderUnavailable("a batch was cancelled before this request was answered")
