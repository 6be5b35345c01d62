"""OpenAI's batches: a file of requests in, files of results out (https://platform.openai.com/docs/guides/batch)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from openai import AsyncOpenAI, NotFoundError
from openai.types import Batch
from openai.types.chat.completion_create_params import CompletionCreateParamsBase

from adapters.models.batches import TIMEOUT, listed_since, no_batches
from adapters.models.remote import Failure
from bot.clock import Seconds
from bot.errors import ProviderError, ProviderTimeout, ProviderUnavailable
from bot.llm.batches import BatchItem, BatchLimits, BatchProgress, BatchRefused
from bot.llm.provider import Reply

if TYPE_CHECKING:
    from adapters.models.remote import Remote

LIMITS: Final = BatchLimits(50_000, 90_000_000)
"""Of 50,000 requests and 200 MB, about half of which is room for quoting."""
_ENDPOINT: Final = "/v1/chat/completions"
_TAG: Final = "raise_bot"
_ENDED: Final = frozenset({"completed", "failed", "expired", "cancelled"})


class OpenAIBatches:
    """Implements :class:`~bot.llm.batches.BatchProvider`. ``body`` makes a request, ``read`` reads its completion."""

    limits = LIMITS

    def __init__(
        self,
        remote: Remote,
        client: AsyncOpenAI,
        body: Callable[[BatchItem], CompletionCreateParamsBase],
        read: Callable[[Mapping[str, Any]], Reply],
    ) -> None:
        self._remote, self._body, self._read = remote, body, read
        self._client = client.with_options(timeout=TIMEOUT)

    async def submit(self, tag: str, items: Sequence[BatchItem]) -> str:
        """See the port. The tag is kept with the batch."""
        lines = [{"custom_id": item.id, "method": "POST", "url": _ENDPOINT, "body": self._body(item)} for item in items]
        text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
        with self._remote.explained(self._remote.name):
            try:
                file = await self._client.files.create(file=(f"{tag}.jsonl", text.encode()), purpose="batch")
                batch = await self._client.batches.create(
                    completion_window="24h", endpoint=_ENDPOINT, input_file_id=file.id, metadata={_TAG: tag}
                )
            except NotFoundError:
                raise no_batches(self._remote.host) from None
        return batch.id

    async def find(self, tag: str, since: Seconds, size: int, known: Collection[str]) -> str | None:
        """See the port."""
        with self._remote.explained(self._remote.name):
            async for batch in self._client.batches.list(limit=100):  # the newest first
                if not listed_since(batch.created_at, since):
                    return None
                if (batch.metadata or {}).get(_TAG) == tag and batch.id not in known:
                    return batch.id
        return None

    async def poll(self, batch: str) -> BatchProgress:
        """See the port. OpenAI reads a batch after it took it, and may refuse it then: it is no JSON, or too much of
        the account waits in batches already."""
        found = await self._found(batch)
        if found is None:
            return BatchProgress(ended=True, done=0, items=0)
        counts = found.request_counts
        done = 0 if counts is None else counts.completed + counts.failed
        return BatchProgress(found.status in _ENDED, done, 0 if counts is None else counts.total)

    async def results(self, batch: str) -> AsyncIterator[tuple[str, Reply | ProviderError]]:
        """See the port. What succeeded and what failed are in different files."""
        found = await self._found(batch)
        if found is None:
            return
        for file in filter(None, (found.output_file_id, found.error_file_id)):
            with self._remote.explained(self._remote.name):
                try:
                    content = await self._client.files.content(file)
                except NotFoundError:
                    continue
                lines = [json.loads(line) for line in content.text.splitlines() if line.strip()]
            for line in lines:
                yield str(line.get("custom_id")), self._outcome(line)

    async def _found(self, batch: str) -> Batch | None:
        with self._remote.explained(self._remote.name):
            try:
                found = await self._client.batches.retrieve(batch)
            except NotFoundError:
                return None
        if found.status == "failed":
            codes = ", ".join(each.code or "?" for each in (found.errors.data if found.errors else None) or [])
            raise BatchRefused(f"{self._remote.host} refused a batch ({codes}); it is handed in again by the next run.")
        return found

    def _outcome(self, line: dict[str, Any]) -> Reply | ProviderError:
        name, code = self._remote.name, str((line.get("error") or {}).get("code") or "")
        if code == "batch_expired":
            return ProviderTimeout("a batch came to the end of its day before this request was answered")
        if code:
            return ProviderUnavailable("a batch was cancelled before this request was answered")
        try:
            with self._remote.explained(name):
                response = line["response"]
                if response["status_code"] == 200:
                    return self._read(response["body"])
                error = response["body"]["error"]
                kind = str(error.get("code") or error.get("type") or "")
                failure = Failure(response["status_code"], kind, response.get("request_id") or "")
                return self._remote.refusal(failure, name)
        except ProviderError as problem:
            return problem
