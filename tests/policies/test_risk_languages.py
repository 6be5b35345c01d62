"""The screen hears plain words of self-harm in German, Spanish and French: a floor, for which precision comes first."""

from pathlib import Path

import pytest

from bot.risk.screen import Screen
from bot.risk.verdicts import RiskHistory
from bot.severity import Category, Severity, Subject
from tests.support.policies import shipped


@pytest.fixture(scope="module")
def screen() -> Screen:
    return Screen(shipped())


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_danger_is_heard_and_ordinary_talk_is_not_in(language: str, screen: Screen) -> None:
    text = (Path(__file__).parent / "languages" / f"{language}.txt").read_text(encoding="utf-8")
    danger, _, ordinary = text.partition("--------\n")
    meant, harmless = danger.splitlines()[1:], ordinary.splitlines()
    assert len(meant) >= 40
    assert len(harmless) >= 60

    def alarms(said: str) -> bool:
        verdict = screen.screen(said, RiskHistory(), 0.0)[0]
        return verdict.severity.rank >= Severity.HIGH.rank and verdict.category is Category.SELF_HARM

    assert [said for said in meant if not alarms(said)] == []
    assert [said for said in harmless if alarms(said)] == []


@pytest.mark.parametrize(
    "said", ["Heute Nacht bringe ich mich um.", "Estoy en el puente y voy a saltar.", "J'ai avalé tous mes cachets."]
)
def test_what_is_under_way_is_imminent(said: str, screen: Screen) -> None:
    assert screen.screen(said, RiskHistory(), 0.0)[0].severity is Severity.IMMINENT


@pytest.mark.parametrize(
    "said", ["Mein Bruder will nicht mehr leben.", "Mi amiga se quiere matar.", "Mon fils ne veut plus vivre."]
)
def test_somebody_else_is_told_from_the_one_who_writes(said: str, screen: Screen) -> None:
    assert screen.screen(said, RiskHistory(), 0.0)[0].subject is Subject.OTHER
