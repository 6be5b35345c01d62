"""Places: the first that fits wins, a turn there really decides by it, and mistakes in them are found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bot.chat import Inbound, Said
from bot.cli.main import main
from bot.conversation.audit import Decided
from bot.conversation.events import Arrived
from bot.conversation.rules import Rules
from bot.conversation.states import State
from bot.conversation.turn import advance
from bot.identity import DIRECT, Person, Place, Space
from bot.llm.embedder import Embedder
from bot.policy.conditions import SAMPLE, Condition, Wrong, compiled
from bot.policy.diagnostics import Level
from bot.policy.effective import Situation, placed
from bot.policy.loader import Cache, inspect, load
from bot.private import Private
from bot.profile.consent import NEW
from bot.profile.retention import Bounds
from bot.raise_core.agent.acquire import Ask, decide
from tests.support.policies import rulebook

POLICIES = Path(__file__).parents[2] / "policies"
CACHE = Cache()
EXAM = "I failed my final exam and my parents don't know yet"
PLACES = """places:
  - id: quiet
    workspaces: ["slack:T1"]
    channels: [C0QUIET]
    questions: 0
  - id: students
    workspaces: ["slack:T1"]
    when: channel.startsWith("C0ST") && locale != "de-DE"
    prices: {education_level: 1.5}
    never_ask: [emotional_state]
    guidance: [Mention the night line.]
  - id: elsewhere_in_the_open
    where: channel
    domains: [health]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "policies"
    shutil.copytree(POLICIES, copy)
    index = copy / "index.yaml"
    index.write_text(index.read_text(encoding="utf-8") + "places: places.yaml\n", encoding="utf-8")
    (copy / "places.yaml").write_text(PLACES, encoding="utf-8")
    return copy


def embedder() -> Embedder:
    return rulebook(model_reads=False).embedder


def rules(folder: Path) -> Rules:
    return Rules.of(load(folder), embedder(), bounds=Bounds(60, 10**8), model_reads=False)


def decided(book: Rules, workspace: str, space: Space, locale: str = "en-US") -> Decided:
    person = Person("slack", workspace, "ann")
    said = Inbound("1", person, space, Said(Private(EXAM)), 1_767_225_600.0, locale)
    _, effects = advance(book, State(), Arrived(said, said.at, (), NEW))
    return next(each for each in effects if isinstance(each, Decided))


def channel(name: str) -> Space:
    return Space(Place.CHANNEL, f"{name}/171.5")


def test_a_turn_decides_by_the_first_place_that_fits(folder: Path) -> None:
    book = rules(folder)
    base = book.policy.id
    usual = decided(book, "T2", DIRECT)
    assert (usual.kind, usual.attribute, usual.policy_id) == ("ask", "education_level", base)
    quiet = decided(book, "T1", channel("C0QUIET"))
    assert (quiet.kind, quiet.policy_id) == ("answer", f"{base}/quiet")
    students = decided(book, "T1", channel("C0STUDY"))
    assert (students.kind, students.policy_id) == ("ask", f"{base}/students")
    assert students.attribute == "mental_health_status"
    german = decided(book, "T1", channel("C0STUDY"), "de-DE")
    assert (german.kind, german.policy_id) == ("answer", f"{base}/elsewhere_in_the_open")


def test_what_is_never_asked_is_never_asked_though_nothing_else_is_left(folder: Path) -> None:
    book = rules(folder)
    there = book.at(Inbound("1", Person("slack", "T1", "a"), DIRECT, Said(Private("x")), 0.0), channel("C0STUDY"))
    table = there.tables["education"]
    others = frozenset(table.terms) - {"emotional_state"}
    assert not isinstance(decide(table, {}, others, 0), Ask)
    assert isinstance(decide(book.tables["education"], {}, others, 0), Ask)
    assert there.policy.defaults.guidance[-1] == "Mention the night line."
    assert book.policy_in("students").id == there.policy.id
    assert book.policy_in("gone") is book.policy


def test_tests_beside_the_policy_see_places(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"""tests:
  - name: quiet here
    place: channel
    workspace: slack:T1
    channel: C0QUIET
    steps:
      - say: {EXAM}
        expect: {{asked: null, answered: true}}
  - name: the night line is no secret, and danger is judged the same everywhere
    place: channel
    workspace: slack:T1
    channel: C0QUIET
    steps:
      - say: I am going to kill myself tonight
        expect: {{crisis: true, severity: imminent}}
"""
    (folder / "tests" / "risks.yaml").write_text(text, encoding="utf-8")
    assert main(["policy", "test", str(folder), "-k", "risks.yaml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tests"] == 2


def test_show_says_what_holds_and_what_is_different(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--policies", str(folder), "--workspace", "slack:T1"]
    assert main(["policy", "show", *at, "--channel", "C0STUDY"]) == 0
    told = capsys.readouterr().out
    assert "place students" in told
    assert "domains.education.attributes.education_level.price: 1.5 (elsewhere 0.06)" in told
    assert "never asked" in told
    assert main(["policy", "show", *at, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["place"] is None
    assert shown["domains"]["education"]["attributes"]["education_level"]["price"] == 0.06


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("id: students", "id: quiet", "6:9", "a place 'quiet' is there already"),
        ("[emotional_state]", "[emotional_stat]", "10:17", "no attribute 'emotional_stat'"),
        ("education_level: 1.5", "educatoin_level: 1.5", "9:14", "no attribute 'educatoin_level'"),
        ("[emotional_state]", "[education_level]", "10:17", "never asked for"),
        ("[health]", "[helth]", "14:15", "no domain 'helth'"),
        ("locale !=", "local !=", "8:11", "no value 'local'"),
        ("startsWith", "beginsWith", "8:11", "no function 'beginsWith'"),
        ('channel.startsWith("C0ST")', "hour", "8:11", "fails"),
        ('locale != "de-DE"', "hour >", "8:11", "not a condition"),
        ("    where: channel\n", "", "12:5", ""),
        ('"slack:T1"', "slackT1", "3:18", "not a workspace"),
        ("where: channel", "where: chanel", "13:12", "dm or channel"),
    ],
)
def test_mistakes_are_found_where_they_are(folder: Path, old: str, new: str, place: str, message: str) -> None:
    text = PLACES.replace(old, new, 1)
    if not message:  # a place that fits everywhere is wrong only before others
        text += "  - id: never_reached\n    where: dm\n"
        message = "none after it is ever reached"
    (folder / "places.yaml").write_text(text, encoding="utf-8")
    errors = [str(each) for each in inspect(folder, CACHE).diagnostics if each.severity is Level.ERROR]
    assert len(errors) == 1, errors
    assert errors[0].startswith(f"places.yaml:{place}:")
    assert message in errors[0]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("true", True),
        ("hour >= 9 && hour < 17 && weekday <= 5", True),
        ("platform == 'discord'", False),
        ("channel in ['C1', 'C2']", True),
        ("locale.matches('^en(-|$)')", True),
        ("place == 'channel' ? workspace == 'T1' : false", True),
        ("!(size(channel) > 10)", True),
    ],
)
def test_conditions_hold_or_not(text: str, holds: bool) -> None:
    condition = compiled(text)
    assert isinstance(condition, Condition), condition
    assert condition.holds(SAMPLE) is holds


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "open('/etc/passwd')",
        "hour",
        "hour + 'x' == 'x'",
        "(" * 140 + "true" + ")" * 140,
        "'unclosed",
        "hour == 'twelve' && nothing",
        "[1, 2].map(x, x * hour)",
    ],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    found = compiled(text)
    assert isinstance(found, Wrong)
    assert found.message
    assert found.hint


def test_a_condition_that_fails_on_values_does_not_hold() -> None:
    condition = compiled("10 / (hour - 11) > 0")
    assert isinstance(condition, Condition)
    assert condition.holds({**SAMPLE, "hour": 11}) is False


def test_what_a_condition_sees() -> None:
    here = Situation(Person("slack", "T1", "ann"), channel("C1"), "de", 1_767_225_600.0)
    assert here.values() == {
        "platform": "slack", "workspace": "T1", "channel": "C1", "place": "channel", "locale": "de",
        "hour": 0, "weekday": 4,
    }  # fmt: skip
    assert set(here.values()) == set(SAMPLE)


def test_a_policy_without_places_has_none() -> None:
    assert placed(load(POLICIES)) == ()
