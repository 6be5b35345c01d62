"""What a server does not support is found out once and left out from then on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable

import pytest
from pydantic import BaseModel

from adapters.models.anthropic import AnthropicProvider
from adapters.models.dialect import Dialect, Extra, OutOfTokens, Refused, learn
from adapters.models.openai import OpenAIProvider
from adapters.models.remote import Remote, Timeouts
from adapters.models.retry_after import retry_after
from bot.errors import MalformedReply, ProviderRejected, ProviderTimeout, ProviderUnavailable
from bot.llm.provider import Chunk, Message, Prompt, Purpose, Role
from bot.llm.streams import closing
from bot.private import Private
from tests.support.models.faults import LENGTH, REFUSE, Fault, Kind
from tests.support.models.server import ModelServer
from tests.support.models.wire import Call

SAID = "my grandmother's red umbrella"


class Score(BaseModel):
    score: int


def prompt() -> Prompt:
    return Prompt(Purpose.ANSWER, "Be kind.", (Message(Role.USER, Private(SAID)),), max_tokens=100)


def answer(call: Call) -> str:
    return json.dumps({"score": 3}) if "JSON schema" in call.system else "Take the earlier train."


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelServer]:
    async with ModelServer(answer) as server:
        for variable, value in server.environment.items():
            monkeypatch.setenv(variable, value)
        yield server


@pytest.fixture(params=[AnthropicProvider, OpenAIProvider])
async def provider(request: pytest.FixtureRequest, server: ModelServer) -> AsyncIterator[Remote]:
    make: Callable[[], Remote] = request.param
    provider = make()
    yield provider
    await provider.close()


@pytest.fixture
async def claude(server: ModelServer) -> AsyncIterator[Remote]:
    provider = AnthropicProvider()
    yield provider
    await provider.close()


@pytest.fixture
async def gpt(server: ModelServer) -> AsyncIterator[Remote]:
    provider = OpenAIProvider()
    yield provider
    await provider.close()


async def test_a_native_schema_is_asked_for(provider: Remote, server: ModelServer) -> None:
    assert (await provider.structured(prompt(), Score)).value.score == 3
    assert server.calls[-1].schema is not None
    assert "JSON schema" in server.calls[-1].system


@pytest.mark.parametrize("part", ["output_config", "response_format"])
async def test_without_native_schemas_words_must_do_and_it_is_remembered(
    provider: Remote, server: ModelServer, part: str
) -> None:
    server.unsupported = frozenset({part})
    for _ in range(3):
        assert (await provider.structured(prompt(), Score)).value.score == 3
    refused = server.served.total() - len(server.calls)
    assert refused == (server.calls[-1].schema is None), "at most the first request is refused"


async def test_an_old_server_gets_the_plain_form(gpt: Remote, server: ModelServer) -> None:
    server.unsupported = frozenset(
        {"reasoning_effort", "temperature", "max_completion_tokens", "stream_options", "store", "response_format"}
    )
    pieces = [piece async for piece in gpt.stream(prompt())]
    assert isinstance(pieces[0], Chunk)
    assert dict(server.calls[-1].body) == {
        "model": "gpt-6.1-sol",
        "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": SAID}],
        "max_tokens": 100,
        "stream": True,
    }


async def test_a_model_that_must_think_gets_room_for_it(claude: Remote, server: ModelServer) -> None:
    server.unsupported = frozenset({"thinking"})
    await claude.complete(prompt())
    assert server.calls[-1].body["output_config"] == {"effort": "low"}
    assert server.calls[-1].body["max_tokens"] == 100 + 4096


async def test_thinking_is_kept_as_low_as_it_goes(claude: Remote, server: ModelServer) -> None:
    server.unsupported = frozenset({"thinking.type=disabled"})
    await claude.complete(prompt())
    assert server.calls[-1].body["thinking"] == {"type": "between_tools"}
    assert server.calls[-1].body["max_tokens"] == 100


async def test_tokens_that_ran_out_before_a_word_came_are_raised_once(provider: Remote, server: ModelServer) -> None:
    def thinking(call: Call) -> str:
        limit = call.body.get("max_tokens") or call.body["max_completion_tokens"]
        return "Take the earlier train." if limit > 4096 else ""

    server.reply = thinking
    server.faults.append(LENGTH)
    assert (await provider.complete(prompt())).complete
    assert len([piece async for piece in provider.stream(prompt())]) == 5
    assert len(server.calls) == 3


async def test_nothing_is_repeated_once_something_was_shown(provider: Remote, server: ModelServer) -> None:
    server.reply = lambda call: " "
    server.always = LENGTH
    async with closing(provider.stream(prompt())) as pieces:
        assert isinstance(await anext(pieces), Chunk)
        with pytest.raises(MalformedReply, match="without a word"):
            assert [piece async for piece in pieces]
    assert len(server.calls) == 1


@pytest.mark.parametrize("make", [AnthropicProvider, OpenAIProvider])
async def test_a_silence_within_a_stream_ends_it(server: ModelServer, make: Callable[..., Remote]) -> None:
    provider = make(timeouts=Timeouts(chunk=0.1, total=3_600))
    server.faults.append(Fault(Kind.HANG, after=1))
    with pytest.raises(ProviderTimeout):
        assert [piece async for piece in provider.stream(prompt())]
    await provider.close()


async def test_a_request_that_stays_wrong_is_rejected(provider: Remote, server: ModelServer) -> None:
    server.unsupported = frozenset({"messages"})
    with pytest.raises(ProviderRejected, match="refused the request") as caught:
        await provider.complete(prompt())
    assert SAID not in str(caught.value)


async def test_a_wrong_key_names_the_variable_and_never_the_key(provider: Remote, server: ModelServer) -> None:
    server.key = "another-key"
    with pytest.raises(ProviderRejected, match=r"(ANTHROPIC|OPENAI)_API_KEY was refused: 127\.0\.0\.1") as caught:
        await provider.complete(prompt())
    assert "local-key" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (404, "not_found_error", "does not know the model"),
        (402, "billing_error", "no credit left"),
        (429, "insufficient_quota", "no credit left"),
        (413, "request_too_large", "refused the request"),
    ],
)
async def test_says_what_an_operator_can_do(
    provider: Remote, server: ModelServer, status: int, code: str, message: str
) -> None:
    server.faults.append(Fault(Kind.STATUS, status=status, code=code))
    with pytest.raises(ProviderRejected, match=message):
        await provider.complete(prompt())


async def test_a_refusal_is_rejected_even_in_a_stream(provider: Remote, server: ModelServer) -> None:
    server.faults.extend([REFUSE, REFUSE])
    with pytest.raises(ProviderRejected, match="declined"):
        await provider.complete(prompt())
    with pytest.raises(ProviderRejected, match="declined"):
        assert [piece async for piece in provider.stream(prompt())]


@pytest.mark.parametrize("kind", [Kind.CUT, Kind.DROP, Kind.STATUS])
async def test_a_stream_without_its_final_event_was_cut_off(provider: Remote, server: ModelServer, kind: Kind) -> None:
    server.faults.append(Fault(kind, after=2, code="overloaded_error"))
    with pytest.raises(ProviderUnavailable):
        assert [piece async for piece in provider.stream(prompt())]


async def test_nobody_at_the_address_is_unavailable(provider: Remote, server: ModelServer) -> None:
    await server.__aexit__()
    with pytest.raises(ProviderUnavailable, match="cannot be reached"):
        await provider.complete(prompt())


def test_requests_side_by_side_learn_one_thing_each() -> None:
    first = Dialect(frozenset({Extra.NO_THINKING, Extra.BETWEEN_TOOLS}))
    refusal = Refused("no", frozenset({Extra.NO_THINKING, Extra.BETWEEN_TOOLS}))
    once = learn(first, first, refusal)
    assert once == Dialect(frozenset({Extra.BETWEEN_TOOLS}))
    assert learn(first, once, refusal) == once, "the second request knew no better when it was sent"


def test_only_a_dialect_is_learnt() -> None:
    dialect = Dialect(frozenset({Extra.SCHEMA}))
    assert learn(dialect, dialect, ProviderUnavailable("down")) is None
    assert learn(dialect, dialect, MalformedReply("no")) is None
    roomy = learn(dialect, dialect, OutOfTokens("no word"))
    assert roomy == Dialect(frozenset({Extra.SCHEMA}), room=True)
    assert learn(roomy, roomy, OutOfTokens("no word")) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "-1"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_reads_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds
