"""The modes that are compared, and the simulated person who is asked."""

from __future__ import annotations

import pytest

from bot.errors import InputError
from bot.evaluation.penguin.dataset import Scenario
from bot.evaluation.penguin.generator import generate
from bot.evaluation.penguin.modes import DECLINED, Acquaintance, Branch, Met, User, parse_modes
from bot.policy.folder import find_folder
from bot.policy.loader import load
from bot.profile.attributes import ATTRIBUTES
from bot.raise_core.state import Table

POLICY = load(find_folder(None))
SCENARIOS = tuple(generate(140, 0))


def acquaintance(seed: int = 0) -> Acquaintance:
    return Acquaintance(lambda domain: Table.of(POLICY, domain), None, seed)


def meet(mode: str, scenario: Scenario, decline: float = 0.0) -> Met:
    (chosen,) = parse_modes(mode)
    return acquaintance().meet(chosen, User(scenario, decline, 0))


@pytest.mark.parametrize("scenario", SCENARIOS[:14])
def test_what_each_mode_learns(scenario: Scenario) -> None:
    assert meet("context-free", scenario) == Met((), {})
    assert meet("context-rich", scenario) == Met((), scenario.profile)
    assert meet("only:age", scenario).known == {"age": scenario.profile["age"]}
    assert set(meet("static", scenario).asked) == {"mental_health_status", "emotional_state", "past_self_harm_history"}
    assert len(set(meet("random@4", scenario).asked)) == 4
    assert len(meet("raise@2", scenario).asked) == 2
    assert len(meet("static@raise", scenario).asked) == len(meet("raise", scenario).asked)


@pytest.mark.parametrize("mode", ["raise", "raise@5", "static", "random@10", "static@raise"])
def test_only_what_was_asked_for_is_told_and_it_is_true(mode: str) -> None:
    for scenario in SCENARIOS:
        met = meet(mode, scenario, decline=0.3)
        assert set(met.known) <= set(met.asked)
        assert len(set(met.asked)) == len(met.asked)
        assert all(scenario.profile[name] == value for name, value in met.known.items())
        assert tuple(met.known) == tuple(name for name in ATTRIBUTES if name in met.known)


def test_who_declines_is_fixed_by_the_seed_and_the_same_in_every_mode() -> None:
    declined = 0
    for scenario in SCENARIOS:
        first, second = User(scenario, 0.3, 1), User(scenario, 0.3, 1)
        assert [first.keeps(name) for name in ATTRIBUTES] == [second.keeps(name) for name in ATTRIBUTES]
        declined += sum(first.keeps(name) for name in ATTRIBUTES)
        met = meet("random@10", scenario, decline=0.3)
        assert {name for name in met.asked if name not in met.known} == {
            name for name in ATTRIBUTES if User(scenario, 0.3, 0).keeps(name)
        }
    assert 0.25 < declined / (len(SCENARIOS) * 10) < 0.35


def test_what_the_data_does_not_say_cannot_be_told() -> None:
    scenario = SCENARIOS[0]
    told = {name: value for name, value in scenario.profile.items() if name != "past_self_harm_history"}
    public = Scenario("s", scenario.query, scenario.domain, told, dict(told))
    met = meet("static", public)
    assert "past_self_harm_history" in met.asked
    assert "past_self_harm_history" not in met.known


def test_the_tree_says_what_is_asked_after_which_answer() -> None:
    for scenario in SCENARIOS[:14]:
        tree = acquaintance().branches(scenario, 3)
        met = meet("raise", scenario)
        walked: list[str] = []
        while isinstance(tree, Branch) and len(walked) < 3:
            walked.append(tree.asked)
            answer = scenario.buckets[tree.asked] or "any answer"
            (tree,) = [then for answers, then in tree.after if answer in answers or "any answer" in answers]
        assert tuple(walked) == met.asked[:3]
    whole = acquaintance().branches(SCENARIOS[0], 1)
    assert whole is not None
    assert any(DECLINED in answers for answers, _ in whole.after)


def test_names_of_modes_are_read_and_written_alike() -> None:
    text = "context-free,context-rich,raise,raise@3,static,static@2,random@raise,only:age"
    assert ",".join(mode.name for mode in parse_modes(text)) == text
    assert len(parse_modes("attributes")) == 10
    assert len(parse_modes("raise, raise,only:age,attributes")) == 11


@pytest.mark.parametrize(
    "text", ["", "rise", "only:shoe", "only", "context-free@3", "raise@raise", "raise:age", "static@x"]
)
def test_other_modes_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected"):
        parse_modes(text)
