"""Commands: answered to the person alone, never left thinking, once."""

from __future__ import annotations

import logging

import pytest

from adapters.discord.ears import Count
from adapters.discord.ids import channel_space
from bot.chat import Command, Inbound, Notice, Receipt, Said, Verb
from bot.identity import DIRECT
from bot.private import Private
from tests.support.discord.model import Fault
from tests.support.discord.world import CHANNEL, a_scene
from tests.support.slack.intake import Turn
from tests.support.slack.scripts import say


@pytest.mark.parametrize(
    ("name", "options", "content"),
    [
        ("raise help", {}, Command(Verb.HELP)),
        ("raise human", {}, Command(Verb.HUMAN)),
        ("privacy show", {}, Command(Verb.PRIVACY)),
        ("privacy export", {}, Command(Verb.EXPORT)),
        ("privacy forget", {"item": "age"}, Command(Verb.FORGET, Private("age"))),
        ("privacy correct", {"item": "age", "value": "35"}, Command(Verb.CORRECT, Private("age 35"))),
        ("privacy forget-me", {}, Command(Verb.FORGET_ME)),
        ("privacy pause", {}, Command(Verb.PAUSE)),
        ("privacy resume", {}, Command(Verb.RESUME)),
    ],
)
async def test_commands_in_a_channel_are_answered_to_the_person_alone(
    name: str, options: dict[str, str], content: Command
) -> None:
    async with a_scene() as scene:
        ann = scene.user()
        await scene.taken((await ann.commands(name, CHANNEL, **options)).id)
        inbound = scene.intake.accepted[-1]
        # What is known is shown with where it may be used: here is where it was asked.
        space = channel_space(CHANNEL) if name == "privacy show" else DIRECT
        assert (inbound.content, inbound.space, inbound.locale) == (content, space, "en-US")
        post = ann.sees()[-1]
        assert (post.only, post.channel, post.panel) == (ann.id, CHANNEL, True)


async def test_why_is_about_the_channel_it_is_asked_in() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        await scene.taken((await ann.commands("raise why", CHANNEL)).id)
        assert scene.intake.accepted[-1].space.id == str(CHANNEL)
        assert ann.sees()[-1].only == ann.id


async def test_ask_is_a_private_conversation_in_the_channel() -> None:
    async with a_scene() as scene:
        ann, bob = scene.user(), scene.user(7_002)
        await scene.taken((await ann.commands("raise ask", CHANNEL, question="What should I do?")).id)
        asked = ann.sees()[-1]
        assert asked.only == ann.id
        await scene.pressed(ann, ":age:old")
        answer = ann.sees()[-1]
        assert (answer.only, answer.channel) == (ann.id, CHANNEL)
        assert scene.intake.accepted[-1].space == DIRECT
        assert bob.sees() == []


async def test_own_words_where_nobody_can_write() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        await scene.taken((await ann.commands("raise ask", CHANNEL, question="What should I do?")).id)
        await ann.clicks("wd:age")
        await scene.taken((await ann.submits(words="in my thirties")).id)
        assert scene.intake.accepted[-1].content == Said(Private("in my thirties"))


async def test_ask_privately_about_a_message() -> None:
    async with a_scene() as scene:
        ann, bob = scene.user(), scene.user(7_002)
        post = await bob.says("nobody would miss me anyway", CHANNEL)
        await ann.asks_about(post)
        form = await ann.form()
        assert form["components"][1]["component"]["value"] == "nobody would miss me anyway"
        await scene.taken((await ann.submits(words="What do I say to him")).id)
        content = scene.intake.accepted[-1].content
        assert isinstance(content, Said)
        assert content.text.reveal().startswith("What do I say to him\n\nIt is about this message:\n> nobody would")
        assert ann.sees()[-1].only == ann.id
        assert bob.sees() == []


async def test_a_command_is_never_left_thinking() -> None:
    async def elsewhere(turn: Turn) -> None:
        turn.platform.ways.visits.live(turn.inbound.turn_id).failed = True  # type: ignore[attr-defined,union-attr]
        await say(turn, "notice", Notice(Private("By another way."), private=True))

    async with a_scene(elsewhere) as scene:
        ann = scene.user()
        await scene.taken((await ann.commands("raise help", CHANNEL)).id)
        assert (await ann.until_sees("By another way.")).channel == ann.direct


@pytest.mark.parametrize("cut", ["before", "after"])
async def test_an_answer_to_a_command_is_shown_once_when_the_line_breaks(cut: str) -> None:
    async with a_scene() as scene:
        ann = scene.user()
        scene.world.faults.append(Fault("PATCH /webhooks", cut=cut))
        await scene.taken((await ann.commands("privacy show", CHANNEL)).id)
        assert [(post.only, post.channel) for post in ann.sees()] == [(ann.id, CHANNEL)]


async def test_an_error_leaves_no_words_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def broken(inbound: Inbound) -> Receipt:
        raise ValueError(f"about {inbound.content}: my secret")

    async with a_scene() as scene:
        scene.intake.accept = broken  # type: ignore[method-assign]
        ann = scene.user()
        await ann.says("my secret")
        await ann.commands("raise ask", question="my secret")
        await scene.world.until(lambda: scene.heard.counts[Count.FAILED] >= 2)
        await scene.world.until(lambda: len([post for post in ann.sees() if "right now" in post.shown()]) == 2)
    assert "my secret" not in caplog.text
