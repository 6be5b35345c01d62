"""A local server with the wire form of OpenAI's embeddings, in a thread of its own: the client under test blocks."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from adapters.embeddings.hashing import HashingEmbedder

POLL = 0.01
"""Seconds in which the server notices that it is to stop."""

Spoil = Callable[[dict[str, Any]], dict[str, Any]]


class EmbeddingServer:
    """Answers with the hashing embedder's vectors, longer than 1 and last text first, which the wire form allows.

    ``status`` other than 200 refuses; ``spoil`` changes an answer before it is sent; ``silent`` never answers.
    """

    def __init__(self) -> None:
        self.status = 200
        self.spoil: Spoil = lambda answer: answer
        self.silent = False
        self.batches: list[list[str]] = []
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, texts: list[str]) -> dict[str, Any]:
        rows = HashingEmbedder().embed(texts)
        rows[~rows.any(axis=1), 0] = 1.0  # a real model has a vector for anything
        data = [
            {"object": "embedding", "index": number, "embedding": (2 * row).tolist()} for number, row in enumerate(rows)
        ]
        return {
            "object": "list",
            "model": "local",
            "data": data[::-1],
            "usage": {"prompt_tokens": 1, "total_tokens": 1},
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if server.silent:
                    server._released.wait()
                    return
                server.batches.append(asked["input"])
                answer = server.spoil(server.answer(asked["input"])) if server.status == 200 else {"error": {}}
                body = json.dumps(answer).encode()
                self.send_response(server.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler
