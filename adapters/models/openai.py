"""OpenAI's chat completions through its SDK: also the wire form of Ollama, vLLM, llama.cpp and many others.

Key and base URL come from the SDK's own variables. Chat completions rather than responses: every compatible server
has them. What is posted and read goes through the SDK as it is: walked through every union of its types, a call would
cost twice as much."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

import aiohttp
import httpx2
import openai
from openai.types.chat import ChatCompletionMessageParam
from openai.types.chat.completion_create_params import CompletionCreateParamsBase

from adapters.models.dialect import Dialect, Extra, Words
from adapters.models.openai_batches import OpenAIBatches
from adapters.models.remote import DEFAULT_TIMEOUTS, THINKING_ROOM, Failure, ModelNames, Remote, Server, Timeouts
from adapters.models.retry_after import retry_after
from bot.errors import ProviderError, ProviderTimeout, ProviderUnavailable, SettingsError
from bot.llm.batches import BatchItem
from bot.llm.prices import BATCH_SHARE, PRICES, Prices
from bot.llm.provider import Chunk, Message, Prompt, Purpose, Reply, Role
from bot.llm.structured import Schema
from bot.private import Private

KEY: Final = "OPENAI_API_KEY"
SMALL: Final = "gpt-6-luna"
MODELS: Final = ModelNames("gpt-6.1-sol", {Purpose.EXTRACT: SMALL, Purpose.RANK: SMALL})

_DIALECT: Final = Dialect(
    frozenset(
        {
            Extra.NO_THINKING,
            Extra.LOW_EFFORT,
            Extra.TEMPERATURE,
            Extra.COMPLETION_TOKENS,
            Extra.STREAM_USAGE,
            Extra.NOT_STORED,
            Extra.SCHEMA,
        }
    )
)
_WORDS: Final[Words] = {
    Extra.NO_THINKING: ("reasoning", "think"),
    Extra.LOW_EFFORT: ("reasoning", "think"),
    Extra.TEMPERATURE: ("temperature",),
    Extra.COMPLETION_TOKENS: ("max_completion_tokens",),
    Extra.STREAM_USAGE: ("stream_options", "include_usage"),
    Extra.NOT_STORED: ("store",),
    Extra.SCHEMA: ("response_format", "json_schema", "schema", "grammar", "guided", "structured"),
}
_STOPS: Final = {"stop": "end", "content_filter": "refusal"}


class OpenAIProvider(Remote):
    """Models of OpenAI, or of a server that speaks its wire form (``OPENAI_BASE_URL``)."""

    def __init__(
        self, models: ModelNames = MODELS, *, timeouts: Timeouts = DEFAULT_TIMEOUTS, prices: Prices = PRICES
    ) -> None:
        """Raises SettingsError when no key is set."""
        try:
            client = openai.AsyncOpenAI(
                max_retries=0,
                timeout=httpx2.Timeout(timeouts.total, connect=timeouts.connect),
                http_client=openai.DefaultAioHttpClient(),
            )
        except (openai.OpenAIError, ValueError):
            problem = f"{KEY} is not set (any word will do for a local server), or OPENAI_BASE_URL is no address."
            raise SettingsError((problem,)) from None
        super().__init__(
            Server("OpenAI", KEY, client.base_url.netloc.decode()), models, _DIALECT, _WORDS, timeouts, prices
        )
        self._client = client
        self._url = f"{client.base_url}chat/completions"
        self._chunk = httpx2.Timeout(timeouts.chunk, connect=timeouts.connect)

    async def close(self) -> None:
        await self._client.close()

    async def _request(self, prompt: Prompt, schema: Schema | None, dialect: Dialect) -> Reply:
        model = self._models.of(prompt.purpose)
        params = _params(model, prompt, schema, dialect)
        response = await self._client.post(self._url, body=params, cast_to=httpx2.Response)
        return self._read(prompt, response.json(), model)

    def _read(self, prompt: Prompt | None, completion: Mapping[str, Any], model: str, share: float = 1.0) -> Reply:
        choice = completion["choices"][0]
        message = choice["message"]
        stop = "refusal" if message.get("refusal") else _stop(choice.get("finish_reason"))
        name, tokens = completion.get("model") or model, _tokens(completion.get("usage"))
        return self._reply(prompt, message.get("content") or "", name, tokens, stop, share)

    def batches(self) -> OpenAIBatches:
        def body(item: BatchItem) -> CompletionCreateParamsBase:
            prompt = item.prompt
            return _params(self._models.of(prompt.purpose), prompt, item.schema, self._dialect(prompt))

        read = lambda completion: self._read(None, completion, self.name, BATCH_SHARE)  # noqa: E731 - named beside body
        return OpenAIBatches(self, self._client, body, read)

    async def _pieces(self, prompt: Prompt, dialect: Dialect) -> AsyncGenerator[Chunk | Reply, None]:
        model = self._models.of(prompt.purpose)
        said: list[str] = []
        usage: tuple[int, int] | None = None
        stop = ""
        params = _params(model, prompt, None, dialect)
        if Extra.STREAM_USAGE in dialect.extras:
            params["stream_options"] = {"include_usage": True}
        chunks = await self._client.post(
            self._url,
            body={**params, "stream": True},
            cast_to=object,
            stream=True,
            stream_cls=openai.AsyncStream[Any],
            options={"timeout": self._chunk},
        )
        async with chunks:
            async for chunk in chunks:
                usage = _tokens(chunk.get("usage")) or usage
                model = chunk.get("model") or model
                for choice in chunk["choices"][:1]:
                    delta = choice["delta"]
                    if content := delta.get("content"):
                        said.append(content)
                        yield Chunk(Private(content))
                    if delta.get("refusal"):
                        stop = "refusal"
                    elif reason := choice.get("finish_reason"):
                        stop = stop or _stop(reason)
        if not stop:
            raise self._cut_off(model)
        yield self._reply(prompt, "".join(said), model, usage, stop)

    def _failure(self, error: Exception) -> Failure | ProviderError | None:
        host = self._server.host
        match error:
            case openai.APITimeoutError() | httpx2.TimeoutException() if not _unreachable(error):
                return ProviderTimeout(f"{host} did not answer in time.")
            case openai.APIStatusError():
                return Failure(
                    error.status_code,
                    error.code or error.type or "",
                    error.request_id or "",
                    retry_after(error.response.headers),
                    error.message,
                )
            case openai.APIConnectionError() | httpx2.HTTPError() | aiohttp.ClientError() | OSError():
                return ProviderUnavailable(
                    f"{host} cannot be reached or broke the connection ({type(error).__name__})."
                )
            case openai.APIError():
                return Failure(200, error.code or error.type or "")
            case openai.OpenAIError():
                return ProviderUnavailable(f"OpenAI's SDK gave up on {host} ({type(error).__name__}).")
        return None


def _unreachable(error: BaseException) -> bool:
    """The SDK's transport calls a refused or dropped connection a time-out; its cause tells."""
    cause = error.__cause__
    while cause is not None:
        if isinstance(cause, aiohttp.ClientConnectionError) and not isinstance(cause, TimeoutError):
            return True
        cause = cause.__cause__
    return False


def _params(model: str, prompt: Prompt, schema: Schema | None, dialect: Dialect) -> CompletionCreateParamsBase:
    extras = dialect.extras
    # A model that does not let its thinking be switched off, but takes "low", thinks before it answers.
    thinks = Extra.NO_THINKING not in extras and Extra.LOW_EFFORT in extras
    max_tokens = prompt.max_tokens + (THINKING_ROOM if dialect.room or thinks else 0)
    params: CompletionCreateParamsBase = {"model": model, "messages": _messages(prompt)}
    if Extra.COMPLETION_TOKENS in extras:
        params["max_completion_tokens"] = max_tokens
    else:
        params["max_tokens"] = max_tokens
    if Extra.NO_THINKING in extras:
        params["reasoning_effort"] = "none"
    elif thinks:
        params["reasoning_effort"] = "low"
    if Extra.TEMPERATURE in extras:
        params["temperature"] = prompt.temperature
    if Extra.NOT_STORED in extras:
        params["store"] = False
    if schema is not None and Extra.SCHEMA in extras:
        params["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "reply", "strict": True, "schema": dict(schema)},
        }
    return params


def _messages(prompt: Prompt) -> list[ChatCompletionMessageParam]:
    system: list[ChatCompletionMessageParam] = [{"role": "system", "content": prompt.system}] if prompt.system else []
    return system + [_message(message) for message in prompt.messages]


def _message(message: Message) -> ChatCompletionMessageParam:
    text = message.text.reveal()
    match message.role:
        case Role.USER:
            return {"role": "user", "content": text}
        case Role.ASSISTANT:
            return {"role": "assistant", "content": text}


def _tokens(usage: Mapping[str, Any] | None) -> tuple[int, int] | None:
    return (int(usage["prompt_tokens"]), int(usage["completion_tokens"])) if usage else None


def _stop(reason: str | None) -> str:
    return _STOPS.get(reason or "", "length")
