"""Answers on their way: streams that end early, break, fill up or do not exist; the person gets the whole text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.slack import words
from bot.chat import AnswerStream, Delivered, Delivery, Outbound, Undelivered
from bot.identity import DIRECT, Person
from tests.support.slack.bot import english
from tests.support.slack.intake import Turn
from tests.support.slack.model import Fault, Post, Workspace
from tests.support.slack.scripts import answer
from tests.support.slack.world import World, a_world

PIECES = [f"Paragraph {number} of the answer.\n\n" for number in range(40)]
TEXT = "".join(PIECES)


async def quiet(turn: Turn) -> None:
    return


class Writer:
    """Streams one answer to U1, in a thread of their direct messages."""

    def __init__(self, world: World, root: Post, text: str = TEXT) -> None:
        self.world = world
        self.text = text
        turn = f"slack:T1:{root.channel}-{root.ts}"
        self.head = Outbound(f"{turn}:answer", Person("slack", "T1", root.user), DIRECT, answer(""), turn)

    async def write(self, pieces: list[str] | None = None, final: str | None = None) -> Delivery:
        async with self.world.app.platform.stream(self.head) as growing:
            await self.append(growing, PIECES if pieces is None else pieces)
            return await growing.finish(answer(self.text if final is None else final, "age"))

    async def append(self, growing: AnswerStream, pieces: list[str]) -> None:
        for piece in pieces:
            await growing.append(piece)


def shown(workspace: Workspace) -> str:
    return "".join(post.shown() for post in workspace.by_bot())


def complete(workspace: Workspace) -> bool:
    """Nothing grows any more, and exactly one message is the last of its answer."""
    bot = workspace.by_bot()
    last = [post for post in bot if post.metadata and post.metadata["event_payload"]["last"]]
    return len(last) == 1 and not [post for post in bot if post.stream == "open"]


@pytest.fixture
async def made() -> AsyncIterator[tuple[World, Writer]]:
    """A world where every piece is sent at once, and a writer in it."""
    async with a_world("http", quiet) as world:
        ann = world.user()
        yield world, Writer(world, await ann.says("Tell me everything"))


async def test_a_stream_is_one_message(made: tuple[World, Writer]) -> None:
    world, writer = made
    assert isinstance(await writer.write(), Delivered)
    assert len(world.workspace.by_bot()) == 1
    assert shown(world.workspace) == TEXT
    assert complete(world.workspace)
    assert world.seen()[-1]["used"] == ["age"]


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_stream_that_ends_early_goes_on_in_the_next_message(made: tuple[World, Writer], times: int) -> None:
    world, writer = made
    for _ in range(times):
        world.workspace.faults.append(Fault("chat.appendStream", error="message_not_in_streaming_state"))
    assert isinstance(await writer.write(), Delivered)
    assert shown(world.workspace) == TEXT
    assert len(world.workspace.by_bot()) == 1 + times
    assert complete(world.workspace)


async def test_a_stream_that_ended_just_before_the_end(made: tuple[World, Writer]) -> None:
    world, writer = made
    world.workspace.faults.append(Fault("chat.stopStream", error="message_not_in_streaming_state"))
    assert isinstance(await writer.write(), Delivered)
    assert shown(world.workspace) == TEXT
    assert world.seen()[-1]["used"] == ["age"], "the footer comes by an edit then"
    assert complete(world.workspace)


async def test_a_message_somebody_deleted_is_written_again(made: tuple[World, Writer]) -> None:
    world, writer = made
    async with world.app.platform.stream(writer.head) as growing:
        await writer.append(growing, PIECES[:20])
        gone = world.workspace.by_bot()[0]
        world.workspace.posts[gone.channel].remove(gone)
        await writer.append(growing, PIECES[20:])
        assert isinstance(await growing.finish(answer(TEXT)), Delivered)
    assert shown(world.workspace) == TEXT


@pytest.mark.parametrize("cut", ["before", "after"])
@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
async def test_broken_connections_neither_lose_nor_double_text(
    made: tuple[World, Writer], method: str, cut: str
) -> None:
    world, writer = made
    world.workspace.faults.append(Fault(method, cut=cut))
    delivery = await writer.write()
    if isinstance(delivery, Undelivered):
        assert not delivery.permanent
        delivery = await writer.write()
    assert isinstance(delivery, Delivered)
    assert shown(world.workspace) == TEXT
    assert complete(world.workspace)


async def test_a_long_answer_takes_several_messages_cut_between_paragraphs(made: tuple[World, Writer]) -> None:
    world, writer = made
    pieces = [f"Paragraph {number}: " + "word " * 60 + "\n\n" for number in range(120)]
    writer.text = "".join(pieces)
    assert isinstance(await writer.write(pieces), Delivered)
    posts = world.workspace.by_bot()
    assert len(posts) == 4
    assert all(post.shown().startswith("Paragraph") for post in posts)
    assert shown(world.workspace) == writer.text
    assert complete(world.workspace)


async def test_without_streams_a_message_is_edited_instead(made: tuple[World, Writer]) -> None:
    world, writer = made
    world.workspace.streams = False
    assert isinstance(await writer.write(), Delivered)
    methods = [call.method for call in world.workspace.calls]
    assert methods.count("chat.postMessage") == 1
    assert methods.count("chat.update") >= 2
    assert shown(world.workspace) == TEXT
    assert complete(world.workspace)


@pytest.mark.parametrize("length", [200, 30_000])
async def test_a_complete_answer_that_differs_replaces_what_was_streamed(
    made: tuple[World, Writer], length: int
) -> None:
    world, writer = made
    pieces = [f"A first version, {number}.\n\n" for number in range(1_000)]
    final = "Better said. " * (length // 13)
    assert isinstance(await writer.write(pieces, final), Delivered)
    assert "".join(shown(world.workspace).split()) == "".join(final.split())
    assert complete(world.workspace)


async def test_an_answer_left_unfinished_is_marked_and_written_anew_later(made: tuple[World, Writer]) -> None:
    world, writer = made

    async def fails() -> None:
        async with world.app.platform.stream(writer.head) as growing:
            await writer.append(growing, PIECES[:10])
            raise RuntimeError("the model went away")

    with pytest.raises(RuntimeError):
        await fails()
    assert shown(world.workspace).endswith(f"_{english(words.BROKEN_OFF)}_")
    assert not complete(world.workspace)
    assert isinstance(await writer.write(), Delivered)
    assert shown(world.workspace) == TEXT, "and the broken piece is gone"


async def test_a_cancelled_turn_is_marked(made: tuple[World, Writer]) -> None:
    world, writer = made
    started = asyncio.Event()

    async def turn() -> None:
        async with world.app.platform.stream(writer.head) as growing:
            await writer.append(growing, PIECES[:5])
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(turn())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert shown(world.workspace).endswith(f"_{english(words.BROKEN_OFF)}_")


@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
@pytest.mark.parametrize("cut", ["", "before", "after"])
async def test_the_core_may_deliver_whole_what_could_not_be_streamed(
    made: tuple[World, Writer], method: str, cut: str
) -> None:
    world, writer = made
    world.workspace.faults.append(Fault(method, error="" if cut else "internal_error", cut=cut, times=200))
    delivery = await writer.write()
    world.workspace.faults.clear()
    if isinstance(delivery, Undelivered):
        assert not delivery.permanent
        delivery = await world.app.platform.deliver(replace(writer.head, body=answer(TEXT, "age")))
    assert isinstance(delivery, Delivered)
    assert shown(world.workspace) == TEXT
    assert complete(world.workspace)


async def test_the_same_answer_is_not_written_twice(made: tuple[World, Writer]) -> None:
    world, writer = made
    first = await writer.write()
    assert await writer.write() == first
    assert await world.app.platform.deliver(writer.head) == first
    assert len(world.workspace.by_bot()) == 1


async def test_mentions_in_an_answer_notify_nobody(made: tuple[World, Writer]) -> None:
    world, writer = made
    writer.text = "Ask <!channel> or <@U2> or @here, see [this](https://evil.example)."
    assert isinstance(await writer.write(list(writer.text)), Delivered)
    raw = world.workspace.by_bot()[0].text
    assert "<!" not in raw
    assert "<@" not in raw
    assert "@here" not in raw
    assert "](" not in raw
    assert shown(world.workspace) == writer.text, "and looks the same"


async def test_a_refusal_in_the_middle_is_told_at_the_end(made: tuple[World, Writer]) -> None:
    world, writer = made
    async with world.app.platform.stream(writer.head) as growing:
        await writer.append(growing, PIECES[:5])
        world.workspace.channels["DU1"].archived = True
        await writer.append(growing, PIECES[5:])
        delivery = await growing.finish(answer(TEXT))
    assert delivery == Undelivered("Slack refused chat.appendStream: is_archived", permanent=True)


async def test_limits_on_one_channel_hold_up_no_other(made: tuple[World, Writer]) -> None:
    world, writer = made
    bob = world.user("U2")
    other = Writer(world, await bob.says("Me too"))
    world.workspace.faults.append(Fault("chat.startStream", retry_after=0.5, channel="DU1"))
    slow = asyncio.create_task(writer.write())
    assert isinstance(await other.write(), Delivered)
    assert not slow.done()
    assert isinstance(await slow, Delivered)
