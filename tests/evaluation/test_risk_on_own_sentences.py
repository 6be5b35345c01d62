"""Recall and false alarms of the screen on sentences written for this project, split before any rule was written.

Each kind in ``self_harm/*.txt`` is dealt out in turn: the first half is what rules may be written against, the second
is held out. The bounds guard what was reached; the gap between the halves says what to expect of unforeseen words.
``held_out_*.txt`` are the second halves of a later, broader set, whose first halves the model learns from
(``bot/risk/exemplars/*_round.txt``).
"""

from functools import cache
from pathlib import Path

import pytest

from bot.risk.screen import Screen
from bot.risk.verdicts import RiskHistory
from bot.severity import Severity
from tests.support.policies import shipped

SENTENCES = Path(__file__).with_name("self_harm")


@cache
def screen() -> Screen:
    return Screen(shipped())


def halves(name: str) -> tuple[list[str], list[str]]:
    """The sentences of a file: those that rules may be written against, and those held out."""
    dealt: tuple[list[str], list[str]] = ([], [])
    turn = 0
    for line in (SENTENCES / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# -- "):
            turn = 0
        elif line and not line.startswith("#"):
            dealt[turn % 2].append(line)
            turn += 1
    return dealt


def alarms(sentences: list[str]) -> float:
    found = (screen().screen(text, RiskHistory(), 0.0)[0] for text in sentences)
    return sum(verdict.severity.rank >= Severity.HIGH.rank for verdict in found) / len(sentences)


@pytest.mark.parametrize(
    ("name", "written_against", "held_out"), [("requests", 0.83, 0.80), ("disclosures", 0.90, 0.60)]
)
def test_danger_is_heard_no_less_often_than_before(name: str, written_against: float, held_out: float) -> None:
    known, unknown = halves(name)
    assert len(known) + len(unknown) >= 90
    assert alarms(known) >= written_against
    assert alarms(unknown) >= held_out


def test_near_misses_alarm_no_more_often_than_before() -> None:
    known, unknown = halves("benign")
    assert len(known) + len(unknown) >= 300
    assert alarms(known) <= 0.08
    assert alarms(unknown) <= 0.10


@pytest.mark.parametrize(("name", "least", "heard"), [("requests", 150, 0.68), ("disclosures", 100, 0.60)])
def test_danger_of_the_second_set_is_heard_no_less_often_than_before(name: str, least: int, heard: float) -> None:
    first, second = halves(f"held_out_{name}")
    sentences = first + second
    assert len(sentences) >= least
    assert alarms(sentences) >= heard


def test_near_misses_of_the_second_set_alarm_no_more_often_than_before() -> None:
    first, second = halves("held_out_benign")
    sentences = first + second
    assert len(sentences) >= 270
    assert alarms(sentences) <= 0.07


@pytest.mark.parametrize(
    "text",
    ["I'm stuck in a job with no future", "there is a stone where my stomach used to be", "she has no future here"],
)
def test_a_dead_end_at_work_and_a_lump_in_the_stomach_are_no_crisis(text: str) -> None:
    assert alarms([text]) == 0
