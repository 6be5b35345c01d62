"""Every parser of what comes from outside, or from a disk, takes anything: it reads it, or says no in its own words.

A few inputs each in the suite; ``make fuzz`` tries 100,000.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord import ids as discord_ids
from adapters.discord import shapes as discord
from adapters.slack import shapes as slack
from adapters.slack import translate
from adapters.slack.nodes import read_json
from adapters.stores import packing
from adapters.terminal.lines import LineParser
from adapters.web.platform import WebPlatform
from adapters.web.requests import Reader
from bot.chat import Inbound, Outbound
from bot.chat.fields import read_object
from bot.clock import ManualClock
from bot.conversation.codec import Journal, decode, encode
from bot.conversation.states import State
from bot.errors import InputError, SettingsError, Unreadable
from bot.identity import DIRECT, Person
from bot.llm.structured import Fitting, Flaws, parse
from bot.policy.base import Part
from bot.policy.cases import CasesPolicy
from bot.policy.folder import find_folder
from bot.policy.loader import Cache
from bot.policy.schema import Defaults, DomainPolicy, Index, Locale, Resources, RiskPolicy
from bot.private import Private
from bot.profile.attributes import Scope
from bot.profile.record import Record, Source, Value
from bot.raise_core.agent.model_reading import ReadReply
from bot.raise_core.planner import files
from bot.raise_core.planner.queries import read_sheet
from bot.raise_core.planner.rubric import Scores
from bot.settings import load
from tests.support.fuzzing import damaged, dumped, fuzz, mutated, objects, trees

ANN = Person("terminal", "w1", "ann")
PACKED = packing.pack(
    ANN,
    [
        Record("age", Value(Private("34"), "30s"), Source.TEXT, Scope.USER, DIRECT, "c", 1.0, 2.0),
    ],
)

# -- what people and platforms send ----------------------------------------------------------------------------------

LINE_KEYS = ("user", "workspace", "text", "choose", "command", "argument", "place", "id", "locale", "advance_seconds")
LINE_VALUES = ("ann", "dm", "channel", "/privacy", "/forget me", "/correct age 34", "age:30s", "en", "privacy")


@fuzz
@given(st.one_of(objects(LINE_KEYS, LINE_VALUES).map(dumped), damaged([b'{"user":"ann","text":"hello"}'])))
def test_lines_of_the_terminal(raw: bytes) -> None:
    LineParser(ManualClock(), lambda: "made", lambda person: None).parse(raw)


@fuzz
@given(st.one_of(objects((*LINE_KEYS, "choice", "reply_to", "item", "turn")).map(dumped), st.binary(max_size=100)))
def test_requests_of_the_page(raw: bytes) -> None:
    reader = Reader(WebPlatform(ManualClock()), ("general",))
    for read in (reader.message, reader.choice, reader.command, reader.stop):
        with suppress(InputError):
            read(read_object(raw), 0.0)


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
SLACK_SAMPLES = (
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


@fuzz
@given(
    st.one_of(
        objects(SLACK_KEYS, SLACK_VALUES),
        mutated(SLACK_SAMPLES, SLACK_KEYS, SLACK_VALUES).filter(lambda body: isinstance(body, dict)),
    )
)
def test_payloads_of_slack(body: Any) -> None:
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


@fuzz
@given(
    st.one_of(st.text(max_size=60), trees(("m", "k", "u", "s"), ("value", "C1:2")).map(lambda v: dumped(v).decode()))
)
def test_what_buttons_of_slack_carry(value: str) -> None:
    read_json(value)
    assert isinstance(translate.Button.read(value).kind, str)


@dataclass
class Interaction:
    """What our reading of an interaction looks at: the SDK passes ``data`` on as it came."""

    data: object
    message: object = field(
        default_factory=lambda: SimpleNamespace(components=[], content="", flags=SimpleNamespace(components_v2=False))
    )


DISCORD_VALUES = ("r1cd:age:30s", "r1fd0:x", "words", "choice")
DISCORD_SAMPLES = (
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


@fuzz
@given(
    st.one_of(
        objects(DISCORD_KEYS, DISCORD_VALUES),
        mutated(DISCORD_SAMPLES, DISCORD_KEYS, DISCORD_VALUES).filter(lambda data: isinstance(data, dict)),
    )
)
def test_interactions_of_discord(data: Any) -> None:
    interaction: Any = Interaction(data)
    discord.read_press(interaction)
    discord.read_submission(interaction)
    discord.name_of(interaction)
    discord.typed(interaction)


@fuzz
@given(st.one_of(st.text(max_size=120), st.from_regex(r"r1[a-z][dc][0-9a-z]{0,14}:.*", fullmatch=True)))
def test_ids_of_discord(text: str) -> None:
    discord_ids.Tag.read(text)
    discord_ids.anchor_of(text)


# -- what models answer ----------------------------------------------------------------------------------------------

REPLY_KEYS = (
    "stance",
    "values",
    "completeness",
    "severity",
    "category",
    "attribute",
    "value",
    "said",
    "risk_sensitivity",
)
REPLY = (
    b'{"stance":"answers","values":[{"attribute":"age","value":"30s","said":"34"}],'
    b'"completeness":3,"severity":"none","category":null}'
)


@fuzz
@given(
    st.one_of(
        objects(REPLY_KEYS, ("answers", "none", "high")).map(dumped), damaged([REPLY, b"```json\n" + REPLY + b"\n```"])
    )
)
def test_replies_of_models(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    for shape in (ReadReply, Scores):
        outcome = parse(text, shape)
        assert isinstance(outcome, Fitting | Flaws)
        if isinstance(outcome, Flaws):
            assert outcome.problems


# -- what is read from disks -----------------------------------------------------------------------------------------


@fuzz
@given(
    st.one_of(
        damaged([PACKED]),
        st.lists(trees(("a",), ("age", "text", "dm", "user")), max_size=12).map(lambda row: dumped([row])),
    )
)
def test_packed_profiles(raw: bytes) -> None:
    try:
        records = packing.unpack(ANN, raw)
    except Unreadable:
        return
    assert packing.unpack(ANN, packing.pack(ANN, records)) == records or any(
        r.observed_at != r.observed_at for r in records
    )


STATE = encode(State())


@fuzz
@given(
    st.sampled_from([State, Journal, Inbound, Outbound]),
    st.one_of(
        damaged([STATE]),
        objects(
            ("version", "body", "is", "threads", "held", "at", "effects", "id", "person", "space", "content", "text"),
            ("Said", "Say", "dm", "Command", "Answer"),
        ).map(lambda body: dumped({"version": 1, "body": body})),
    ),
)
def test_states_and_turns(kind: type[State | Journal | Inbound | Outbound], raw: bytes) -> None:
    try:
        found: State | Journal | Inbound | Outbound = decode(raw, kind)
    except Unreadable:
        return
    assert isinstance(found, kind)


@cache
def shipped_files(folder: str) -> tuple[bytes, ...]:
    return tuple(
        file.read_bytes()[:3_000] for file in sorted((find_folder(environment={}) / folder).glob("*.yaml"))[:4]
    )


PARTS: Mapping[str, type[Part]] = {
    "index": Index,
    "defaults": Defaults,
    "domains": DomainPolicy,
    "risk": RiskPolicy,
    "resources": Resources,
    "locales": Locale,
    "cases": CasesPolicy,
}


@pytest.mark.parametrize("room", PARTS)
@fuzz
@given(data=st.data())
def test_files_of_the_policy(room: str, data: st.DataObject) -> None:
    samples = shipped_files(room) or shipped_files(".")
    content = data.draw(damaged(samples))
    read, diagnostics = Cache().file(PARTS[room], f"{room}/x.yaml", content)
    assert read.part is not None or diagnostics, "refused without a word"
    for each in diagnostics:
        assert each.message
        assert each.line >= 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


QUERIES = {
    ".csv": b'query,domain,age\n"What, now?",health,34\nplain,social,\n',
    ".json": b'[{"query":"What now?","domain":"health","profile":{"age":"34"}},{"query":"x"}]',
    ".jsonl": b'{"query":"What now?","age":"34"}\n{"query":"x","scenario":"social"}\n',
}


@pytest.mark.parametrize("ending", QUERIES)
@fuzz
@given(data=st.data())
def test_files_of_queries(ending: str, data: st.DataObject, folder: Path) -> None:
    path = folder / f"queries{ending}"
    path.write_bytes(data.draw(damaged([QUERIES[ending]])))
    with suppress(InputError):
        read_sheet(files.read_rows(path), {"age"}, {"health", "social"}, lambda query: None)
    csv.field_size_limit(1 << 17)


SETTINGS = b'log_level = "info"\nretention_floor = "60s"\nhttp_port = 8080\nkey = "abc"\n'


@fuzz
@given(damaged([SETTINGS]))
def test_the_file_of_settings(folder: Path, raw: bytes) -> None:
    path = folder / "raise.toml"
    path.write_bytes(raw)
    with suppress(SettingsError):
        load({"RAISE_CONFIG": str(path)})
