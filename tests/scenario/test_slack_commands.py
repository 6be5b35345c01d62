"""``/raise`` and App Home over the real core: what a person can see and settle for themselves."""

from __future__ import annotations

import pytest

from tests.support.slack.face import SlackFace, slack_face
from tests.support.slack.model import Json

HEARTBREAK = "my girlfriend left me and I do not know how to go on"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "I'm an AI assistant"),
        ("help", "I'm an AI assistant"),
        ("what?", "I'm an AI assistant"),
        ("privacy", "I don't know anything about you"),
        ("forget age", "nothing"),
        ("pause", "Paused"),
        ("why", "I haven't asked or answered anything yet"),
    ],
)
async def test_each_command_is_answered_in_private(words: str, told: str) -> None:
    async with slack_face("http") as face:
        ann = face.user("ann")
        face.workspace.channels["CGENERAL"].members.add(ann.id)
        note = await ann.slash(words, "CGENERAL")
        assert note["response_type"] == "ephemeral"
        await face.app.intake.finished(f"slack:T1:cmd~{ann.commanded['trigger_id']}")
        (item,) = await face.seen("ann")
        assert item["place"] == "dm"
        assert told.lower() in item["text"].lower()


def _home(face: SlackFace) -> str:
    home: Json = face.workspace.homes.get("UANN", {})
    return str(home)


async def test_app_home_shows_what_is_known_until_when_and_forgets_it() -> None:
    async with slack_face("http") as face:
        ann = face.user("ann")
        await face.say("ann", HEARTBREAK)
        question = (await face.seen("ann"))[-1]
        await face.choose("ann", question["choices"][0]["id"])
        await ann.opens()
        await face.workspace.until(lambda: "kept until" in _home(face))
        assert question["choices"][0]["label"] in _home(face)
        await ann.clicks(f"choose:do:forget.{question['attribute']}")
        await face.workspace.until(lambda: question["choices"][0]["label"] not in _home(face))
        assert "my girlfriend" in _home(face), "one thing was forgotten, and no other"
