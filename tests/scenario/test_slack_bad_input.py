"""What should not be answered is not, what cannot be read is told politely, and nothing falls over."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from adapters.slack import words
from adapters.slack.ears import Count
from bot.chat import Said
from tests.support.slack import payloads
from tests.support.slack.bot import english
from tests.support.slack.doors import HttpDoor, NotAcknowledged, sign
from tests.support.slack.model import BOT, BOT_USER, Fault, Json, Post
from tests.support.slack.world import World, a_world


@pytest.fixture(params=["socket", "http"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(request.param) as made:
        yield made


@pytest.fixture
async def web() -> AsyncIterator[World]:
    async with a_world("http") as made:
        yield made


async def post(world: World, body: str, headers: dict[str, str]) -> int:
    assert isinstance(world.door, HttpDoor)
    headers = {"Content-Type": "application/json", **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.post(world.door.url, data=body.encode(), headers=headers) as answer,
    ):
        assert "Traceback" not in await answer.text()
        return answer.status


def hello(world: World) -> str:
    world.user()
    message = Post(world.workspace.ts(), "DU1", "U1", "hello")
    return json.dumps(payloads.event(world.workspace, payloads.message(world.workspace, message)))


@pytest.mark.parametrize(
    "headers",
    [
        lambda body: sign(body, secret="somebody else's"),
        lambda body: sign(body, at=time.time() - 301),
        lambda body: sign(body, at=time.time() + 301),
        lambda body: sign(body + " "),
        lambda body: {},
        lambda body: {"X-Slack-Signature": "v0=é", "X-Slack-Request-Timestamp": "1"},
        lambda body: {**sign(body), "X-Slack-Request-Timestamp": "yesterday"},
        lambda body: {**sign(body), "X-Slack-Signature": ""},
    ],
)
async def test_forged_and_stale_requests_are_refused_and_counted(web: World, headers: object) -> None:
    body = hello(web)
    assert callable(headers)
    assert await post(web, body, headers(body)) == 401
    assert web.heard.counts == {Count.FORGED: 1}
    assert web.intake.accepted == []


async def test_a_right_signature_is_taken(web: World) -> None:
    body = hello(web)
    assert await post(web, body, sign(body)) == 200
    assert len(web.intake.accepted) == 1


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", '"text"', "null", "7", "{}" * 2, '{"type":"event_callback"}', '{"type":"event_callback","event":7}',
     '{"type":"event_callback","event":{"type":"message"},"authorizations":7}',
     '{"type":"block_actions","user":"U1"}', "[" * 100_000],
)  # fmt: skip
async def test_what_cannot_be_read_is_turned_away_for_good(web: World, body: str) -> None:
    assert await post(web, body, sign(body)) == 400
    assert web.heard.counts == {Count.MALFORMED: 1}


@pytest.mark.parametrize(
    "body",
    [
        {"type": "who knows", "team": {"id": "T1"}},
        {"type": "event_callback", "team_id": "T1", "event": {"type": 7}},
        {"type": "event_callback", "team_id": "T1", "event": {"type": "message", "user": "U1"}},
        {
            "type": "event_callback",
            "team_id": "T1",
            "event": {"type": "message", "user": "U1", "channel": "C", "ts": "x"},
        },
        {"type": "event_callback", "team_id": "T1", "event": {"type": "message", "user": ["U1"], "text": {"a": 1}}},
        {"type": "event_callback", "team_id": "T1", "event": {"type": "app_home_opened"}},
        {"type": "event_callback", "team_id": "T1", "event": {"type": "agent_session_stopped", "user": "U1"}},
        {"type": "event_callback", "team_id": "T1", "event": {"type": "team_access_revoked", "team_ids": 7}},
        {"type": "event_callback", "event": {"type": "app_uninstalled"}},
        {"type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1"}, "actions": []},
        {"type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1"}, "actions": [7]},
        {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}, "view": {}},
        {"command": "/raise", "team_id": "T1", "user_id": "U1"},
        {"command": "/raise", "team_id": "T1", "user_id": "U" * 200, "trigger_id": "1.2"},
    ],
)
async def test_payloads_of_strange_shape_are_acknowledged_and_counted(world: World, body: Json) -> None:
    kind = (
        "slash_commands" if "command" in body else "interactive" if body["type"] != "event_callback" else "events_api"
    )
    await world.door.knock(kind, body)
    assert world.heard.counts == {Count.MALFORMED: 1}


async def test_url_verification_is_answered(web: World) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c3", "token": "t"})
    assert isinstance(web.door, HttpDoor)
    headers = {"Content-Type": "application/json", **sign(body)}
    async with (
        aiohttp.ClientSession() as session,
        session.post(web.door.url, data=body, headers=headers) as answer,
    ):
        assert "c3" in await answer.text()


async def test_bots_edits_without_text_and_deletions_are_ignored(world: World) -> None:
    ann = world.user()
    own = {"type": "message", "channel": "DU1", "user": BOT_USER, "text": "hi", "ts": world.workspace.ts()}
    other = {**own, "user": "U2", "bot_id": BOT, "ts": world.workspace.ts()}
    old_style = {**own, "user": "", "subtype": "bot_message", "ts": world.workspace.ts()}
    slackbot = {**own, "user": "USLACKBOT", "ts": world.workspace.ts()}
    said = Post(world.workspace.ts(), "DU1", ann.id, "as before")
    unfurled = payloads.edited(world.workspace, said, "as before")
    deleted = {"type": "message", "subtype": "message_deleted", "channel": "DU1", "ts": world.workspace.ts()}
    joined = {**own, "user": "U1", "subtype": "channel_join", "ts": world.workspace.ts()}
    await world.town.tell(own, other, old_style, slackbot, unfurled, deleted, joined)
    assert world.heard.counts == {Count.SKIPPED: 7}
    assert world.intake.accepted == []


async def test_an_edit_with_new_text_counts_as_said(world: World) -> None:
    ann = world.user()
    said = await ann.says("I am fine")
    await ann.edits(said, "I am not fine")
    await world.intake.idle()
    texts = [each.content.text.reveal() for each in world.intake.accepted if isinstance(each.content, Said)]
    assert texts == ["I am fine", "I am not fine"]


async def test_a_file_alone_gets_a_polite_line_and_with_text_the_text_is_read(world: World) -> None:
    ann = world.user()
    await ann.says("", files=True)
    await world.workspace.until(world.seen)
    assert [item["text"] for item in world.seen()] == [english(words.FILES_ONLY)]
    await ann.says("this is my letter", files=True)
    await world.intake.idle()
    assert len(world.intake.accepted) == 1


async def test_a_very_long_message_is_taken_whole(world: World) -> None:
    ann = world.user()
    await ann.says("long " * 8_000)
    await world.intake.idle()
    content = world.intake.accepted[0].content
    assert isinstance(content, Said)
    assert len(content.text.reveal()) == 39_999
    answer = world.seen()[-1]
    assert len(str(answer["text"])) > 39_000, "and the answer, as long, takes several messages"
    assert len(world.workspace.by_bot()) >= 4


async def test_old_buttons_are_answered_politely(world: World) -> None:
    ann = world.user()
    button = {
        "type": "button",
        "action_id": "from_release_1",
        "text": {"type": "plain_text", "text": "x"},
        "value": "1",
    }
    block = {"type": "actions", "elements": [button]}
    world.workspace.put(Post(world.workspace.ts(), "C1", BOT_USER, "old", blocks=[block]))
    await ann.clicks("from_release_1")
    await world.workspace.until(world.whispers)
    assert world.whispers() == [english(words.OLD_BUTTON)]
    assert world.intake.accepted == []


async def test_a_modal_of_an_earlier_release_closes(world: World) -> None:
    ann = world.user()
    payload = {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": ann.id}}
    answer = await world.door.knock("interactive", {**payload, "view": {"id": "V9", "callback_id": "old"}})
    assert answer == {"response_action": "clear"}


async def test_a_guest_from_another_workspace_is_a_stranger(world: World) -> None:
    """Slack Connect: nothing known of U1 here or elsewhere applies, though the id may be the same."""
    member = world.user("U1")
    await member.says("<@UBOT> hello", "C1")
    guest = world.user("U1", team="T1")
    world.workspace.members["U1"].team = "T2"
    await guest.says("<@UBOT> something sensitive?", "C1")
    await world.intake.idle()
    people = [each.person for each in world.intake.accepted]
    assert [str(each) for each in people] == ["slack:T1:U1", "slack:guest@T1:U1"]
    # A direct message does not reach a guest: the note in the channel and the modal behind it do.
    await guest.clicks("answer_privately")
    await guest.submits(words="I'd rather say it here")
    await world.intake.idle()
    assert world.intake.accepted[-1].person == people[1]


async def test_a_channel_the_bot_was_removed_from(world: World) -> None:
    ann = world.user()
    asked = await ann.says("<@UBOT> hello", "C1")
    await world.intake.idle()
    world.workspace.channels["C1"].members.discard(BOT_USER)
    await ann.says("go on", "C1", asked.ts)
    await world.intake.idle()
    assert world.intake.journal.refused == ["Slack refused chat.startStream: not_in_channel"]
    await ann.says("hello again")
    await world.intake.idle()
    assert world.seen()[-1]["text"] == "You said: hello again"


async def test_a_revoked_token_is_said_to_the_core_and_lost_data_goes(world: World) -> None:
    ann = world.user()
    await ann.says("hello")
    await world.intake.idle()
    world.workspace.tokens.clear()
    await ann.says("hello again")
    await world.intake.idle()
    assert world.intake.journal.refused == ["Slack refused chat.startStream: token_revoked"]
    await world.town.tell({"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": [BOT_USER]}})
    await world.town.tell({"type": "app_uninstalled"})
    await world.town.tell({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}})
    assert world.heard.gone == ["T1", "T1"]


async def test_what_cannot_be_claimed_is_not_acknowledged_and_served_later(world: World) -> None:
    ann = world.user()
    world.intake.journal.down = True
    event = payloads.event(
        world.workspace,
        payloads.message(world.workspace, world.workspace.put(Post(world.workspace.ts(), "DU1", ann.id, "hello"))),
    )
    world.door.patience = 0.3  # type: ignore[attr-defined]  # both doors have it
    with pytest.raises(NotAcknowledged):
        await world.door.knock("events_api", event)
    told = await ann.slash("privacy")
    assert told["text"] == english(words.TRY_AGAIN)
    world.intake.journal.down = False
    await world.door.knock("events_api", event, retry=1)
    await world.intake.idle()
    assert world.seen()[-1]["text"] == "You said: hello"
    assert world.heard.counts[Count.UNAVAILABLE] == 2


async def test_crisis_is_answered_even_when_nothing_can_be_claimed(world: World) -> None:
    ann = world.user()
    world.intake.journal.down = True
    world.door.patience = 0.3  # type: ignore[attr-defined]
    await ann.says("I want to die")
    crisis = [item for item in world.seen() if item["kind"] == "crisis"]
    assert len(crisis) == 1, "once, although Slack sent the event four times"


async def test_a_modal_that_took_too_long_is_excused(world: World) -> None:
    ann = world.user()
    await ann.says("<@UBOT> something sensitive?", "C1")
    await world.intake.idle()
    world.workspace.faults.append(Fault("views.open", error="expired_trigger_id"))
    await ann.clicks("answer_privately")
    await world.workspace.until(lambda: english(words.SLOW_MODAL) in world.whispers())
    await ann.clicks("answer_privately")
    assert ann.modal.open
