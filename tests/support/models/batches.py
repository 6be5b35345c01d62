"""The batch interfaces of a model server: Anthropic's message batches, OpenAI's files and batches.

Requests are answered when the batch is handed in, and told from the ``looks``-th look on. Results come in the opposite
order. ``Kind.EXPIRE`` leaves a request unanswered at the end of the day; other faults are those of single calls.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from aiohttp import web

from tests.support.models.faults import Fault, Kind
from tests.support.models.wire import Call, Wire

_COUNTS = ("processing", "succeeded", "errored", "expired", "canceled")


class Answers(Protocol):
    """What a batch asks of the server: see ModelServer."""

    reply: Callable[[Call], str | Awaitable[str]]

    def take(self, call: Call) -> Fault | None: ...


@dataclass(slots=True)
class Batch:
    """``lines``: what each request came to, as (custom id, kind, body): kind is ``succeeded``, ``errored``,
    ``expired``."""

    id: str
    at: datetime
    lines: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    metadata: Mapping[str, str] = field(default_factory=dict)
    looked: int = 0
    refused: str = ""

    def count(self, kind: str) -> int:
        return sum(each == kind for _, each, _ in self.lines)


class BatchServer:
    """``looks``: how often a batch is looked after before it has ended. ``drop_after``: handed in, but the connection
    is torn down before the answer, as many times. ``refuse``: OpenAI's code for batches that it refuses afterwards.
    ``looked`` is set whenever a batch is looked after."""

    def __init__(self, answers: Answers, wires: Mapping[str, Wire]) -> None:
        self.looks, self.drop_after, self.refuse = 1, 0, ""
        self.batches: dict[str, Batch] = {}
        self.looked = asyncio.Event()
        self._answers, self._wires = answers, wires
        self._files: dict[str, str] = {}

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.post("/v1/messages/batches", self._anthropic_create)
        yield web.get("/v1/messages/batches", self._anthropic_list)
        yield web.get("/v1/messages/batches/{id}", self._anthropic_look)
        yield web.get("/v1/messages/batches/{id}/results", self._anthropic_results)
        yield web.post("/v1/files", self._upload)
        yield web.get("/v1/files/{id}/content", self._content)
        yield web.post("/v1/batches", self._openai_create)
        yield web.get("/v1/batches", self._openai_list)
        yield web.get("/v1/batches/{id}", self._openai_look)

    async def _anthropic_create(self, request: web.Request) -> web.Response:
        body = await request.json()
        asked = [(each["custom_id"], each["params"]) for each in body["requests"]]
        batch = await self._run("msgbatch", self._wires["anthropic"], asked, {})
        return self._created(request, self._as_anthropic(request, batch))

    async def _anthropic_list(self, request: web.Request) -> web.Response:
        told = [self._as_anthropic(request, batch) for batch in self._of("msgbatch")]
        return web.json_response({"data": told, "has_more": False, "first_id": None, "last_id": None})

    async def _anthropic_look(self, request: web.Request) -> web.Response:
        batch = self.batches.get(request.match_info["id"])
        if batch is None:
            return web.json_response(self._wires["anthropic"].problem("not_found_error", "no"), status=404)
        batch.looked += 1
        self.looked.set()
        return web.json_response(self._as_anthropic(request, batch))

    async def _anthropic_results(self, request: web.Request) -> web.Response:
        lines = []
        for name, kind, body in reversed(self.batches[request.match_info["id"]].lines):
            result = {"succeeded": {"message": body}, "errored": {"error": body}}.get(kind, {})
            lines.append(json.dumps({"custom_id": name, "result": {"type": kind, **result}}))
        return web.Response(text="\n".join(lines) + "\n", content_type="application/x-jsonl")

    def _as_anthropic(self, request: web.Request, batch: Batch) -> dict[str, Any]:
        ended = batch.looked >= self.looks
        counts = {kind: batch.count(kind) if ended else 0 for kind in _COUNTS}
        if not ended:
            counts["processing"] = len(batch.lines)
        url = str(request.url.origin() / f"v1/messages/batches/{batch.id}/results")
        return {
            "id": batch.id,
            "type": "message_batch",
            "processing_status": "ended" if ended else "in_progress",
            "request_counts": counts,
            "created_at": batch.at.isoformat(),
            "expires_at": (batch.at + timedelta(days=1)).isoformat(),
            "ended_at": batch.at.isoformat() if ended else None,
            "results_url": url if ended else None,
        }

    async def _upload(self, request: web.Request) -> web.Response:
        name = f"file-{len(self._files)}"
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        assert form["purpose"] == "batch"
        self._files[name] = file.file.read().decode()
        told = {"id": name, "object": "file", "bytes": 1, "created_at": 1, "filename": file.filename}
        return web.json_response({**told, "purpose": "batch", "status": "processed"})

    async def _content(self, request: web.Request) -> web.Response:
        return web.Response(text=self._files[request.match_info["id"]], content_type="application/octet-stream")

    async def _openai_create(self, request: web.Request) -> web.Response:
        body = await request.json()
        lines = [json.loads(line) for line in self._files[body["input_file_id"]].splitlines()]
        assert body["endpoint"] == "/v1/chat/completions"
        assert all((each["method"], each["url"]) == ("POST", body["endpoint"]) for each in lines)
        asked = [(each["custom_id"], each["body"]) for each in lines]
        batch = await self._run("batch", self._wires["openai"], [] if self.refuse else asked, body["metadata"])
        batch.refused = self.refuse
        return self._created(request, self._as_openai(batch))

    async def _openai_list(self, request: web.Request) -> web.Response:
        told = [self._as_openai(batch) for batch in self._of("batch")]
        return web.json_response({"object": "list", "data": told, "has_more": False})

    async def _openai_look(self, request: web.Request) -> web.Response:
        batch = self.batches.get(request.match_info["id"])
        if batch is None:
            return web.json_response(self._wires["openai"].problem("not_found", "no"), status=404)
        batch.looked += 1
        self.looked.set()
        return web.json_response(self._as_openai(batch))

    def _as_openai(self, batch: Batch) -> dict[str, Any]:
        ended, expired = batch.looked >= self.looks, batch.count("expired")
        files = {}
        if ended:
            for name, kinds in (("output_file_id", ("succeeded",)), ("error_file_id", ("errored", "expired"))):
                lines = [_openai_line(line) for line in reversed(batch.lines) if line[1] in kinds]
                self._files[f"{batch.id}-{name}"] = "\n".join(lines)
                files[name] = f"{batch.id}-{name}" if lines else None
        status = "failed" if batch.refused else ("expired" if expired else "completed") if ended else "in_progress"
        errors = {"object": "list", "data": [{"code": batch.refused}]} if batch.refused else None
        failed = len(batch.lines) - batch.count("succeeded")
        return {
            "id": batch.id,
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "input_file_id": "file-0",
            "completion_window": "24h",
            "status": status,
            "errors": errors,
            "created_at": int(batch.at.timestamp()),
            "request_counts": {
                "total": len(batch.lines),
                "completed": batch.count("succeeded") if ended else 0,
                "failed": failed if ended else 0,
            },
            "metadata": dict(batch.metadata),
            **files,
        }

    async def _run(
        self, kind: str, wire: Wire, asked: list[tuple[str, dict[str, Any]]], metadata: Mapping[str, str]
    ) -> Batch:
        batch = Batch(f"{kind}_{len(self.batches)}", datetime.now(UTC), metadata=metadata)
        assert len({name for name, _ in asked}) == len(asked), "expected every custom id once"
        for name, body in asked:
            batch.lines.append((name, *await self._one(wire, body)))
        self.batches[batch.id] = batch
        return batch

    async def _one(self, wire: Wire, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        call = wire.read(body)
        fault = self._answers.take(call)
        match fault:
            case Fault(kind=Kind.EXPIRE):
                return "expired", {}
            case Fault(kind=Kind.STATUS):
                return "errored", {**wire.problem(fault.code, "no"), "status": fault.status}
        answer = self._answers.reply(call)
        text = await answer if inspect.isawaitable(answer) else answer
        stop = {Kind.LENGTH: "length", Kind.REFUSE: "refusal"}.get(fault.kind, "end") if fault else "end"
        return "succeeded", wire.whole(call, text, stop)

    def _created(self, request: web.Request, told: dict[str, Any]) -> web.Response:
        if self.drop_after:
            self.drop_after -= 1
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(told)

    def _of(self, kind: str) -> list[Batch]:
        return [batch for batch in reversed(self.batches.values()) if batch.id.startswith(f"{kind}_")]


def _openai_line(line: tuple[str, str, dict[str, Any]]) -> str:
    name, kind, body = line
    told: dict[str, Any] = {"id": f"r-{name}", "custom_id": name, "response": None, "error": None}
    if kind == "expired":
        told["error"] = {"code": "batch_expired", "message": "no"}
    else:
        told["response"] = {"status_code": body.get("status", 200), "request_id": "q", "body": body}
    return json.dumps(told)
