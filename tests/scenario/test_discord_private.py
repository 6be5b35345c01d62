"""Private ways: direct messages, buttons for those who take none, crisis, context menu."""

from __future__ import annotations

from bot.chat import Chose, Said
from bot.identity import DIRECT, Person
from bot.private import Private
from tests.support.discord.model import controls
from tests.support.discord.world import CHANNEL, GUILD, MENTION, Scene, a_scene


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
        await ann.until_sees("Pick one")
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
        pointer = next(post for post in ann.sees() if "Only you can open it" in post.content)
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
