"""The content of the seven domains: worth as published on average, wording that uses what was said."""

from __future__ import annotations

import pytest

from bot.policy.schema import Offline
from bot.profile.attributes import ATTRIBUTES, BUCKETS, DOMAINS
from tests.support.policies import shipped

PUBLISHED = {
    "mental_health_status": 0.85,
    "emotional_state": 0.78,
    "past_self_harm_history": 0.71,
    "health_status": 0.55,
    "education_level": 0.41,
    "economic_status": 0.38,
    "profession": 0.38,
    "age": 0.31,
    "marital_status": 0.31,
    "gender": 0.21,
}
"""Gain of one attribute over the baseline of 3.12 (paper; METHOD section 3)."""
OWN = {
    "education": "education_level",
    "relationship": "marital_status",
    "health": "health_status",
    "financial": "economic_status",
    "career": "profession",
}
LONGEST_POINT = 420


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_gains_are_the_published_ones_on_average(attribute: str) -> None:
    gains = [domain.attributes[attribute].gain for domain in shipped().domains.values()]
    assert sum(gains) / len(gains) == pytest.approx(PUBLISHED[attribute], abs=0.01)


@pytest.mark.parametrize(("domain", "attribute"), OWN.items())
def test_a_domains_own_attribute_is_worth_most_there(domain: str, attribute: str) -> None:
    gains = {name: each.attributes[attribute].gain for name, each in shipped().domains.items()}
    assert max(gains, key=gains.__getitem__) == domain


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_concern_makes_self_harm_hardly_worth_asking(domain: str) -> None:
    rules = [each for each in shipped().domains[domain].modulations if each.target == "past_self_harm_history"]
    factors = {(each.attribute, value): each.factor for each in rules for value in each.values}
    assert factors["mental_health_status", "none"] == 0.2
    assert factors["emotional_state", "despair"] > 1


@pytest.mark.parametrize("domain", DOMAINS)
def test_routing_is_taught_enough(domain: str) -> None:
    routing = shipped().domains[domain].routing
    assert 60 <= len(routing.exemplars) <= 300
    assert len(set(routing.exemplars)) == len(routing.exemplars)
    assert len(routing.words) >= 100


@pytest.mark.parametrize("domain", DOMAINS)
def test_offline_answers_use_what_was_said(domain: str) -> None:
    offline: Offline = shipped().domains[domain].offline
    conditional = [point for point in offline.points if point.when]
    assert len(conditional) >= 8
    assert len(offline.points) - len(conditional) >= 1
    assert any("past_self_harm_history" in point.when for point in conditional)
    for hard in ("despair", "anxiety", "loneliness"):
        values = [value for point in conditional for value in point.when.get("emotional_state", ())]
        assert hard in values or domain in {"health", "financial", "career", "education"}


@pytest.mark.parametrize("domain", DOMAINS)
def test_offline_points_are_short_and_their_values_exist(domain: str) -> None:
    for point in shipped().domains[domain].offline.points:
        assert len(point.text) <= LONGEST_POINT, point.text
        for attribute, values in point.when.items():
            assert set(values) <= set(BUCKETS[attribute])


@pytest.mark.parametrize("domain", DOMAINS)
def test_despair_is_met_in_every_domain(domain: str) -> None:
    points = shipped().domains[domain].offline.points
    assert any("despair" in point.when.get("emotional_state", ()) for point in points)
