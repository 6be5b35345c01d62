"""Every parser of what people and platforms send takes anything: it reads it, or says no in its own words.

A thousand inputs each in the suite; ``make fuzz`` tries 100,000.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from adapters.discord import ids as discord_ids
from adapters.discord import shapes as discord
from adapters.slack import shapes as slack
from adapters.slack import translate
from adapters.slack.nodes import read_json
from adapters.terminal.lines import LineParser
from adapters.web.platform import WebPlatform
from adapters.web.requests import Reader
from bot.chat.fields import read_object
from bot.clock import ManualClock
from bot.errors import InputError
from tests.support.fuzzing import damaged, dumped, fuzzed, mapped, mutated, noise, objects, one_of, texts, trees

LINE_KEYS = ("user", "workspace", "text", "choose", "command", "argument", "place", "id", "locale", "advance_seconds")
LINE_VALUES = ("ann", "dm", "channel", "/privacy", "/forget me", "/correct age 34", "age:30s", "en", "privacy")
LINES = mapped(objects(LINE_KEYS, LINE_VALUES), dumped)
REQUESTS = mapped(objects((*LINE_KEYS, "choice", "reply_to", "item", "turn")), dumped)


def test_lines_of_the_terminal() -> None:
    parser = LineParser(ManualClock(), lambda: "made", lambda person: None)
    fuzzed(one_of(LINES, damaged([b'{"user":"ann","text":"hello"}'])), parser.parse)


def test_requests_of_the_page() -> None:
    reader = Reader(WebPlatform(ManualClock()), ("general",))

    def read(raw: bytes) -> None:
        for each in (reader.message, reader.choice, reader.command, reader.stop):
            with suppress(InputError):
                each(read_object(raw), 0.0)

    fuzzed(one_of(REQUESTS, noise(100)), read)


SLACK_KEYS = (
    *("type", "event", "subtype", "user", "channel", "ts", "thread_ts", "text", "files", "bot_id", "message", "edited"),
    *("previous_message", "authorizations", "team_id", "enterprise_id", "team", "id", "actions", "action_id", "value"),
    *("selected_option", "action_ts", "container", "message_ts", "channel_id", "view", "state", "values", "choice"),
    *("words", "note", "private_metadata", "command", "trigger_id", "user_id", "tokens", "bot", "blocks", "event_ts"),
    *("selected_options", "app_installed_team_id", "api_app_id", "tab", "is_enterprise_install", "team_ids", "back"),
)
SLACK_VALUES = (
    *("event_callback", "block_actions", "view_submission", "message", "app_mention", "app_home_opened", "messages"),
    *("agent_session_stopped", "app_uninstalled", "tokens_revoked", "team_access_revoked", "message_changed", "/raise"),
    *("T1", "U1", "C1", "D1", "1700000000.000100", "choose:age:30s", '{"m":"1","k":"value"}', "<@U1> hi", "file_share"),
)


_WHO = {"id": "U1", "team_id": "T1"}
_EVENTS = (
    {"type": "message", "user": "U1", "channel": "D1", "ts": "1700000000.000100", "text": "hi <@U9>", "files": [{}]},
    {"type": "app_mention", "user": "U1", "channel": "C1", "ts": "1.2", "thread_ts": "1.1", "text": "<@U9> forget me"},
    {
        "type": "message",
        "subtype": "message_changed",
        "channel": "D1",
        "message": {"user": "U1", "ts": "1.2", "text": "new", "edited": {"ts": "1.3"}},
        "previous_message": {"text": "old"},
    },
    {"type": "agent_session_stopped", "user": "U1", "channel": "C1", "thread_ts": "1.1", "event_ts": "1.2"},
    {"type": "app_home_opened", "user": "U1", "tab": "home", "event_ts": "1.2"},
    {"type": "tokens_revoked", "tokens": {"bot": ["U9"]}},
)
SLACK_SAMPLES: tuple[dict[str, Any], ...] = (
    *(
        {"type": "event_callback", "team_id": "T1", "authorizations": [{"team_id": "T1"}], "event": event}
        for event in _EVENTS
    ),
    {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": _WHO,
        "container": {"channel_id": "C1", "message_ts": "1.1", "thread_ts": "1.0"},
        "actions": [{"action_id": "choose:age:30s", "action_ts": "1.2", "value": '{"m":"1","s":"C1:1.0"}'}],
        "message": {"blocks": [{"type": "section"}]},
    },
    {
        "type": "view_submission",
        "team": {"id": "T1"},
        "user": _WHO,
        "view": {
            "id": "V1",
            "private_metadata": '{"back":"1"}',
            "state": {"values": {"words": {"words": {"value": "34"}}, "boxes": {"x": {"selected_options": [{}]}}}},
        },
    },
    {"command": "/raise", "team_id": "T1", "user_id": "U1", "trigger_id": "1.2", "channel_id": "C1", "text": "forget"},
)


def test_payloads_of_slack() -> None:
    def read(body: dict[str, Any]) -> None:
        match slack.read(body, "U9"):
            case slack.Message() as message:
                translate.from_message(message, "U9", "en")
                translate.addresses_another(message, "U9")
            case slack.Click() as click:
                translate.from_click(click, "en")
            case slack.Submission() as submission:
                translate.from_submission(submission, 0.0, "en")
                translate.from_ticked(submission, 0.0, "en")
            case slack.Slash() as slash:
                translate.from_slash(slash, 0.0, "en")
            case slack.StopPressed() as stop:
                translate.from_stop(stop, "en")
            case _:
                pass

    fuzzed(one_of(objects(SLACK_KEYS, SLACK_VALUES), mutated(SLACK_SAMPLES, SLACK_KEYS, SLACK_VALUES)), read)


def test_what_buttons_of_slack_carry() -> None:
    def read(value: str) -> None:
        read_json(value)
        assert isinstance(translate.Button.read(value).kind, str)

    values = mapped(trees(("m", "k", "u", "s"), ("value", "C1:2")), lambda value: dumped(value).decode())
    fuzzed(one_of(texts(60), values), read)


@dataclass
class Interaction:
    """What our reading of an interaction looks at: the SDK passes ``data`` on as it came."""

    data: object
    message: object = field(
        default_factory=lambda: SimpleNamespace(components=[], content="", flags=SimpleNamespace(components_v2=False))
    )


DISCORD_VALUES = ("r1cd:age:30s", "r1fd0:x", "words", "choice")
DISCORD_SAMPLES: tuple[dict[str, Any], ...] = (
    {"custom_id": "r1cd:age:30s", "component_type": 3, "values": ["age:30s"]},
    {
        "custom_id": "r1fd0:x",
        "components": [
            {"type": 18, "component": {"type": 4, "custom_id": "words", "value": "34"}},
            {"type": 18, "component": {"type": 22, "custom_id": "boxes", "values": ["age"]}},
        ],
    },
)
DISCORD_KEYS = ("custom_id", "component", "components", "value", "values", "type", "component_type", "options", "name")


def test_interactions_of_discord() -> None:
    def read(data: dict[str, Any]) -> None:
        interaction: Any = Interaction(data)
        discord.read_press(interaction)
        discord.read_submission(interaction)
        discord.name_of(interaction)
        discord.typed(interaction)

    fuzzed(one_of(objects(DISCORD_KEYS, DISCORD_VALUES), mutated(DISCORD_SAMPLES, DISCORD_KEYS, DISCORD_VALUES)), read)


def test_ids_of_discord() -> None:
    def read(text: str) -> None:
        discord_ids.Tag.read(text)
        discord_ids.anchor_of(text)

    own = mapped(damaged([b"r1cd:age:30s", b"r1fd0:x", b"r1cc0a9z7b:do:stop"]), lambda raw: raw.decode("latin-1"))
    fuzzed(one_of(texts(120), own), read)
