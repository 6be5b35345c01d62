"""The two wire forms a model server speaks: what is read from a request and what is written back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol


@dataclass(frozen=True, slots=True)
class Call:
    """A request as the server understood it. ``schema`` is None unless a JSON schema was asked for natively."""

    wire: str
    model: str
    system: str
    messages: tuple[tuple[str, str], ...]
    schema: Mapping[str, Any] | None
    streamed: bool
    body: Mapping[str, Any]

    @property
    def last(self) -> str:
        return self.messages[-1][1] if self.messages else ""


class Wire(Protocol):
    name: str

    def read(self, body: Mapping[str, Any]) -> Call: ...

    def whole(self, call: Call, text: str, stop: str) -> dict[str, Any]: ...

    def start(self, call: Call) -> bytes: ...

    def piece(self, call: Call, text: str) -> bytes: ...

    def end(self, call: Call, text: str, stop: str) -> bytes: ...

    def problem(self, code: str, message: str) -> dict[str, Any]: ...

    def broken(self, code: str) -> bytes: ...


def words(text: str) -> Iterator[str]:
    """The chunks in which a text is streamed."""
    for place, word in enumerate(text.split(" ")):
        yield word if place == 0 else f" {word}"


def tokens(text: str) -> int:
    return max(1, len(text) // 4)


def _sse(data: Mapping[str, Any] | str, event: str = "") -> bytes:
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode()


class Anthropic:
    """https://platform.claude.com/docs/en/api/messages"""

    name = "anthropic"
    _stops: ClassVar = {"end": "end_turn", "length": "max_tokens", "refusal": "refusal"}

    def read(self, body: Mapping[str, Any]) -> Call:
        form = body.get("output_config", {}).get("format")
        messages = tuple((message["role"], message["content"]) for message in body["messages"])
        schema = form["schema"] if form else None
        return Call(self.name, body["model"], body.get("system", ""), messages, schema, body.get("stream", False), body)

    def whole(self, call: Call, text: str, stop: str) -> dict[str, Any]:
        return {
            **self._head(call),
            "content": [{"type": "text", "text": text}] if text else [],
            "stop_reason": self._stops[stop],
            "usage": {"input_tokens": tokens(str(call.messages)), "output_tokens": tokens(text)},
        }

    def start(self, call: Call) -> bytes:
        head = {**self._head(call), "usage": {"input_tokens": tokens(str(call.messages)), "output_tokens": 1}}
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        return (
            _sse({"type": "message_start", "message": head}, "message_start")
            + _sse(block, "content_block_start")
            + _sse({"type": "ping"}, "ping")
        )

    def piece(self, call: Call, text: str) -> bytes:
        delta = {"type": "text_delta", "text": text}
        return _sse({"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta")

    def end(self, call: Call, text: str, stop: str) -> bytes:
        delta = {"stop_reason": self._stops[stop], "stop_sequence": None}
        usage = {"output_tokens": tokens(text)}
        return (
            _sse({"type": "content_block_stop", "index": 0}, "content_block_stop")
            + _sse({"type": "message_delta", "delta": delta, "usage": usage}, "message_delta")
            + _sse({"type": "message_stop"}, "message_stop")
        )

    def problem(self, code: str, message: str) -> dict[str, Any]:
        return {"type": "error", "error": {"type": code, "message": message}}

    def broken(self, code: str) -> bytes:
        return _sse(self.problem(code, "it broke"), "error")

    def _head(self, call: Call) -> dict[str, Any]:
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": call.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
        }


class OpenAI:
    """https://platform.openai.com/docs/api-reference/chat"""

    name = "openai"
    _stops: ClassVar = {"end": "stop", "length": "length", "refusal": "content_filter"}

    def read(self, body: Mapping[str, Any]) -> Call:
        form = body.get("response_format", {}).get("json_schema")
        said = [(message["role"], message["content"]) for message in body["messages"]]
        system = "".join(text for role, text in said if role == "system")
        messages = tuple((role, text) for role, text in said if role != "system")
        schema = form["schema"] if form else None
        return Call(self.name, body["model"], system, messages, schema, body.get("stream", False), body)

    def whole(self, call: Call, text: str, stop: str) -> dict[str, Any]:
        message = {"role": "assistant", "content": text, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": self._stops[stop], "logprobs": None}
        return {**self._head(call, "chat.completion"), "choices": [choice], "usage": self._usage(call, text)}

    def start(self, call: Call) -> bytes:
        return self._chunk(call, {"role": "assistant", "content": ""}, None)

    def piece(self, call: Call, text: str) -> bytes:
        return self._chunk(call, {"content": text}, None)

    def end(self, call: Call, text: str, stop: str) -> bytes:
        usage = {**self._head(call, "chat.completion.chunk"), "choices": [], "usage": self._usage(call, text)}
        asked = call.body.get("stream_options", {}).get("include_usage", False)
        return self._chunk(call, {}, self._stops[stop]) + (_sse(usage) if asked else b"") + _sse("[DONE]")

    def problem(self, code: str, message: str) -> dict[str, Any]:
        return {"error": {"type": code, "code": code, "message": message, "param": None}}

    def broken(self, code: str) -> bytes:
        return _sse(self.problem(code, "it broke"))

    def _chunk(self, call: Call, delta: Mapping[str, Any], stop: str | None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": stop}
        return _sse({**self._head(call, "chat.completion.chunk"), "choices": [choice]})

    def _head(self, call: Call, kind: str) -> dict[str, Any]:
        return {"id": "chatcmpl-1", "created": 1, "object": kind, "model": call.model}

    def _usage(self, call: Call, text: str) -> dict[str, int]:
        read, written = tokens(str(call.messages)), tokens(text)
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
