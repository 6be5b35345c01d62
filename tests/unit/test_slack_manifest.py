"""The manifest in the repository fits the adapter: least scopes with reasons, events it handles, the same prompts."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from adapters.slack import words
from adapters.slack.manifest import read_manifest
from adapters.slack.shapes import Skipped, read
from bot.errors import InputError
from tests.support.slack.bot import english
from tests.support.slack.model import ALL_SCOPES

FILE = Path(__file__).parents[2] / "deploy" / "slack-manifest.yaml"
SOURCE = FILE.read_text()


def test_scopes_are_those_the_test_workspace_grants_and_each_says_why() -> None:
    assert read_manifest(SOURCE).scopes == set(ALL_SCOPES)
    for scope in ALL_SCOPES:
        line = next(line for line in SOURCE.splitlines() if line.strip().startswith(f"- {scope}"))
        assert len(line.partition("#")[2].strip()) > 5, f"{scope} does not say why"


def test_every_event_subscribed_to_is_handled() -> None:
    for name in read_manifest(SOURCE).events:
        event = {
            "type": name.split(".")[0],
            "user": "U1",
            "channel": "D1",
            "ts": "1.0",
            "thread_ts": "1.0",
            "event_ts": "2.0",
            "text": "x",
            "tokens": {"bot": ["UBOT"]},
            "team_ids": ["T1"],
        }
        found = read({"type": "event_callback", "team_id": "T1", "event": event}, "UBOT")
        assert not isinstance(found, Skipped), f"{name}: {found}"


def test_it_keeps_slacks_limits_and_the_prompts_are_ours() -> None:
    found = yaml.safe_load(SOURCE)
    assert len(found["display_information"]["description"]) <= 140
    assert 174 <= len(found["display_information"]["long_description"]) <= 4000
    view = found["features"]["agent_view"]
    assert len(view["agent_description"]) <= 300
    ours = [(english(title), english(message)) for title, message in words.PROMPTS]
    assert [(each["title"], each["message"]) for each in view["suggested_prompts"]] == ours


def test_it_asks_for_what_the_bot_needs() -> None:
    manifest = read_manifest(SOURCE)
    assert manifest.agent
    assert manifest.home
    assert manifest.interactive
    assert manifest.commands == {"/raise"}


@pytest.mark.parametrize("source", ["", "[]", "a: [", "7"])
def test_another_file_is_refused(source: str) -> None:
    with pytest.raises(InputError):
        read_manifest(source)
