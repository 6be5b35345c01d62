"""A local model server that speaks Anthropic's and OpenAI's wire forms, and goes wrong on demand.

In a test::

    async with ModelServer(reply=lambda call: "Take the earlier train.") as server:
        server.faults.append(RATE_LIMITED)            # one fault a request, in order
        environment = server.environment              # base URLs and keys for both SDKs

For a benchmark, in a process of its own: ``python -m tests.support.models.server --port 8099 --latency 0.2``.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Self

from aiohttp import web

from tests.support.models.batches import BatchServer
from tests.support.models.faults import Fault, Kind
from tests.support.models.wire import Anthropic, Call, OpenAI, Wire, words

KEPT = 1_000
"""The last calls that are kept for inspection, so that a benchmark does not fill the memory."""

Answer = Callable[[Call], str | Awaitable[str]]
_WIRES: Mapping[str, Wire] = {"anthropic": Anthropic(), "openai": OpenAI()}


def echo(call: Call) -> str:
    """The smallest value of a schema, or what was said last."""
    return json.dumps(sample(call.schema, call.schema)) if call.schema else f"You said: {call.last}"


class ModelServer:
    """``latency`` and ``pace`` in seconds: before every answer, and between the chunks of a stream.

    ``unsupported`` are the keys of a request's body that this server refuses, as older servers do. Counters: ``served``
    per wire form, ``running`` and ``peak`` requests at once, ``calls`` (the last ones). ``batch``: its batches."""

    def __init__(
        self,
        reply: Answer = echo,
        *,
        latency: float = 0.0,
        pace: float = 0.0,
        key: str = "local-key",
        unsupported: Iterable[str] = (),
        port: int = 0,
    ) -> None:
        self.reply = reply
        self.latency = latency
        self.pace = pace
        self.key = key
        self.unsupported = frozenset(unsupported)
        self.faults: deque[Fault | None] = deque()
        self.always: Fault | None = None
        self.calls: deque[Call] = deque(maxlen=KEPT)
        self.served: Counter[str] = Counter()
        self.running = 0
        self.peak = 0
        self.batch = BatchServer(self, _WIRES)
        self._port = port
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def environment(self) -> dict[str, str]:
        """The SDKs' own variables."""
        return {
            "ANTHROPIC_BASE_URL": self.url,
            "ANTHROPIC_API_KEY": self.key,
            "OPENAI_BASE_URL": f"{self.url}/v1",
            "OPENAI_API_KEY": self.key,
        }

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=256 * 2**20)
        for path, wire in (("/v1/messages", "anthropic"), ("/v1/chat/completions", "openai")):
            app.router.add_post(path, self._handler(_WIRES[wire]))
        app.router.add_routes(self.batch.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._closing.set()
        if self._runner:
            await self._runner.cleanup()

    def take(self, call: Call) -> Fault | None:
        """Keep the call; what goes wrong with it."""
        self.calls.append(call)
        return self.faults.popleft() if self.faults else self.always

    def _handler(self, wire: Wire) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            self.running += 1
            self.peak = max(self.peak, self.running)
            try:
                return await self._answer(request, wire)
            except ConnectionResetError:
                # The client hung up, which is its right.
                return web.Response()
            finally:
                self.running -= 1
                self.served[wire.name] += 1

        return handle

    async def _answer(self, request: web.Request, wire: Wire) -> web.StreamResponse:
        sent = {request.headers.get("x-api-key"), request.headers.get("authorization", "").removeprefix("Bearer ")}
        if self.key not in sent:
            return web.json_response(wire.problem("authentication_error", "invalid key"), status=401)
        body = await request.json()
        if unsupported := sorted(self.unsupported & set(_paths(body))):
            problem = wire.problem("invalid_request_error", f"{unsupported[0]} is not supported")
            return web.json_response(problem, status=400)
        call = wire.read(body)
        fault = self.take(call)
        if self.latency:
            await asyncio.sleep(self.latency)
        if fault and not (call.streamed and fault.after):
            match fault.kind:
                case Kind.STATUS:
                    return _refusal(wire, fault, call)
                case Kind.HANG:
                    await self._closing.wait()
                    return _drop(request)
                case Kind.DROP:
                    return _drop(request)
                case Kind.GARBAGE:
                    kind = "text/event-stream" if call.streamed else "application/json"
                    return web.Response(body=b"data: {\xff\xfe not json\n\n", content_type=kind)
        answer = self.reply(call)
        text = await answer if inspect.isawaitable(answer) else answer
        stop = {Kind.LENGTH: "length", Kind.REFUSE: "refusal"}.get(fault.kind, "end") if fault else "end"
        if call.streamed:
            return await self._stream(request, wire, call, text, stop, fault)
        return web.json_response(wire.whole(call, text, stop))

    async def _stream(
        self, request: web.Request, wire: Wire, call: Call, text: str, stop: str, fault: Fault | None
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(wire.start(call))
        for place, word in enumerate(words(text) if text else ()):
            if fault and fault.kind not in {Kind.LENGTH, Kind.REFUSE} and place == fault.after:
                return await self._break(request, response, wire, fault)
            if self.pace:
                await asyncio.sleep(self.pace)
            await response.write(wire.piece(call, word))
        await response.write(wire.end(call, text, stop))
        return response

    async def _break(
        self, request: web.Request, response: web.StreamResponse, wire: Wire, fault: Fault
    ) -> web.StreamResponse:
        match fault.kind:
            case Kind.HANG:
                await self._closing.wait()
            case Kind.DROP:
                _drop(request)
            case Kind.GARBAGE:
                await response.write(b"event: message_stop\ndata: {]\n\n")
            case Kind.STATUS:
                await response.write(wire.broken(fault.code))
        return response


def _refusal(wire: Wire, fault: Fault, call: Call) -> web.Response:
    """Quotes the request, as some servers do: no client may pass that on."""
    headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
    return web.json_response(
        wire.problem(fault.code, f"cannot serve {call.last!r}"), status=fault.status, headers=headers
    )


def _drop(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()


def _paths(body: Mapping[str, Any]) -> Iterable[str]:
    """Keys, nested ones with dots, and texts: ``thinking``, ``output_config.format``, ``thinking.type=disabled``."""
    for key, value in body.items():
        yield key
        if isinstance(value, Mapping):
            yield from (f"{key}.{inner}" for inner in _paths(value))
        elif isinstance(value, str):
            yield f"{key}={value}"


def sample(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """The smallest value that fits a strict schema."""
    if "$ref" in schema:
        return sample(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root)
    if "anyOf" in schema:
        return sample(schema["anyOf"][0], root)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            return {name: sample(child, root) for name, child in schema.get("properties", {}).items()}
        case "array":
            return []
        case "string":
            return "text"
        case "boolean":
            return False
        case "null":
            return None
    return 1


async def serve(port: int, latency: float, pace: float) -> None:
    async with ModelServer(port=port, latency=latency, pace=pace) as server:
        print(json.dumps(server.environment), flush=True)
        await asyncio.get_running_loop().create_future()


def main() -> None:
    parser = argparse.ArgumentParser(description="A local model server for tests and benchmarks.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one; the address is printed as JSON")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before every answer")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds between the chunks of a stream")
    arguments = parser.parse_args()
    try:
        asyncio.run(serve(arguments.port, arguments.latency, arguments.pace))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
