"""``raise-bot review`` and ``raise-bot audit``: what scripts read, and what people do wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from bot.cli.main import main

PERSON = "slack:T1:U1"


class Desk:
    """The command on one state folder."""

    def __init__(self, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.state = state
        self._capsys = capsys

    def json(self, *words: str, code: int = 0) -> Any:
        assert main(["review", words[0], "--json", "--state", str(self.state), "--as", "mia", *words[1:]]) == code
        return json.loads(self._capsys.readouterr().out)

    def text(self, *words: str, code: int = 0) -> str:
        assert main([*words, "--state", str(self.state)]) == code
        captured = self._capsys.readouterr()
        return captured.out + captured.err


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path / "state", capsys)


@pytest.fixture
def case(desk: Desk) -> str:
    return str(desk.json("flag", PERSON, "--severity", "high", "--category", "self_harm")["id"])


def test_a_case_from_flag_to_decision(desk: Desk, case: str) -> None:
    (listed,) = desk.json("list")["cases"]
    assert (listed["id"], listed["state"], listed["severity"], listed["queue"]) == (case, "open", "high", "team")
    assert listed["reasons"][0]["why"] == "A moderator asked to have a look at this conversation."
    assert desk.json("claim", case)["holder"] == "mia"
    assert desk.json("extend", case)["state"] == "claimed"
    assert [each["id"] for each in desk.json("list", "--mine")["cases"]] == [case]
    assert desk.json("list", "--overdue")["cases"] == []
    desk.json("note", case, "seen before")
    assert desk.json("show", case)["notes"][0]["text"] == "seen before"
    assert desk.json("show", case)["revealed"] is None
    assert desk.json("reveal", case, "--reason", "to call")["revealed"] == f"{PERSON}/dm/"
    assert desk.json("decide", case, "watch", "--after", "12h")["decision"]["ruling"] == "watch"
    assert desk.json("undo", case)["state"] == "claimed"
    contacted = desk.json("contact", case, "How are you?", "--wait", "0")
    assert (contacted["state"], contacted["errand"]["outcome"]) == ("decided", "pending")
    assert desk.json("list", "--states", "all")["cases"][0]["state"] == "decided"
    figures = desk.json("stats", "--since", "1d")
    assert figures["rulings"] == {"contact": 1}
    assert desk.json("referrals") == {"referrals": []}
    assert [each["action"] for each in desk.json("show", case)["history"]][:2] == ["opened", "claimed"]


def test_the_next_one_and_taking_over(desk: Desk, case: str) -> None:
    assert desk.json("next")["id"] == case
    assert desk.json("next") == {"case": None}
    assert desk.json("takeover", case, "--wait", "0")["held"] is True
    assert desk.json("message", case, "hello", "--wait", "0")["errand"]["kind"] == "message"
    assert desk.json("opinion", case, "what now?")["opinion_wanted"] is True
    assert desk.json("handover", case, "--to", "ben")["holder"] == "ben"
    assert desk.json("release", case)["held"] is False  # nobody has an account here, so mia is a lead


def test_what_people_do_wrong(desk: Desk, case: str) -> None:
    assert desk.json("decide", case, "no_risk", code=1)["error"] == "NotHeld"
    assert desk.json("show", "nothing", code=1)["error"] == "CaseUnknown"
    state = ("--state", str(desk.state))
    for words in (
        ("flag", "nobody"),
        ("decide", case, "contact"),
        ("decide", case, "no_risk", "--after", "1h"),
        ("decide", case, "watch", "--after", "soon"),
        ("list", "--states", "lost"),
    ):
        assert main(["review", words[0], *state, *words[1:]]) == 2


def test_without_a_state_there_is_nothing_to_look_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "list"]) == 2
    assert main(["audit", "verify"]) == 2
    assert "--state" in capsys.readouterr().err


def test_tables_for_people(desk: Desk, case: str) -> None:
    assert case in desk.text("review", "list")
    assert "seen" in desk.text("review", "show", case)
    assert "held by" in desk.text("review", "claim", case)
    assert "1 cases" in desk.text("review", "stats")
    assert desk.text("review", "referrals", "--csv") == "month,category,referrals\n"
    assert "None so far." in desk.text("review", "referrals")


def test_the_audit_is_whole_until_somebody_touches_it(desk: Desk, case: str) -> None:
    desk.json("claim", case)
    said = json.loads(desk.text("audit", "verify", "--json"))
    assert (said["whole"], said["lines"]) == (True, 2)
    assert "opened" in desk.text("audit", "list")
    assert json.loads(desk.text("audit", "list", "--after", "1", "--json"))["action"] == "claimed"
    assert "whole" in desk.text("audit", "verify", "--since", said["head"])
    engine = create_engine(f"sqlite:///{desk.state}/raise.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE review_trail SET by = 'nobody' WHERE number = 2")
    engine.dispose()
    assert "broken at line 2" in desk.text("audit", "verify", code=1)
    assert main(["audit", "verify", "--since", "2", "--state", str(desk.state)]) == 2
