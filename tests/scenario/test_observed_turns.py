"""Metrics and traces of whole conversations: what they count, and that nothing anybody said is in them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NoReturn

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from adapters.tracing.otel import ATTRIBUTES, Traces
from bot.assembly.observing import Gauges, traced
from bot.clock import ManualClock
from bot.errors import ProviderUnavailable
from bot.settings import Settings
from bot.telemetry.events import FIELDS, Event, Telemetry
from bot.telemetry.metrics import Metrics
from tests.scenario.conversations import CRISIS, ERRAND, HEARTBREAK, until_answered
from tests.scenario.test_no_text_in_telemetry import CANARY, everything
from tests.support.down import DownLedger
from tests.support.metrics import total
from tests.support.terminal_face import TerminalFace, terminal_face


class Silent:
    """A provider that is down, and says so quoting what it was asked."""

    name = "broken"

    async def complete(self, prompt: object) -> NoReturn:
        raise ProviderUnavailable(CANARY)

    structured = complete

    async def stream(self, prompt: object) -> AsyncIterator[NoReturn]:
        raise ProviderUnavailable(CANARY)
        yield

    async def close(self) -> None:
        """Nothing is open."""


class Observed:
    def __init__(self) -> None:
        self.metrics = Metrics()
        self.exporter = InMemorySpanExporter()
        self.traces = Traces(self.exporter, "1.0")

    def spans(self) -> tuple[ReadableSpan, ...]:
        self.traces.close()
        return self.exporter.get_finished_spans()


@asynccontextmanager
async def observed(**around: object) -> AsyncIterator[tuple[TerminalFace, Observed]]:
    both = Observed()
    async with terminal_face(told=(both.metrics.take, both.traces.take), **around) as face:  # type: ignore[arg-type]
        yield face, both


async def test_a_conversation_is_counted() -> None:
    async with observed() as (face, seen):
        await face.say("ann", HEARTBREAK)
        await until_answered(face, "ann")
        await face.say("ben", CRISIS)
    shown = seen.metrics.exposition()
    turns = total(shown, "raise_turns_total", platform="terminal", outcome="ended")
    assert turns == total(shown, "raise_arrivals_total") >= 3
    assert total(shown, "raise_first_effect_seconds_count") == turns
    assert total(shown, "raise_crisis_shown_total") == 1
    assert total(shown, "raise_shown_total", kind="crisis", outcome="delivered") == 1
    assert total(shown, "raise_shown_total", kind="question", outcome="delivered") >= 1
    assert total(shown, "raise_model_calls_total") == 0, "offline answers cost no call"
    assert total(shown, "raise_model_call_seconds_count", model="offline") >= 1


async def test_a_model_that_fails_is_counted_by_the_kind_of_failure() -> None:
    async with observed(provider=Silent()) as (face, seen):
        await face.say("ann", ERRAND)
    shown = seen.metrics.exposition()
    assert total(shown, "raise_model_calls_total", model="broken", outcome="ProviderUnavailable") == 1
    assert total(shown, "raise_turns_total", outcome="ended") == 1, "the prepared answer was given"


async def test_a_turn_is_one_trace_of_its_steps() -> None:
    async with observed() as (face, seen):
        await face.say("ann", ERRAND, event="e7")
    spans = seen.spans()
    (root,) = (span for span in spans if span.parent is None)
    assert root.name == "turn"
    assert dict(root.attributes or {})["raise.outcome"] == "ended"
    assert {span.name for span in spans} >= {"turn", "waiting", "step Write", "model answer"}
    expected = int.from_bytes(hashlib.sha256(b"terminal:w1:e7").digest()[:16], "big")
    assert {span.context.trace_id for span in spans if span.context} == {expected}
    for span in spans:
        if span is not root:
            assert span.parent is not None
            assert root.context is not None
            assert span.parent.span_id == root.context.span_id
        assert span.start_time is not None
        assert span.end_time is not None
        assert span.start_time <= span.end_time


@pytest.mark.parametrize("provider", [None, Silent()])
async def test_nothing_anybody_said_is_in_metrics_or_traces(provider: Silent | None) -> None:
    async with observed(provider=provider) as (face, seen):
        await everything(face)
        await face.say(CANARY, HEARTBREAK, event=CANARY)
    spans = seen.spans()
    assert len(spans) > 20
    assert CANARY not in seen.metrics.exposition().decode()
    assert CANARY not in "".join(span.to_json() for span in spans)


def test_a_trace_carries_only_fields_of_the_list_that_name_nobody() -> None:
    assert set(ATTRIBUTES) <= FIELDS
    assert not set(ATTRIBUTES) & {"turn", "person", "problem", "address", "attribute"}


async def test_a_turn_tried_again_goes_on_in_its_trace_and_a_failed_one_is_marked() -> None:
    seen = Observed()
    telemetry = Telemetry(lambda event, fields: None).also(seen.traces.take)
    telemetry.emit(Event.ARRIVED, turn="t", platform="slack", kind="said")
    for outcome in ("postponed", "failed"):
        telemetry.emit(Event.TURN_BEGAN, turn="t", platform="slack")
        telemetry.emit(Event.MODEL_FAILED, turn="t", model="m", problem=CANARY)
        telemetry.emit(Event.TURN_ENDED, turn="t", platform="slack", outcome=outcome, seconds=0.1)
    telemetry.emit(Event.STEP_ENDED, turn="unknown", kind="Say", outcome="delivered", seconds=0.1)
    telemetry.emit(Event.TURN_BEGAN, turn="cut off", platform="slack")
    roots = {str(dict(span.attributes or {}).get("raise.outcome")): span for span in seen.spans() if not span.parent}
    assert set(roots) == {"failed", "None"}
    failed = roots["failed"]
    assert failed.status.is_ok is False
    assert [event.name for event in failed.events] == ["model_failed", "postponed", "turn_began", "model_failed"]
    assert CANARY not in failed.to_json()


async def test_traces_reach_the_collector_of_the_settings() -> None:
    received: asyncio.Queue[bytes] = asyncio.Queue()

    async def collect(request: web.Request) -> web.Response:
        import gzip

        body = await request.read()
        received.put_nowait(gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body)
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1/traces", collect)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/traces"
    async with traced(Settings(traces_url=url), Telemetry(lambda event, fields: None)) as telemetry:
        telemetry.emit(Event.TURN_BEGAN, turn=CANARY, platform="slack")
        telemetry.emit(Event.TURN_ENDED, turn=CANARY, platform="slack", outcome="ended", seconds=0.1)
    body = received.get_nowait()
    await runner.cleanup()
    sent = ExportTraceServiceRequest.FromString(body)
    names = [span.name for each in sent.resource_spans for scope in each.scope_spans for span in scope.spans]
    assert sorted(names) == ["turn", "waiting"]
    assert CANARY.encode() not in body


async def test_without_a_collector_nothing_is_traced() -> None:
    telemetry = Telemetry(lambda event, fields: None)
    async with traced(Settings(), telemetry) as same:
        assert same is telemetry


async def test_queue_and_cases_are_measured_and_a_store_that_is_down_is_told_of() -> None:
    async with observed() as (face, seen):
        await face.say("ann", CRISIS)
        telemetry = Telemetry(lambda event, fields: None).also(seen.metrics.take)
        stores, clock = face.app.stores, ManualClock(face.clock.now() + 90_000)
        await Gauges(stores.ledger.waiting, stores.review.archive, clock, telemetry).look()
        shown = seen.metrics.exposition()
        assert total(shown, "raise_queue_turns") == 0
        assert total(shown, "raise_cases", state="open") == 1
        assert total(shown, "raise_cases", state="late") == 1
        await Gauges(DownLedger().waiting, stores.review.archive, clock, telemetry).look()
        assert total(seen.metrics.exposition(), "raise_store_errors_total", store="figures") == 1


async def test_the_lag_of_the_loop_is_measured_while_the_block_runs() -> None:
    lags: asyncio.Queue[object] = asyncio.Queue()

    def hear(event: str, fields: dict[str, object]) -> None:
        if fields.get("kind") == "loop_lag":
            lags.put_nowait(fields["seconds"])

    async with observed() as (face, _):
        stores = face.app.stores
        gauges = Gauges(stores.ledger.waiting, stores.review.archive, face.clock, Telemetry(hear))  # type: ignore[arg-type]
        async with gauges.watched(), asyncio.timeout(10):
            assert isinstance(await lags.get(), float)
