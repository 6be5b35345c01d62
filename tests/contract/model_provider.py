"""What every Provider does. Subclass and give a ``rig`` fixture: it opens a provider that plays a script."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import BaseModel, Field

from adapters.models.scripted import Entry
from bot.errors import (
    MalformedReply,
    ProviderError,
    ProviderRateLimited,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
)
from bot.llm.provider import Chunk, Message, Prompt, Provider, Purpose, Reply, Role
from bot.llm.streams import closing
from bot.private import Private
from tests.support.models.rigs import Rig

SAID = "my grandmother's red umbrella"
ANSWER = "Take the earlier train. It is quieter.\nAnd bring a book."
LONG = 60.0
SHORT = 0.2


class Score(BaseModel):
    score: int = Field(ge=0, le=5)
    why: str


def say(text: str) -> Entry:
    return Entry(text=text)


def data(**values: object) -> Entry:
    return Entry.model_validate({"json": values})


def fault(error: str, after: int = 0, retry_after: float | None = None) -> Entry:
    text = ANSWER if after else None
    return Entry.model_validate({"error": error, "after_chunks": after, "text": text, "retry_after": retry_after})


def prompt(purpose: Purpose = Purpose.ANSWER) -> Prompt:
    messages = (
        Message(Role.USER, Private("Hello.")),
        Message(Role.ASSISTANT, Private("Hello, how are you?")),
        Message(Role.USER, Private(SAID)),
    )
    return Prompt(purpose, "Be kind.", messages, fallback=Private(ANSWER))


async def read(provider: Provider) -> tuple[list[Chunk], list[Reply]]:
    chunks: list[Chunk] = []
    replies: list[Reply] = []
    async with closing(provider.stream(prompt())) as pieces:
        async for piece in pieces:
            match piece:
                case Chunk():
                    assert not replies, "nothing comes after the reply"
                    chunks.append(piece)
                case Reply():
                    replies.append(piece)
    return chunks, replies


def told(error: ProviderError) -> None:
    """An error is fit for an operator, and holds nothing that a person or a model said."""
    assert str(error)
    for secret in (SAID, "umbrella", "earlier train", "local-key"):
        assert secret not in str(error)
        assert secret not in str(error.__cause__)


class AnswerContract:
    """The half of the contract that a provider without a model keeps too."""

    async def test_completes_with_the_whole_text(self, rig: Rig) -> None:
        async with rig([say(ANSWER)], LONG) as provider:
            reply = await provider.complete(prompt())
        assert reply.text.reveal() == ANSWER
        assert reply.complete
        assert reply.model
        assert reply.usage.input_tokens >= 0

    async def test_streams_chunks_and_then_one_reply(self, rig: Rig) -> None:
        async with rig([say(ANSWER)], LONG) as provider:
            chunks, replies = await read(provider)
        assert len(chunks) > 1
        assert "".join(chunk.text.reveal() for chunk in chunks) == ANSWER
        assert [reply.text.reveal() for reply in replies] == [ANSWER]

    async def test_a_reader_may_leave_a_stream(self, rig: Rig) -> None:
        async with rig([say(ANSWER), say(ANSWER)], LONG) as provider:
            async with closing(provider.stream(prompt())) as pieces:
                assert isinstance(await anext(pieces), Chunk)
            assert (await provider.complete(prompt())).text.reveal() == ANSWER

    async def test_has_a_name(self, rig: Rig) -> None:
        async with rig([], LONG) as provider:
            assert provider.name

    async def test_serves_calls_side_by_side(self, rig: Rig) -> None:
        async with rig([say(ANSWER)] * 8, LONG) as provider, asyncio.TaskGroup() as group:
            tasks = [group.create_task(provider.complete(prompt())) for _ in range(8)]
        assert {task.result().text.reveal() for task in tasks} == {ANSWER}


class ProviderContract(AnswerContract):
    async def test_gives_the_agreed_shape(self, rig: Rig) -> None:
        async with rig([data(score=4, why="clear")], LONG) as provider:
            answer = await provider.structured(prompt(Purpose.JUDGE), Score)
        assert answer.value == Score(score=4, why="clear")
        assert answer.usage.calls == 1

    async def test_repairs_a_malformed_shape_once(self, rig: Rig) -> None:
        async with rig([say("I would say 4."), data(score=4, why="clear")], LONG) as provider:
            answer = await provider.structured(prompt(Purpose.JUDGE), Score)
        assert answer.value.score == 4
        assert answer.usage.calls == 2

    @pytest.mark.parametrize(
        "unfit",
        [
            'About 4. {"score": 4, "why": "earlier train"}',
            '{"score": "4", "why": "earlier train"}',
            '{"score": 4, "why": "earlier train", "earlier train": 1}',
            '{"score": 9, "why": "earlier train"}',
            '{"score": 4, "score": 3, "why": "earlier train"}',
        ],
    )
    async def test_never_picks_a_shape_out_of_something_else(self, rig: Rig, unfit: str) -> None:
        async with rig([say(unfit), say(unfit)], LONG) as provider:
            with pytest.raises(MalformedReply) as caught:
                await provider.structured(prompt(Purpose.JUDGE), Score)
        told(caught.value)

    async def test_a_shape_that_was_cut_off_does_not_fit(self, rig: Rig) -> None:
        whole = '{"score": 4, "why": "clear"}'
        async with rig([Entry(text=whole, complete=False)] * 2, LONG) as provider:
            with pytest.raises(MalformedReply, match="cut off"):
                await provider.structured(prompt(Purpose.JUDGE), Score)

    async def test_says_that_a_text_was_cut_off(self, rig: Rig) -> None:
        async with rig([Entry(text=ANSWER, complete=False)] * 2, LONG) as provider:
            assert not (await provider.complete(prompt())).complete
            assert not (await read(provider))[1][0].complete

    async def test_an_answer_without_a_word_is_malformed(self, rig: Rig) -> None:
        async with rig([say(" "), say(" ")], LONG) as provider:
            with pytest.raises(MalformedReply):
                await provider.complete(prompt())
            with pytest.raises(MalformedReply):
                await read(provider)

    @pytest.mark.parametrize(
        ("error", "kind"),
        [
            ("timeout", ProviderTimeout),
            ("rate_limited", ProviderRateLimited),
            ("unavailable", ProviderUnavailable),
            ("rejected", ProviderRejected),
            ("malformed", MalformedReply),
        ],
    )
    async def test_raises_errors_of_the_tree_only(self, rig: Rig, error: str, kind: type[ProviderError]) -> None:
        async with rig([fault(error), fault(error), fault(error), say(ANSWER)], LONG) as provider:
            with pytest.raises(kind) as completed:
                await provider.complete(prompt())
            with pytest.raises(kind) as streamed:
                await read(provider)
            with pytest.raises(kind) as judged:
                await provider.structured(prompt(), Score)
            assert (await provider.complete(prompt())).complete
        for caught in (completed, streamed, judged):
            told(caught.value)

    async def test_says_how_long_to_wait(self, rig: Rig) -> None:
        async with rig([fault("rate_limited", retry_after=7.5)], LONG) as provider:
            with pytest.raises(ProviderRateLimited) as caught:
                await provider.complete(prompt())
        assert caught.value.retry_after == 7.5

    @pytest.mark.parametrize(("error", "kind"), [("unavailable", ProviderUnavailable), ("malformed", MalformedReply)])
    async def test_a_broken_stream_raises_instead_of_its_reply(
        self, rig: Rig, error: str, kind: type[ProviderError]
    ) -> None:
        chunks: list[str] = []
        async with rig([fault(error, after=2), say(ANSWER)], LONG) as provider:
            with pytest.raises(kind) as caught:
                await self._keep(provider, chunks)
            assert (await provider.complete(prompt())).text.reveal() == ANSWER
        assert "".join(chunks) == "Take the"
        told(caught.value)

    async def _keep(self, provider: Provider, chunks: list[str]) -> None:
        async for piece in provider.stream(prompt()):
            assert isinstance(piece, Chunk)
            chunks.append(piece.text.reveal())

    async def test_ends_what_hangs(self, rig: Rig) -> None:
        hang = Entry(hang=True)
        async with rig([hang, hang, Entry(hang=True, text=ANSWER, after_chunks=1)], SHORT) as provider:
            with pytest.raises(ProviderTimeout) as caught:
                await provider.complete(prompt())
            with pytest.raises(ProviderTimeout):
                await read(provider)
            with pytest.raises(ProviderTimeout):
                await read(provider)
        told(caught.value)

    async def test_ends_with_its_caller(self, rig: Rig) -> None:
        async with rig([Entry(hang=True), Entry(hang=True), say(ANSWER)], LONG) as provider:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(SHORT):
                    await provider.complete(prompt())
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(SHORT):
                    await read(provider)
            assert (await provider.complete(prompt())).text.reveal() == ANSWER
