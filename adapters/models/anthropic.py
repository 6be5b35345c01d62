"""Anthropic's Messages API through its SDK. Key and base URL come from the SDK's own variables."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final

import aiohttp
import anthropic
import httpx2
from anthropic.types import AssistantMessageParam, Message, MessageParam, OutputConfigParam, Usage, UserMessageParam
from anthropic.types.message_create_params import MessageCreateParamsBase

from adapters.models.anthropic_batches import AnthropicBatches
from adapters.models.dialect import Dialect, Extra, Words
from adapters.models.remote import DEFAULT_TIMEOUTS, THINKING_ROOM, Failure, ModelNames, Remote, Server, Timeouts
from adapters.models.retry_after import retry_after
from bot.errors import ProviderError, ProviderTimeout, ProviderUnavailable, SettingsError
from bot.llm.batches import BatchItem
from bot.llm.prices import BATCH_SHARE, PRICES, Prices
from bot.llm.provider import Chunk, Prompt, Purpose, Reply, Role
from bot.llm.provider import Message as Said
from bot.llm.structured import Schema
from bot.private import Private

KEY: Final = "ANTHROPIC_API_KEY"
SMALL: Final = "claude-haiku-5-5"
MODELS: Final = ModelNames("claude-sonnet-5-5", {Purpose.EXTRACT: SMALL, Purpose.RANK: SMALL})

# The API no longer takes a temperature: ``prompt.temperature`` is not sent.
_DIALECT: Final = Dialect(frozenset({Extra.NO_THINKING, Extra.BETWEEN_TOOLS, Extra.LOW_EFFORT, Extra.SCHEMA}))
_WORDS: Final[Words] = {
    Extra.NO_THINKING: ("thinking",),
    Extra.BETWEEN_TOOLS: ("thinking", "between_tools"),
    Extra.LOW_EFFORT: ("effort",),
    Extra.SCHEMA: ("output_config", "output_format", "json_schema", "schema", "structured"),
}
_STOPS: Final = {"end_turn": "end", "stop_sequence": "end", "refusal": "refusal"}


class AnthropicProvider(Remote):
    """Models of Anthropic, or of a server that speaks its wire form."""

    def __init__(
        self, models: ModelNames = MODELS, *, timeouts: Timeouts = DEFAULT_TIMEOUTS, prices: Prices = PRICES
    ) -> None:
        """Raises SettingsError when no key is set."""
        try:
            client = anthropic.AsyncAnthropic(
                max_retries=0,
                timeout=httpx2.Timeout(timeouts.total, connect=timeouts.connect),
                http_client=anthropic.DefaultAioHttpClient(),
            )
        except (anthropic.AnthropicError, ValueError) as error:
            raise SettingsError(
                (f"Anthropic's credentials cannot be loaded ({type(error).__name__}): check {KEY}.",)
            ) from None
        if not (client.api_key or client.auth_token or client.credentials):
            raise SettingsError(
                (f"{KEY} is not set: expected a key of Anthropic. Set it, or choose another provider.",)
            )
        super().__init__(
            Server("Anthropic", KEY, client.base_url.netloc.decode()), models, _DIALECT, _WORDS, timeouts, prices
        )
        self._client = client
        self._chunk = httpx2.Timeout(timeouts.chunk, connect=timeouts.connect)

    async def close(self) -> None:
        await self._client.close()

    async def _request(self, prompt: Prompt, schema: Schema | None, dialect: Dialect) -> Reply:
        model = self._models.of(prompt.purpose)
        message = await self._client.messages.create(**_params(model, prompt, schema, dialect))
        return self._read(prompt, message, model)

    def _read(self, prompt: Prompt | None, message: Message, model: str, share: float = 1.0) -> Reply:
        text = "".join(block.text for block in message.content if block.type == "text")
        named, tokens = message.model or model, _tokens(message.usage)
        return self._reply(prompt, text, named, tokens, _stop(message.stop_reason), share)

    def batches(self) -> AnthropicBatches:
        def body(item: BatchItem) -> MessageCreateParamsBase:
            prompt = item.prompt
            return _params(self._models.of(prompt.purpose), prompt, item.schema, self._dialect(prompt))

        read = lambda message: self._read(None, message, self.name, BATCH_SHARE)  # noqa: E731 - named beside body
        return AnthropicBatches(self, self._client, body, read)

    async def _pieces(self, prompt: Prompt, dialect: Dialect) -> AsyncGenerator[Chunk | Reply, None]:
        model = self._models.of(prompt.purpose)
        said: list[str] = []
        read, written, stop, ended = 0, 0, "", False
        events = await self._client.messages.create(
            **_params(model, prompt, None, dialect), stream=True, timeout=self._chunk
        )
        async with events:
            async for event in events:
                match event.type:
                    case "message_start":
                        model = event.message.model or model
                        read, written = _tokens(event.message.usage)
                    case "content_block_delta" if event.delta.type == "text_delta":
                        said.append(event.delta.text)
                        yield Chunk(Private(event.delta.text))
                    case "message_delta":
                        stop, written = _stop(event.delta.stop_reason), event.usage.output_tokens
                    case "message_stop":
                        ended = True
        if not ended:
            raise self._cut_off(model)
        yield self._reply(prompt, "".join(said), model, (read, written), stop)

    def _failure(self, error: Exception) -> Failure | ProviderError | None:
        host = self._server.host
        match error:
            case anthropic.APITimeoutError() | httpx2.TimeoutException():
                return ProviderTimeout(f"{host} did not answer in time.")
            case anthropic.APIStatusError():
                return Failure(
                    error.status_code,
                    error.type or "",
                    error.request_id or "",
                    retry_after(error.response.headers),
                    error.message,
                )
            case anthropic.APIConnectionError() | httpx2.HTTPError() | aiohttp.ClientError() | OSError():
                return ProviderUnavailable(
                    f"{host} cannot be reached or broke the connection ({type(error).__name__})."
                )
            case anthropic.AnthropicError():
                return ProviderUnavailable(f"Anthropic's SDK gave up on {host} ({type(error).__name__}).")
        return None


def _params(model: str, prompt: Prompt, schema: Schema | None, dialect: Dialect) -> MessageCreateParamsBase:
    # As little thinking as the model allows: a person is waiting, and thoughts count towards ``max_tokens``.
    thinks = not dialect.extras & {Extra.NO_THINKING, Extra.BETWEEN_TOOLS}
    params: MessageCreateParamsBase = {
        "model": model,
        "max_tokens": prompt.max_tokens + (THINKING_ROOM if dialect.room or thinks else 0),
        "messages": [_message(message) for message in prompt.messages],
    }
    if prompt.system:
        params["system"] = prompt.system
    if Extra.NO_THINKING in dialect.extras:
        params["thinking"] = {"type": "disabled"}
    elif Extra.BETWEEN_TOOLS in dialect.extras:
        params["thinking"] = {"type": "between_tools"}
    output: OutputConfigParam = {}
    if thinks and Extra.LOW_EFFORT in dialect.extras:
        output["effort"] = "low"
    if schema is not None and Extra.SCHEMA in dialect.extras:
        output["format"] = {"type": "json_schema", "schema": dict(schema)}
    if output:
        params["output_config"] = output
    return params


def _message(message: Said) -> MessageParam:
    text = message.text.reveal()
    match message.role:
        case Role.USER:
            return UserMessageParam(role="user", content=text)
        case Role.ASSISTANT:
            return AssistantMessageParam(role="assistant", content=text)


def _tokens(usage: Usage) -> tuple[int, int]:
    cached = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
    return usage.input_tokens + cached, usage.output_tokens


def _stop(reason: str | None) -> str:
    return _STOPS.get(reason or "", "length")
