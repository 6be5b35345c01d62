"""What people and Discord do wrong."""

from __future__ import annotations

import pytest

from adapters.discord.ears import Count
from bot.chat import Command, Notice, Outbound, Said, Undelivered, Verb
from bot.clock import ManualClock
from bot.identity import DIRECT, Person
from bot.private import Private
from tests.support.discord.world import CHANNEL, GUILD, MENTION, a_scene
from tests.support.slack.intake import Turn
from tests.support.slack.scripts import question, say, stream


async def test_a_button_of_an_old_release_says_so() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        await scene.asked(ann, "What should I do?")
        for old in ("age:young", "r0c:age:young", "r1zd:age:young", "x" * 100):
            await ann.presses_raw(old, ann.sees()[0])
            await scene.world.until(lambda old=old: [post for post in ann.sees() if "earlier version" in post.content])
        assert len(scene.intake.accepted) == 1


async def test_a_command_of_an_old_release_says_so() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        await ann.commands("privacy shred")
        await ann.until_sees("That command has changed")


async def test_an_expired_token_costs_nothing_but_the_ephemeral_answer() -> None:
    clock = ManualClock()

    async def slow(turn: Turn) -> None:
        clock.advance(1_000)
        await say(turn, "question", question())

    async with a_scene(slow, clock=clock) as scene:
        ann = scene.user()
        await scene.taken((await ann.commands("raise ask", CHANNEL, question="What should I do?")).id)
        assert scene.seen()[-1]["kind"] == "question"
        assert scene.seen()[-1]["place"] == "dm"


async def test_an_interaction_that_expired_before_it_was_heard_is_still_taken_in() -> None:
    clock = ManualClock()
    async with a_scene(clock=clock) as scene:
        ann = scene.user()
        await scene.asked(ann, "What should I do?")
        interactions = scene.world.interactions
        made = await ann.clicks(":age:young")
        del interactions[made.id]
        await scene.taken(made.id)
        assert scene.seen()[-1]["kind"] == "answer"


async def test_a_deleted_channel_leads_to_direct_messages() -> None:
    async def gone(turn: Turn) -> None:
        scene.world.channels.pop(CHANNEL, None)
        await stream(turn, "An answer.")

    async with a_scene(gone) as scene:
        ann = scene.user()
        post = await ann.says(f"{MENTION} tell me", CHANNEL)
        await scene.intake.finished(f"discord:{GUILD}:{post.id}")
        await scene.world.until(lambda: [each for each in scene.world.by_bot() if "An answer." in each.content])
        assert next(iter(scene.world.by_bot())).channel == ann.direct


async def test_a_missing_permission_is_named(caplog: pytest.LogCaptureFixture) -> None:
    async with a_scene() as scene:
        ann = scene.user()
        channel = scene.world.channels[CHANNEL]
        channel.refusal, channel.permissions = 50_013, 1 << 10 | 1 << 16
        await scene.asked(ann, f"{MENTION} what should I do?", CHANNEL)
        assert scene.seen()[-1]["place"] == "dm"
        assert f"missing permission in channel {CHANNEL} of server {GUILD}: Send Messages" in caplog.text
        assert "View Channel" not in caplog.text


async def test_long_messages_both_ways() -> None:
    async def long(turn: Turn) -> None:
        await stream(turn, "\n\n".join(f"Paragraph {number}. " + "word " * 150 for number in range(9)))

    async with a_scene(long) as scene:
        ann = scene.user()
        await scene.asked(ann, "x" * 4_000)
        content = scene.intake.accepted[-1].content
        assert isinstance(content, Said)
        assert len(content.text.reveal()) == 4_000
        posts = ann.sees()
        assert len(posts) == 5
        assert all(len(post.content) <= 2_000 for post in posts)
        assert all(post.content.startswith("Paragraph") for post in posts), "split at paragraphs"


async def test_files_alone_are_met_with_a_line() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        await ann.says("", files=("photo.png",))
        await ann.until_sees("I can't open files")
        await ann.says(MENTION, CHANNEL, files=("photo.png",))
        await scene.world.until(
            lambda: [post for post in ann.sees() if "files" in post.shown() and post.channel == CHANNEL]
        )


async def test_a_bare_mention_asks_for_help() -> None:
    async with a_scene() as scene:
        await scene.asked(scene.user(), MENTION, CHANNEL)
        assert scene.intake.accepted[-1].content == Command(Verb.HELP)


async def test_bots_and_webhooks_are_not_talked_to() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        await scene.user(7_009).says("hello", by_bot=True)
        await ann.says(f"{MENTION} hello", CHANNEL, webhook=99)
        await scene.asked(ann, "tell me")
        assert len(scene.intake.accepted) == 1
        assert scene.heard.counts[Count.SKIPPED] == 2


async def test_someone_who_blocks_the_bot_does_not_hold_it_up() -> None:
    async with a_scene() as scene:
        ann, bob = scene.user(), scene.user(7_002)
        scene.world.closed_dms.add(ann.id)
        await scene.asked(ann, "tell me")
        await scene.asked(bob, "tell me")
        assert [post.channel for post in scene.world.by_bot()] == [bob.direct]


async def test_a_deleted_account_is_reported() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        scene.world.deleted_users.add(ann.id)
        scene.world.channels.pop(ann.direct)
        await scene.taken((await ann.commands("raise help", CHANNEL)).id)
        notice = Outbound("n1", Person("discord", "dm", str(ann.id)), DIRECT, Notice(Private("Hello")), "t1")
        outcome = await scene.app.platform.deliver(notice)
        assert isinstance(outcome, Undelivered)
        assert outcome.permanent
        await scene.world.until(lambda: scene.heard.users == [str(ann.id)])
