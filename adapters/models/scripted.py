"""A provider that follows a script, for tests and for ``--provider scripted:FILE``.

A script is a YAML list, or one JSON object a line; each entry is one reply::

    {"purpose": "answer", "text": "Take the earlier train."}
    {"purpose": "extract", "json": {"values": []}}
    {"purpose": "answer", "text": "I can see that", "error": "unavailable", "after_chunks": 2}
    {"error": "rate_limited", "retry_after": 3}
    {"hang": true}
    {"purpose": "judge", "json": {"score": 4}, "repeat": true}

A call takes the first entry left for its purpose (an entry without purpose fits every call); with ``repeat`` it stays.
``text`` may stand for a structured call too, to show what happens when it does not fit. A script that ran out fails,
and ``assert_finished`` fails on entries left over: a test that passes has asked exactly what it says.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from bot.errors import (
    MalformedReply,
    ProviderError,
    ProviderRateLimited,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    SettingsError,
)
from bot.llm.budget import estimate, tokens_in
from bot.llm.provider import Chunk, Prompt, Purpose, Reply, Shape, Structured, Usage
from bot.llm.structured import Schema, ask_structured
from bot.private import Private

NAME: Final = "scripted"
_WORD: Final = re.compile(r"\s*\S+|\s+\Z")


class Fault(StrEnum):
    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    REJECTED = "rejected"
    MALFORMED = "malformed"


class Entry(BaseModel):
    """One reply of the script. Exactly one of text, json, error, hang; text goes with error and hang when streamed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)

    purpose: Purpose | None = Field(default=None, strict=False)
    text: str | None = None
    data: dict[str, JsonValue] | None = Field(default=None, alias="json")
    error: Fault | None = Field(default=None, strict=False)
    retry_after: float | None = Field(default=None, ge=0)
    after_chunks: int = Field(default=0, ge=0, description="words of the text that are streamed before the fault")
    hang: bool = False
    complete: bool = Field(default=True, description="false: the text was cut off at the token limit")
    repeat: bool = False

    @model_validator(mode="after")
    def _one_ending(self) -> Self:
        if self.error is not None and self.hang:
            raise ValueError("an entry either fails or hangs")
        faulty = self.error is not None or self.hang
        if (self.data is not None) + (self.text is not None) + (faulty and not self.after_chunks) != 1:
            raise ValueError("an entry has text or json or a fault; a fault has text only with after_chunks")
        if self.after_chunks and not (faulty and self.text is not None):
            raise ValueError("after_chunks goes with a text and a fault")
        return self


class Scripted:
    """Deterministic; counts its calls in ``calls``."""

    def __init__(self, entries: Sequence[Entry], *, source: str = "the script", timeout: float = 30.0) -> None:
        """``timeout`` in seconds ends a call that hangs, as a real provider's would."""
        self._left = list(entries)
        self._source = source
        self._timeout = timeout
        self._repeated: set[int] = set()
        self.calls: Counter[Purpose] = Counter()
        self.missed: Counter[Purpose] = Counter()

    @classmethod
    def of(cls, *entries: Mapping[str, object], timeout: float = 30.0) -> Self:
        """From entries written as in a file: ``Scripted.of({"purpose": "answer", "text": "Yes."})``."""
        return cls([Entry.model_validate(entry) for entry in entries], timeout=timeout)

    @classmethod
    def from_file(cls, path: Path, *, timeout: float = 30.0) -> Self:
        """Raises SettingsError naming the entries that cannot be read."""
        return cls(_read(path), source=str(path), timeout=timeout)

    @property
    def name(self) -> str:
        return NAME

    async def complete(self, prompt: Prompt) -> Reply:
        entry = self._take(prompt.purpose)
        if entry.data is not None:
            raise ProviderRejected(f"{self._source}: a {prompt.purpose} call wants text, the script has json for it.")
        return await self._play(prompt, entry)

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        return await ask_structured(self._ask, prompt, shape)

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        entry = self._take(prompt.purpose)
        if entry.data is not None:
            raise ProviderRejected(f"{self._source}: a {prompt.purpose} call wants text, the script has json for it.")
        words = _WORD.findall(entry.text or "")
        faulty = entry.error is not None or entry.hang
        for word in words[: entry.after_chunks] if faulty else words:
            # A real stream lets others run between its chunks.
            await asyncio.sleep(0)
            yield Chunk(Private(word))
        yield await self._play(prompt, entry)

    async def close(self) -> None:
        """Nothing is open; whether the script is finished is for ``assert_finished`` to say."""

    def assert_finished(self) -> None:
        """Raises AssertionError when entries were never played, or calls found none."""
        left = [entry for entry in self._left if id(entry) not in self._repeated]
        if left or self.missed:
            purposes = Counter(str(entry.purpose or "any purpose") for entry in left)
            raise AssertionError(
                f"{self._source}: expected every entry to be played and every call to find one; "
                f"left over: {dict(purposes)}, calls without an entry: { {str(k): n for k, n in self.missed.items()} }"
            )

    async def _ask(self, prompt: Prompt, schema: Schema) -> Reply:
        return await self._play(prompt, self._take(prompt.purpose))

    def _take(self, purpose: Purpose) -> Entry:
        self.calls[purpose] += 1
        for place, entry in enumerate(self._left):
            if entry.purpose in (purpose, None):
                if entry.repeat:
                    self._repeated.add(id(entry))
                else:
                    del self._left[place]
                return entry
        self.missed[purpose] += 1
        raise ProviderRejected(
            f"{self._source} has no entry left for {purpose} call {self.calls[purpose]}: add one, or repeat the last."
        )

    async def _play(self, prompt: Prompt, entry: Entry) -> Reply:
        await asyncio.sleep(0)
        if entry.hang:
            await self._hang()
        if entry.error is not None:
            raise _error(entry.error, entry.retry_after)
        text = json.dumps(entry.data, ensure_ascii=False) if entry.data is not None else entry.text or ""
        if not text.strip():
            raise MalformedReply(f"{NAME} ended without a word: expected text.")
        usage = Usage(estimate(prompt) - prompt.max_tokens, tokens_in(text), usd=0.0)
        return Reply(Private(text), NAME, usage, complete=entry.complete)

    async def _hang(self) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await asyncio.get_running_loop().create_future()
        except TimeoutError:
            raise ProviderTimeout(f"{NAME} did not answer within {self._timeout:g} s, as scripted.") from None


def _error(fault: Fault, retry_after: float | None) -> ProviderError:
    said = f"{NAME}: {fault}, as scripted."
    match fault:
        case Fault.TIMEOUT:
            return ProviderTimeout(said)
        case Fault.RATE_LIMITED:
            return ProviderRateLimited(said, retry_after)
        case Fault.UNAVAILABLE:
            return ProviderUnavailable(said)
        case Fault.REJECTED:
            return ProviderRejected(said)
        case Fault.MALFORMED:
            return MalformedReply(said)


def _read(path: Path) -> list[Entry]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = f"{path}: expected a script of replies, it cannot be read ({type(error).__name__})."
        raise SettingsError((problem,)) from error
    written = _yaml(path, text) if path.suffix in {".yaml", ".yml"} else _lines(path, text)
    entries, problems = [], []
    for place, entry in written:
        try:
            entries.append(Entry.model_validate(entry))
        except ValidationError as error:
            problems += [f"{place}: {'.'.join(map(str, fault['loc']))} {fault['msg']}" for fault in error.errors()]
    if problems:
        raise SettingsError(tuple(problems))
    return entries


def _yaml(path: Path, text: str) -> list[tuple[str, object]]:
    try:
        entries = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SettingsError((f"{path}: expected YAML: {error}",)) from error
    if not isinstance(entries, list):
        raise SettingsError((f"{path}: expected a YAML list of entries, got {type(entries).__name__}.",))
    return [(f"{path}: entry {number}", entry) for number, entry in enumerate(entries, 1)]


def _lines(path: Path, text: str) -> list[tuple[str, object]]:
    entries = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                entries.append((f"{path}:{number}", json.loads(line)))
            except ValueError as error:
                raise SettingsError((f"{path}:{number}: expected one JSON object a line: {error}",)) from error
    return entries
