"""The whole path through the real discord.py: messages, buttons, forms, private ways, and what people do wrong."""

from __future__ import annotations

from bot.chat import Chose, Said
from bot.identity import Person, Place
from bot.private import Private
from tests.support.discord.model import controls
from tests.support.discord.people import User
from tests.support.discord.world import CHANNEL, GUILD, MENTION, THREAD, a_scene


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


async def test_whether_an_answer_helped_is_recorded_once() -> None:
    async with a_scene() as scene:
        ann, bob = scene.user(), scene.user(7_002)
        await scene.asked(ann, "tell me something")
        answer = ann.sees()[-1]
        assert [each["label"] for each in controls(answer.components)] == ["Helpful", "Not helpful"]
        turn = scene.intake.accepted[0].turn_id
        pressed = await ann.clicks(":+" + f"{turn}:answer")
        await scene.world.until(lambda: scene.heard.feedback)
        assert scene.heard.feedback == [(Person("discord", "dm", "7001"), f"{turn}:answer", True)]
        (button,) = controls(scene.world.posts[pressed.message].components)
        assert (button["label"], button["disabled"]) == ("✓ Helpful", True)
        assert answer.content.startswith("You said")
        await scene.asked(ann, f"{MENTION} tell me something", CHANNEL)
        theirs = controls(ann.sees()[-1].components)[1]["custom_id"]
        await bob.clicks(theirs)
        await bob.until_sees("for somebody else")
        await ann.clicks(theirs)
        await scene.world.until(lambda: len(scene.heard.feedback) == 2)
        assert scene.heard.feedback[1][0] == Person("discord", str(GUILD), "7001")
        assert scene.heard.feedback[1][2] is False
        assert len(scene.intake.accepted) == 2, "the core is not concerned"


async def test_what_the_adapter_says_is_in_the_persons_language() -> None:
    async with a_scene() as scene:
        ann = User(scene.server, 7_001, locale="de")
        await scene.taken((await ann.commands("raise ask", CHANNEL, question="What should I do?")).id)
        assert "In eigenen Worten" in [each["label"] for each in controls(ann.sees()[-1].components)]
        await ann.says("", files=("photo.png",))
        await ann.until_sees("Dateien kann ich nicht")
        await scene.asked(ann, "tell me something")
        assert "Von einer KI geschrieben" in ann.sees()[-1].content
        await ann.presses_raw("x", ann.sees()[-1])
        await ann.until_sees("Dieser Knopf ist von einer früheren Version")
