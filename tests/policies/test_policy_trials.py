"""``policy test``: the shipped tests pass, a wrong expectation is told with its place, and a broken test is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.cli.main import main
from bot.policy.loader import load
from bot.policy.trial_files import inspect_trials
from bot.profile.attributes import DOMAINS
from bot.severity import Category

POLICIES = Path(__file__).parents[2] / "policies"
WRONG = """tests:
  - name: a wrong hope
    steps:
      - say: I failed my final exam
        expect: {asked: age, domain: none, says: [never said]}
      - choose: bachelor
        expect:
          used: [age]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped policy whose only tests are in tests/own.yaml."""
    copy = tmp_path / "policies"
    shutil.copytree(POLICIES, copy)
    index = (copy / "index.yaml").read_text(encoding="utf-8")
    (copy / "index.yaml").write_text(index[: index.index("tests:")] + "tests:\n  - tests/own.yaml\n", encoding="utf-8")
    shutil.rmtree(copy / "tests")
    (copy / "tests").mkdir()
    return copy


def own(folder: Path, text: str) -> None:
    (folder / "tests" / "own.yaml").write_text(text, encoding="utf-8")


def test_the_shipped_tests_pass_and_speak_of_every_domain_and_danger(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "test", "--policies", str(POLICIES), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["failed"] == 0
    assert report["tests"] == len(report["outcomes"])
    policy = load(POLICIES)
    assert report["policy"] == policy.id
    steps = [
        step for file in inspect_trials(POLICIES, policy).files for test in file.trials.tests for step in test.steps
    ]
    assert {step.expect.domain for step in steps if step.expect is not None} >= set(DOMAINS)
    assert {step.expect.category for step in steps if step.expect is not None} >= set(Category)


def test_a_wrong_expectation_is_told_with_its_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own(folder, WRONG)
    assert main(["policy", "test", str(folder), "-k", "wrong hope"]) == 1
    told = capsys.readouterr().out
    assert "tests/own.yaml:5:25: a wrong hope, 1. step: asked" in told
    assert "- expected  age\n    + got       education_level" in told
    assert "tests/own.yaml:5:38: a wrong hope, 1. step: domain" in told
    assert "tests/own.yaml:8:17: a wrong hope, 2. step: used" in told
    assert "'never said'" in told
    assert "1 tests, 1 failed" in told


def test_the_report_for_ci_is_well_formed(folder: Path, tmp_path: Path) -> None:
    own(folder, WRONG.replace("a wrong hope", "a wrong & <hope>"))
    report = tmp_path / "junit.xml"
    assert main(["policy", "test", str(folder), "-k", "hope", "--junit", str(report)]) == 1
    root = ElementTree.parse(report).getroot()  # noqa: S314 - written by ourselves a moment ago
    assert root.tag == "testsuites"
    assert root.get("failures") == "1"
    suite = next(each for each in root if each.get("name") == "tests/own.yaml")
    case = suite.find("testcase")
    assert case is not None
    assert case.get("name") == "a wrong & <hope>"
    failure = case.find("failure")
    assert failure is not None
    assert "expected age, got education_level" in (failure.text or "")


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("tests:\n  - name: a\n    steps: [{say: x, expect: {asked: agee}}]\n", "3:38", "no attribute 'agee'"),
        ("tests:\n  - name: a\n    steps: [{say: x, wait: 3h, expect: {crisis: true}}]\n", "3:13", "say and wait"),
        ("tests:\n  - name: a\n    steps: [{say: x}]\n", "2:11", "expects nothing"),
        ("tests:\n  - name: a\n    steps: [{say: x, expect: {cricis: true}}]\n", "3:31", "unknown key 'cricis'"),
        ("tests:\n  - name: a\n    steps: [{say: x, expect: {rule: nope}}]\n", "3:37", "no rule 'nope'"),
        ("tests:\n  - name: a\n    steps: [{say: x, expect: {domain: helth}}]\n", "3:39", "no domain 'helth'"),
    ],
)
def test_a_broken_test_is_refused_with_its_place(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, place: str, message: str
) -> None:
    own(folder, text)
    for action in ("test", "check"):
        assert main(["policy", action, str(folder)]) == 1
        told = capsys.readouterr().out
        assert f"tests/own.yaml:{place}: error:" in told
        assert message in told


def test_tests_are_no_part_of_the_policy(folder: Path) -> None:
    own(folder, WRONG)
    before = load(folder).id
    own(folder, WRONG.replace("hope", "wish"))
    assert load(folder).id == before


def test_an_exemplar_that_its_rule_does_not_catch_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own(folder, "tests:\n  - name: a\n    steps: [{say: hello there, expect: {crisis: false}}]\n")
    file = folder / "risk" / "harassment.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("    exemplars:\n", "    exemplars:\n      - the weather is fine\n", 1), encoding="utf-8"
    )
    assert main(["policy", "test", str(folder)]) == 1
    told = capsys.readouterr().out
    line = text[: text.index("    exemplars:\n")].count("\n") + 2
    assert f"risk/harassment.yaml:{line}:9" in told
    assert "+ got       none" in told


def test_no_test_to_run_is_wrong_usage(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own(folder, WRONG)
    assert main(["policy", "test", str(folder), "-k", "nothing of this name"]) == 2
    assert "no test to run" in capsys.readouterr().err
