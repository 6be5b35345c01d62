"""Made-up scenarios: what they promise about queries, people and spread."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from bot.errors import InputError
from bot.evaluation.penguin.generator import MOST, generate, person, possible
from bot.evaluation.penguin.leaks import leaks
from bot.evaluation.penguin.situations import GROUPS, SITUATIONS
from bot.policy.folder import find_folder
from bot.policy.loader import load
from bot.profile.attributes import ATTRIBUTES, BUCKETS, DOMAINS
from bot.raise_core.agent.reading import Reader


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(load(find_folder(None)))


def test_seven_domains_two_groups_ten_situations() -> None:
    assert set(SITUATIONS) == {(domain, group) for domain in DOMAINS for group in GROUPS}
    assert all(len(each) == 10 for each in SITUATIONS.values())
    ways = [way for each in SITUATIONS.values() for both in each for way in both]
    assert len(set(ways)) == 280


def test_they_spread_evenly_and_no_query_stands_twice() -> None:
    made = list(generate(2_800, 3))
    assert set(Counter(each.domain for each in made).values()) == {400}
    assert set(Counter((each.domain, each.group, each.situation) for each in made).values()) == {20}
    assert len({each.query for each in made}) == 2_800
    assert len({each.id for each in made}) == 2_800


def test_no_query_gives_away_who_asks(reader: Reader) -> None:
    assert [each.query for each in generate(2_800, 1) if leaks(each.query, reader)] == []


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("I am a 34-year-old and wonder", "age"),
        ("My husband left", "marital_status"),
        ("As a nurse I see a lot", "profession"),
        ("My depression is back", "mental_health_status"),
        ("I used to hurt myself", "past_self_harm_history"),
        ("I feel so lonely", "emotional_state"),
        ("I am unemployed now", "economic_status"),
        ("My diabetes is worse", "health_status"),
        ("I am writing my PhD", "education_level"),
        ("As a mother I worry", "gender"),
    ],
)
def test_a_query_that_tells_is_noticed(reader: Reader, query: str, told: str) -> None:
    assert told in leaks(query, reader)


def test_people_are_whole_and_possible() -> None:
    rng = Random(5)
    for _ in range(500):
        made = person(rng, "career")
        assert tuple(made) == ATTRIBUTES
        assert possible(made)
        assert all(value in BUCKETS[name] for name, value in made.items() if BUCKETS[name])
    assert not possible({"age": "18-24", "profession": "retired"})


def test_people_follow_the_graph() -> None:
    made = [each.profile for each in generate(7_000, 0)]

    def share(value: str, given: tuple[str, str]) -> float:
        some = [each for each in made if each[given[0]] == given[1]]
        return sum(each["past_self_harm_history"] == value for each in some) / len(some)

    low, high = (share("yes", ("mental_health_status", name)) for name in ("none", "severe depression"))
    assert low < 0.15 < 0.35 < high


def test_the_same_seed_gives_the_same_scenarios() -> None:
    assert list(generate(50, 9)) == list(generate(50, 9))
    assert list(generate(50, 9)) != list(generate(50, 10))
    assert list(generate(20, 9)) == list(generate(50, 9))[:20]


@pytest.mark.parametrize("count", [0, -1, MOST + 1])
def test_more_than_the_templates_can_say_is_refused(count: int) -> None:
    with pytest.raises(InputError, match="expected --count from 1"):
        list(generate(count, 0))
