"""The simulated world computes METHOD section 7 by hand-checked numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bot.errors import InputError
from bot.evaluation.generator import Calibration, generate
from bot.evaluation.worlds import LATTICE, World, dump_worlds, load_worlds, prior_of, willing

ROW = {
    "id": "w1", "domain": "health", "query": "text", "base": 3.0, "ceiling": 4.5, "judge_sd": 0.0,
    "weights": {"age": 0.2, "mental_health_status": 0.5, "emotional_state": 0.4, "past_self_harm_history": 0.6},
    "interactions": [["mental_health_status", "emotional_state", -0.4]],
    "profile": {"age": "25-34", "mental_health_status": "none", "emotional_state": "calm"},
    "modulation": [["mental_health_status", "none", "past_self_harm_history", 0.5],
                   ["emotional_state", "anger", "age", 0.0]],
    "answers": {"past_self_harm_history": 0.0},
    "prior": {"age": 0.1, "mental_health_status": 0.9},
}  # fmt: skip


def value(*names: str) -> float:
    return float(World.model_validate(ROW).values[LATTICE.bits(names)])


def test_the_value_follows_the_formula() -> None:
    assert value() == pytest.approx(3.0)
    assert value("age") == pytest.approx(3.0 + 1.5 * 0.2)
    pair = 3.0 + 1.5 * (1 - 0.5 * 0.6) - 0.4 * 0.5 * 0.4
    assert value("mental_health_status", "emotional_state") == pytest.approx(pair)


def test_modulation_needs_the_attribute_in_the_set_and_the_value_in_the_profile() -> None:
    assert value("past_self_harm_history") == pytest.approx(3.0 + 1.5 * 0.6)
    both = 3.0 + 1.5 * (1 - 0.5 * (1 - 0.3))
    assert value("past_self_harm_history", "mental_health_status") == pytest.approx(both)
    assert value("age", "emotional_state") == pytest.approx(3.0 + 1.5 * (1 - 0.8 * 0.6))


def test_values_and_judgements_stay_on_the_scale() -> None:
    high = World.model_validate({**ROW, "interactions": [["age", "emotional_state", 90.0]], "judge_sd": 3.0})
    assert high.values.max() == 5.0
    scores = [high.judge(3, 0, draw) for draw in range(200)]
    assert min(scores) >= 1.0
    assert max(scores) <= 5.0
    assert [score * 3 for score in scores] == pytest.approx([round(score * 3) for score in scores])


def test_a_judgement_depends_on_seed_set_and_draw_only() -> None:
    world = World.model_validate({**ROW, "judge_sd": 0.5})
    assert world.judge(3, 0, 1) == world.judge(3, 0, 1)
    assert len({world.judge(3, seed, draw) for seed in range(5) for draw in range(5)}) > 3


def test_a_noiseless_judge_rounds() -> None:
    assert World.model_validate(ROW).judge(LATTICE.bits(["age"]), 0, 0) == 3.0


def test_users_decline_what_the_world_says_and_a_share_on_top() -> None:
    world = World.model_validate(ROW)
    assert willing(world, 0)["past_self_harm_history"] is False
    assert all(told for name, told in willing(world, 0).items() if name != "past_self_harm_history")
    assert not any(willing(world, 0, decline=1.0).values())
    many = [told for seed in range(100) for told in willing(world, seed, decline=0.3).values()]
    assert 0.55 < np.mean(many) < 0.71


def test_a_ranking_covers_every_attribute() -> None:
    assert prior_of(World.model_validate(ROW))["gender"] == 0.1


def test_worlds_survive_a_file(tmp_path: Path) -> None:
    worlds = generate(5, 3)
    dump_worlds(worlds, tmp_path / "worlds.json")
    assert load_worlds(tmp_path / "worlds.json") == worlds


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{**ROW, "weights": {"shoe_size": 0.3}}], "got shoe_size"),
        ([{**ROW, "base": 9}], "world 0/base"),
        ([{**ROW, "query": ""}], "world 0/query"),
        ([ROW, ROW], "'w1' twice"),
        ([], "at least one world"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, rows: list[object], told: str) -> None:
    path = tmp_path / "worlds.json"
    path.write_text(json.dumps(rows))
    with pytest.raises(InputError, match=told):
        load_worlds(path)


def test_half_a_file_and_no_file(tmp_path: Path) -> None:
    path = tmp_path / "worlds.json"
    path.write_text(json.dumps([ROW])[:90])
    with pytest.raises(InputError, match="could not read on"):
        load_worlds(path)
    with pytest.raises(InputError, match="could not read"):
        load_worlds(tmp_path / "none.json")


def test_the_generator_is_calibrated_and_repeatable() -> None:
    worlds = generate(300, 0)
    assert worlds == generate(300, 0)
    gained = np.mean([world.values[LATTICE.bits(["mental_health_status"])] - world.values[0] for world in worlds])
    least = np.mean([world.values[LATTICE.bits(["gender"])] - world.values[0] for world in worlds])
    assert gained == pytest.approx(0.85, abs=0.1)
    assert least == pytest.approx(0.21, abs=0.1)
    assert np.mean([world.base for world in worlds]) == pytest.approx(3.12, abs=0.05)
    assert generate(3, 0, Calibration(judge_sd=0.9))[0].judge_sd == 0.9
