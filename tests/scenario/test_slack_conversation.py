"""The whole path through the real slack-bolt, in both modes: message, question, button or modal, streamed answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.chat import Chose, Command, Said, Stopped, Verb
from bot.identity import DIRECT, Person, Place
from tests.support.slack.world import World, a_world


@pytest.fixture(params=["socket", "http"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(request.param) as made:
        yield made


async def test_direct_message_question_button_answer(world: World) -> None:
    ann = world.user()
    asked = await ann.says("What should I do?")
    await world.intake.idle()
    item = world.seen()[-1]
    assert (item["kind"], item["attribute"], item["place"], item["private"]) == ("question", "age", "dm", True)
    assert [choice["id"] for choice in item["choices"]] == ["age:young", "age:old", "age:skip", "age:why", "age:stop"]

    await ann.clicks("choose:age:young")
    await world.intake.idle()
    item = world.seen()[-1]
    assert item["kind"] == "answer"
    assert str(item["text"]).startswith("Thank you for age:young. Here is my advice.")
    assert item["used"] == ["age"]
    replies = world.workspace.thread(ann.direct, asked.ts)
    assert [post.user for post in replies] == ["U1", "UBOT", "UBOT"], "everything stays in the thread"
    assert world.workspace.status[(ann.direct, asked.ts)] == "active"


async def test_mention_in_a_channel_goes_on_in_its_thread(world: World) -> None:
    ann = world.user()
    asked = await ann.says("<@UBOT> what should I do?", "C1")
    await world.intake.idle()
    assert len(world.intake.accepted) == 1, "message and app_mention are one event"
    inbound = world.intake.accepted[0]
    assert inbound.content == Said(inbound.content.text)
    assert inbound.content.text.reveal() == "what should I do?"
    assert (inbound.space.place, inbound.space.id) == (Place.CHANNEL, f"C1/{asked.ts}")
    assert inbound.person == Person("slack", "T1", "U1")
    assert inbound.locale == "en-US"

    await ann.says("I am 25", "C1", asked.ts)
    await world.intake.idle()
    assert world.seen()[-1]["text"] == "You said: I am 25"
    assert all(post.root == asked.ts for post in world.workspace.by_bot())


async def test_others_in_the_thread_are_left_alone(world: World) -> None:
    ann, bob = world.user(), world.user("U2")
    asked = await ann.says("<@UBOT> what should I do?", "C1")
    await bob.says("I'd wait", "C1", asked.ts)
    await ann.says("<@U2> really?", "C1", asked.ts)
    await bob.says("hello everyone", "C1")
    await world.intake.idle()
    assert [each.person.user for each in world.intake.accepted] == ["U1"]


async def test_only_the_person_asked_can_answer(world: World) -> None:
    ann, bob = world.user(), world.user("U2")
    await ann.says("<@UBOT> what should I do?", "C1")
    await world.intake.idle()
    await bob.clicks("choose:age:old")
    await world.workspace.until(lambda: [each for each in world.workspace.whispers if each.user == "U2"])
    assert len(world.intake.accepted) == 1
    await ann.clicks("choose:age:old")
    await world.intake.idle()
    assert world.intake.accepted[-1].content == Chose("age:old")
    assert world.intake.accepted[-1].space.place is Place.CHANNEL


async def test_sensitive_question_in_a_channel_is_asked_in_private(world: World) -> None:
    ann = world.user()
    world.user("U2")
    await ann.says("<@UBOT> something sensitive?", "C1")
    await world.intake.idle()
    assert [(item["kind"], item["place"]) for item in world.seen()] == [("question", "dm")]
    assert world.seen("U2") == []
    assert world.workspace.whispers[-1].user == "U1"

    await ann.clicks("answer_privately")
    assert ann.modal.view["private_metadata"]
    problems = await ann.submits()
    assert problems["response_action"] == "errors"
    await ann.submits("mood:young", "rather low")
    await world.intake.idle()
    inbound = world.intake.accepted[-1]
    assert isinstance(inbound.content, Chose)
    assert inbound.content.choice == "mood:young"
    assert inbound.content.text is not None
    assert inbound.content.text.reveal() == "rather low"
    assert inbound.space == DIRECT
    assert world.seen()[-1]["place"] == "dm"
    assert world.seen("U2") == []


async def test_own_words_in_a_modal(world: World) -> None:
    ann = world.user()
    await ann.says("<@UBOT> something sensitive?", "C1")
    await world.intake.idle()
    await ann.clicks("answer_privately")
    await ann.submits(words="tired, mostly")
    await world.intake.idle()
    inbound = world.intake.accepted[-1]
    assert isinstance(inbound.content, Said)
    assert inbound.content.text.reveal() == "tired, mostly"
    assert inbound.space == DIRECT


async def test_crisis_in_a_channel_also_goes_by_direct_message(world: World) -> None:
    ann = world.user()
    world.user("U2")
    await ann.says("<@UBOT> I want to die", "C1")
    crisis = [item for item in world.seen() if item["kind"] == "crisis"]
    assert [(item["place"], item["private"]) for item in crisis] == [("dm", True)]
    assert "988" in str(crisis[0]["text"])
    assert "988" in world.workspace.whispers[0].blocks[0]["text"], "and at once where the person is"
    await world.intake.idle()
    assert not [item for item in world.seen("U2") if "988" in str(item["text"])]


async def test_slash_command_is_answered_in_private(world: World) -> None:
    ann = world.user()
    told = await ann.slash("privacy", "C1")
    await world.intake.idle()
    assert told["response_type"] == "ephemeral"
    assert world.intake.accepted[-1].content == Command(Verb.PRIVACY)
    assert world.seen()[-1]["place"] == "dm"
    await ann.slash("forget age")
    await world.intake.idle()
    content = world.intake.accepted[-1].content
    assert isinstance(content, Command)
    assert (content.verb, content.argument.reveal()) == (Verb.FORGET, "age")


async def test_app_home_shows_what_is_known_and_its_buttons_work(world: World) -> None:
    ann = world.user()
    await ann.opens()
    await world.intake.idle()
    home = world.workspace.homes["U1"]
    assert "This is privacy." in str(home["blocks"])
    assert world.seen() == [], "it is shown there and nowhere else"
    await ann.clicks("choose:privacy:export")
    await world.workspace.until(lambda: len(world.intake.accepted) == 3)
    await world.intake.idle()
    kinds = [type(each.content) for each in world.intake.accepted]
    assert kinds == [Command, Chose, Command], "after a click App Home is drawn again"


async def test_opening_the_messages_suggests_how_to_begin(world: World) -> None:
    ann = world.user()
    await ann.opens("messages")
    prompts = await world.workspace.until(lambda: world.workspace.prompts.get(ann.direct))
    assert all(prompt["title"] and prompt["message"] for prompt in prompts)


async def test_the_stop_button_reaches_the_core(world: World) -> None:
    ann = world.user()
    asked = await ann.says("go on")
    await ann.stops(asked)
    await world.intake.idle()
    assert world.intake.accepted[-1].content == Stopped()
    assert world.seen()[-1]["text"] == "Okay, I stopped."
    await world.workspace.until(lambda: world.workspace.status[(ann.direct, asked.ts)] == "active")


async def test_feedback_is_recorded(world: World) -> None:
    ann = world.user()
    await ann.says("hello")
    await world.intake.idle()
    element, where = ann.button("feedback")
    assert where is not None
    element["value"] = element["positive_button"]["value"]
    await ann.clicks("feedback")
    await world.workspace.until(lambda: True)
    assert world.heard.feedback == [(Person("slack", "T1", "U1"), f"{world.intake.accepted[0].turn_id}:answer", True)]


async def test_a_question_answered_loses_its_buttons(world: World) -> None:
    ann = world.user()
    await ann.says("What now?")
    await world.intake.idle()
    await ann.clicks("choose:age:skip")
    post = next(post for post in world.workspace.by_bot() if "May I ask" in post.shown())
    await world.workspace.until(lambda: post.edited)
    assert not [block for block in post.blocks if block["type"] == "actions"]
    assert post.metadata is not None, "still recognised after a restart"
