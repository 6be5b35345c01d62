"""What the adapter says on its own: in the person's language, and nothing twice."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.models.scripted import Scripted
from adapters.slack import words
from tests.support.slack.bot import english, lines
from tests.support.slack.face import slack_face
from tests.support.slack.model import BOT_USER, Fault, Post
from tests.support.slack.world import World, a_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world("http") as made:
        yield made


def german(phrase_id: str, **values: object) -> str:
    found = lines("de", phrase_id, **values)
    assert found != english(phrase_id, **values), "translated"
    return found


@pytest.mark.parametrize("shown", [True, False])
async def test_after_a_crisis_in_a_channel_one_line_says_that_help_waits_in_private(shown: bool) -> None:
    async with slack_face("http") as face:
        if not shown:
            face.workspace.faults.append(Fault("chat.postEphemeral", error="user_not_in_channel"))
        await face.say("ann", "I want to kill myself", place="channel")
        (note,) = [each.text for each in face.workspace.whispers if each.user == "UANN"]
        assert ("988" in note) is shown
        assert (english("crisis.place") in note) is not shown
        (sent,) = face.workspace.by_bot()
        assert sent.channel == "DUANN"
        assert "988" in sent.shown()


async def test_notes_are_in_the_persons_language(world: World) -> None:
    ann = world.user(locale="de-AT")
    await ann.says("", files=True)
    await world.workspace.until(world.seen)
    assert world.seen()[-1]["text"] == german(words.FILES_ONLY)
    told = await ann.slash("privacy", "C1")
    assert told["text"] == german(words.IN_DIRECT)
    button = {"type": "button", "action_id": "old", "text": {"type": "plain_text", "text": "x"}, "value": "1"}
    world.workspace.put(
        Post(world.workspace.ts(), "C1", BOT_USER, "old", blocks=[{"type": "actions", "elements": [button]}])
    )
    await ann.clicks("old")
    await world.workspace.until(world.whispers)
    assert world.whispers() == [german(words.OLD_BUTTON)]
    await ann.opens("messages")
    prompts = await world.workspace.until(lambda: world.workspace.prompts.get(ann.direct))
    assert [(each["title"], each["message"]) for each in prompts] == [
        (german(title), german(message)) for title, message in words.PROMPTS
    ]


async def test_what_surrounds_a_question_is_in_the_persons_language(world: World) -> None:
    ann = world.user(locale="de-DE")
    await ann.says("<@UBOT> something sensitive?", "C1")
    await world.intake.idle()
    assert world.workspace.whispers[-1].text == german(words.POINTER)
    element, _ = ann.button("answer_privately")
    assert element["text"]["text"] == german(words.ANSWER_PRIVATELY)
    await ann.clicks("answer_privately")
    assert ann.modal.view["submit"]["text"] == german(words.SEND)
    problems = await ann.submits()
    assert problems["errors"]["words"] == german(words.PICK_ONE)
    await ann.submits(words="tired, mostly")
    await world.workspace.until(lambda: german(words.SENT) in world.whispers())
    await ann.opens()
    await world.intake.idle()
    assert german(words.HOME_INTRO) in str(world.workspace.homes["U1"]["blocks"])


@pytest.mark.parametrize("shown", [True, False], ids=["in the middle", "while it begins"])
async def test_the_stop_button_ends_the_turn_and_says_so(shown: bool) -> None:
    """The real core: an answer that would never end."""
    provider = Scripted.of({"purpose": "answer", "text": "I think that you", "hang": True, "after_chunks": 2})
    async with slack_face("http", provider=provider) as face:
        ann = face.user("ann")
        asked = await ann.says("set a timer for ten minutes please")
        place = (ann.direct, asked.ts)
        begun = face.workspace.by_bot if shown else lambda: face.workspace.status.get(place) == "processing"
        await face.workspace.until(begun)
        await ann.stops(asked)
        await face.app.intake.finished(f"slack:T1:{ann.direct}-{asked.ts}")
        await face.workspace.until(lambda: [each for each in face.workspace.by_bot() if each.shown() == "Stopped."])
        await face.workspace.until(lambda: face.workspace.status.get(place) == "active")
        await face.workspace.until(lambda: {each.stream for each in face.workspace.by_bot()} == {"", "stopped"})
        (cut,) = [each for each in face.workspace.by_bot() if each.stream]
        assert cut.shown().startswith("I")
        assert english(words.BROKEN_OFF) in cut.shown()


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_what_the_core_cannot_take_gets_a_polite_line(mode: str) -> None:
    async with slack_face(mode) as face:
        await face.say("ann", "long " * 8_000)
        await face.say("ann", "\u200b")
        await face.say("ann", "set a timer for ten minutes please")
        told = [item["text"] for item in await face.seen("ann")]
        assert "longer than I can read at once" in told[0]
        assert len(told) == 3, "each is answered, and nothing stands in the way of the next"
