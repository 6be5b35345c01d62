"""The whole path through the real discord.py: messages, buttons, forms, private ways, and what people do wrong."""

from __future__ import annotations

import logging

import pytest

from adapters.discord.ears import Count
from bot.chat import Chose, Command, Inbound, Notice, Outbound, Receipt, Said, Undelivered, Verb
from bot.clock import ManualClock
from bot.identity import DIRECT, Person, Place
from bot.private import Private
from tests.support.discord.model import Fault, controls
from tests.support.discord.world import CHANNEL, GUILD, MENTION, THREAD, Scene, a_scene
from tests.support.slack.intake import Turn
from tests.support.slack.scripts import question, say, stream


async def test_direct_message_question_button_answer() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        await scene.asked(ann, "What should I do?")
        item = scene.seen()[-1]
        assert (item["kind"], item["attribute"], item["place"], item["private"]) == ("question", "age", "dm", True)
        assert [each["id"] for each in item["choices"]] == ["age:young", "age:old", "age:skip", "age:why", "age:stop"]
        await scene.pressed(ann, ":age:young")
        item = scene.seen()[-1]
        assert item["kind"] == "answer"
        assert item["text"].startswith("Thank you for age:young. Here is my advice.")
        assert item["used"] == ["age"]
        settled = await scene.world.until(
            lambda: [each for post in ann.sees() for each in controls(post.components) if each["label"] == "✓ Under 30"]
        )
        assert settled[0]["disabled"]
        assert scene.intake.accepted[-1].person == Person("discord", "dm", "7001")


async def test_a_mention_in_a_channel_is_answered_there_by_a_reply() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        post = await scene.asked(ann, f"{MENTION} tell me something", CHANNEL)
        inbound = scene.intake.accepted[-1]
        assert inbound.person == Person("discord", str(GUILD), "7001")
        assert (inbound.space.place, inbound.space.id) == (Place.CHANNEL, str(CHANNEL))
        assert inbound.content == Said(Private("tell me something"))
        answer = ann.sees()[-1]
        assert (answer.channel, answer.reply_to) == (CHANNEL, post.id)
        assert all(allowed == {"parse": [], "replied_user": False} for allowed in scene.world.mentions_allowed)


async def test_a_reply_to_the_bot_counts_as_addressing_it() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        await scene.asked(ann, f"{MENTION} tell me something", CHANNEL)
        await scene.asked(ann, "and more?", CHANNEL, reply_to=ann.sees()[-1].id, ping=True)
        assert scene.intake.accepted[-1].content == Said(Private("and more?"))


async def test_without_the_intent_a_silent_reply_is_told_how_to_be_read() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        await scene.asked(ann, f"{MENTION} tell me something", CHANNEL)
        await ann.says("you cannot read this", CHANNEL, reply_to=ann.sees()[-1].id)
        await ann.until_sees("I can only read messages here that mention me")
        assert len(scene.intake.accepted) == 1


async def test_with_the_intent_a_thread_goes_on_without_a_mention() -> None:
    async with a_scene(content=True) as scene:
        ann, bob = scene.user(), scene.user(7_002)
        await scene.asked(ann, f"{MENTION} tell me something", THREAD)
        await scene.asked(ann, "go on", THREAD)
        await bob.says("nice weather", THREAD)
        await ann.says("<@7002> really?", THREAD)
        await ann.says("in the channel beside it", CHANNEL)
        await scene.asked(ann, "last one", THREAD)
        assert [each.content.text.reveal() for each in scene.intake.accepted if isinstance(each.content, Said)] == [
            "tell me something",
            "go on",
            "last one",
        ]


async def test_only_the_person_asked_can_answer() -> None:
    async with a_scene() as scene:
        ann, bob = scene.user(), scene.user(7_002)
        await scene.asked(ann, f"{MENTION} what should I do?", CHANNEL)
        await bob.clicks(":age:old")
        whisper = await bob.until_sees("for somebody else")
        assert whisper.only == bob.id
        assert len(scene.intake.accepted) == 1
        await scene.pressed(ann, ":age:old")
        assert scene.intake.accepted[-1].content == Chose("age:old")
        assert scene.intake.accepted[-1].space.place is Place.CHANNEL


async def test_a_private_question_goes_to_direct_messages_and_its_answer_comes_from_there() -> None:
    async with a_scene() as scene:
        ann, bob = scene.user(), scene.user(7_002)
        post = await scene.asked(ann, f"{MENTION} something sensitive?", CHANNEL)
        assert [(item["kind"], item["place"]) for item in scene.seen()] == [("question", "dm")]
        assert bob.sees() == []
        await scene.world.until(lambda: post.reactions)
        await scene.asked(ann, "rather low")
        inbound = scene.intake.accepted[-1]
        assert inbound.space == DIRECT
        assert inbound.person == Person("discord", str(GUILD), "7001"), "the reply belongs to the server it is about"


async def test_after_a_restart_direct_messages_are_still_about_the_server_that_asked() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        await scene.asked(ann, f"{MENTION} something sensitive?", CHANNEL)
        scene.app.platform.ways.places.unsure()
        await scene.asked(ann, "rather low")
        assert scene.intake.accepted[-1].person.workspace == str(GUILD)


async def closed(scene: Scene) -> None:
    """Ann takes no direct messages and asks something sensitive."""
    scene.world.closed_dms.add(7_001)
    await scene.asked(scene.user(), f"{MENTION} something sensitive?", CHANNEL)


async def test_with_closed_direct_messages_a_button_opens_the_question() -> None:
    async with a_scene() as scene:
        ann, bob = scene.user(), scene.user(7_002)
        await closed(scene)
        pointer = ann.sees()[-1]
        assert "said in private" in pointer.content
        assert "mood" not in pointer.content
        button = controls(pointer.components)[0]
        assert button["label"] == "Answer privately"
        await bob.clicks(button["custom_id"])
        await bob.until_sees("for somebody else")
        await ann.clicks(button["custom_id"])
        form = await ann.form()
        group = form["components"][1]["component"]
        assert (group["type"], [each["value"] for each in group["options"]][:2]) == (21, ["mood:young", "mood:old"])
        made = await ann.submits(choice="mood:young", words="rather low")
        await scene.taken(made.id)
        inbound = scene.intake.accepted[-1]
        assert (inbound.content, inbound.space) == (Chose("mood:young", Private("rather low")), DIRECT)
        answer = await ann.until_sees("Thank you for mood:young")
        assert (answer.only, answer.channel) == (ann.id, CHANNEL)
        assert not [post for post in bob.sees() if "mood" in post.shown()]


async def test_own_words_in_a_form_are_said_in_private() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        await closed(scene)
        await ann.clicks(controls(ann.sees()[-1].components)[0]["custom_id"])
        await scene.taken((await ann.submits(words="tired, mostly")).id)
        assert scene.intake.accepted[-1].content == Said(Private("tired, mostly"))
        assert scene.intake.accepted[-1].space == DIRECT


async def test_an_empty_form_changes_nothing() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        await closed(scene)
        await ann.clicks(controls(ann.sees()[-1].components)[0]["custom_id"])
        await ann.submits()
        await ann.until_sees("That was empty")
        assert len(scene.intake.accepted) == 1


async def test_an_envelope_lost_in_a_restart_is_asked_for_again() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        await closed(scene)
        await scene.app.envelopes.erase(scene.intake.accepted[-1].person)
        await scene.pressed(ann, controls(ann.sees()[-1].components)[0]["custom_id"])
        assert scene.intake.accepted[-1].content == Chose("mood:why")
        whisper = await ann.until_sees("It helps me to give advice that fits.")
        assert whisper.only == ann.id


async def test_crisis_in_a_channel_reaches_the_person_privately_even_with_closed_direct_messages() -> None:
    async with a_scene() as scene:
        ann, bob = scene.user(), scene.user(7_002)
        await scene.asked(ann, f"{MENTION} I want to die", CHANNEL)
        assert [(item["kind"], item["place"]) for item in scene.seen()][:1] == [("crisis", "dm")]
        scene.world.closed_dms.add(ann.id)
        await scene.asked(ann, f"{MENTION} I want to die, really", CHANNEL)
        pointer = next(post for post in ann.sees() if controls(post.components))
        await ann.clicks(controls(pointer.components)[0]["custom_id"])
        whisper = await ann.until_sees("988")
        await scene.world.until(lambda: [post for post in ann.sees() if post.only and "988" in post.content])
        assert not [post for post in bob.sees() if "988" in post.shown()]
        assert whisper is not None


async def test_a_crisis_told_by_command_is_answered_on_the_spot_and_by_direct_message() -> None:
    async with a_scene() as scene:
        ann = scene.user()
        await scene.taken((await ann.commands("raise ask", CHANNEL, question="I want to die")).id)
        crisis = [post for post in ann.sees() if "988" in post.content]
        assert [(post.channel, post.only) for post in crisis] == [(CHANNEL, ann.id), (ann.direct, 0)]


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
        assert (inbound.content, inbound.space, inbound.locale) == (content, DIRECT, "en-US")
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


# -- bad input -----------------------------------------------------------------------------------------------------


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
