"""``policy diff``: changes in words, and replayed; what a replay from features says is what a turn would do."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from adapters.stores.sql.audit import SqlAudit
from adapters.stores.sql.database import SqlDatabase
from bot.assembly.keys import DATABASE
from bot.assembly.records import recorded
from bot.assembly.rulebook import compiled
from bot.cli.main import main
from bot.conversation.audit import Decided
from bot.conversation.comparison import compared
from bot.conversation.replay import Replay
from bot.conversation.synthetic import contrasted, conversation, openings
from bot.errors import InputError
from bot.identity import DIRECT, ConversationKey, Person
from bot.policy.differences import differences
from bot.policy.schema import Policy
from bot.settings import Settings
from tests.support.policies import rulebook, shipped, varied

POLICIES = Path(__file__).parents[2] / "policies"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "policies"
    shutil.copytree(POLICIES, copy)
    return copy


def texts() -> list[str]:
    return [text for domain in shipped().domains.values() for text in domain.routing.exemplars[:8]]


def dearer(policy: Policy) -> Policy:
    """Every price three times as high."""
    attributes = {
        name: each.model_copy(update={"price": min(each.price * 3, 4.0)})
        for name, each in policy.defaults.attributes.items()
    }
    defaults = policy.defaults.model_copy(update={"attributes": attributes})
    return policy.model_copy(update={"defaults": defaults, "id": "dearer"})


def other_gains(policy: Policy) -> Policy:
    """Everything is worth half, in every domain."""
    domains = {
        name: each.model_copy(
            update={
                "attributes": {
                    inner: own.model_copy(update={"gain": own.gain / 2}) for inner, own in each.attributes.items()
                }
            }
        )
        for name, each in policy.domains.items()
    }
    return policy.model_copy(update={"domains": domains, "id": "half"})


def fewer_questions(policy: Policy) -> Policy:
    del policy
    return varied(budget={"questions": 1})


@pytest.mark.parametrize("change", [dearer, other_gains, fewer_questions])
def test_a_replay_from_features_says_what_a_turn_would_do(change: Callable[[Policy], Policy]) -> None:
    """The first decision of every message is the same in both; later ones would follow other answers."""
    old = shipped()
    new = change(old)
    before, after = rulebook(model_reads=False).current(), compiled(Settings(), new)
    replay, differing = Replay(new, old), 0
    for text in texts():
        (recorded_then, _), *_ = conversation(before, text)
        (would_be, _), *_ = conversation(after, text)
        again = replay.again(recorded_then)
        assert (again.kind, again.attribute) == (would_be.kind, would_be.attribute), text
        differing += (again.kind, again.attribute) != (recorded_then.kind, recorded_then.attribute)
    assert differing or change is fewer_questions


def test_the_same_policy_twice_differs_in_nothing() -> None:
    rules = rulebook(model_reads=False).current()
    came = contrasted(rules, rules, texts()[:20])
    assert (came.turns, came.differing) == (20, 0)
    assert differences(shipped(), shipped()) == ()


def test_openings_speak_of_every_domain_and_danger() -> None:
    assert len(openings(shipped())) > 400


def test_words_say_what_changed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    defaults, harassment = folder / "defaults.yaml", folder / "risk" / "harassment.yaml"
    text = defaults.read_text(encoding="utf-8").replace("price: 0.06", "price: 0.5", 1)
    defaults.write_text(text, encoding="utf-8")
    rule = harassment.read_text(encoding="utf-8")
    harassment.write_text(
        rule.replace("    exemplars:\n", "    exemplars:\n      - I'm being stalked daily\n", 1), "utf-8"
    )
    assert main(["policy", "diff", str(POLICIES), str(folder), "--words-only"]) == 0
    told = capsys.readouterr().out
    assert "2 changes" in told
    assert "age everywhere else: asking costs 0.5 instead of 0.06" in told
    assert '1 more: "I\'m being stalked daily"' in told


def test_what_was_decided_is_exported_without_people_and_replayed(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = rulebook(model_reads=False).current()
    ann = Person("slack", "T1", "UANN")

    async def keep() -> None:
        database = SqlDatabase(f"sqlite:///{tmp_path / DATABASE}")
        await database.open()
        audit = SqlAudit(database, 1e9)
        for number, text in enumerate(texts()):
            (decided, _), *_ = conversation(rules, text)
            await audit.record(f"slack:T1:Ev{number}", ConversationKey(ann, DIRECT), 86_400.0 * 3 + number, decided)
        await database.close()

    asyncio.run(keep())
    out = tmp_path / "decisions.jsonl"
    assert main(["policy", "decisions", "export", "--state", str(tmp_path), "--out", str(out)]) == 0
    content = out.read_text(encoding="utf-8")
    assert "UANN" not in content
    assert "Ev1" not in content
    assert json.loads(content.splitlines()[0])["day"] == 86_400 * 3
    assert [each for _, each in recorded(out)] == [conversation(rules, text)[0][0] for text in texts()]
    assert main(["policy", "decisions", "export", "--state", str(tmp_path), "--turns"]) == 0
    assert "slack:T1:Ev1" in capsys.readouterr().out
    file = folder / "defaults.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("price: 0.07", "price: 1.9", 1), encoding="utf-8")
    picture = tmp_path / "picture.svg"
    arguments = ["policy", "diff", str(POLICIES), str(folder), "--decisions", str(out)]
    assert main([*arguments, "--svg", str(picture), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["turns"] == len(texts())
    assert told["differing"] == sum(each["count"] for each in told["ways"]) > 0
    asked = next(each for each in told["outcomes"] if each["outcome"] == "ask emotional_state")
    assert asked["after"] < asked["before"]
    drawing = ElementTree.parse(picture).getroot()  # noqa: S314 - drawn by ourselves a moment ago
    assert drawing.tag.endswith("svg")
    assert any("would end differently" in (each.text or "") for each in drawing.iter())
    assert main(arguments) == 0
    assert "with examples" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("not json", "expected one JSON object"),
        ("[]", "in form 1"),
        ('{"form": 2}', "in form 1"),
        ('{"form": 1, "decided": {"kind": "ask"}}', "policy_id"),
        ('{"form": 1, "decided": {"kind": "ask", "policy_id": "p", "severity": "dire"}}', "severity"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, problem: str) -> None:
    file = tmp_path / "decisions.jsonl"
    file.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=problem) as told:
        list(recorded(file))
    assert ":2:" in str(told.value)


def test_own_messages_can_be_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "messages.txt"
    file.write_text("I failed my final exam\n\nset a timer\n", encoding="utf-8")
    assert main(["policy", "diff", str(POLICIES), str(POLICIES), "--messages", str(file)]) == 0
    assert "0 of 2 would end differently" in capsys.readouterr().out
    assert main(["policy", "diff", str(POLICIES), str(POLICIES), "--messages", str(tmp_path / "none")]) == 2


def test_decisions_of_an_older_release_are_taken_as_they_are() -> None:
    older = Decided("ask", "p0", "health", 0.9, "age", "asked age", 1)
    came = compared(shipped(), dearer(shipped()), [("1", older)])
    assert came.differing == 0
    assert came.totals() == (("ask age", 1, 1),)
