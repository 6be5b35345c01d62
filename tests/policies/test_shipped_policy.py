"""What the shipped policy says and holds, beyond what `policy check` enforces in every policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.policy.diagnostics import Level
from bot.policy.guide import reference, updated
from bot.policy.kinds import KINDS, example
from bot.policy.loader import inspect, load
from bot.policy.phrasebook import PHRASES
from bot.policy.phrases import phrase
from bot.policy.schema import Policy
from bot.profile.attributes import ATTRIBUTES, BUCKETS, DOMAINS, Sensitivity
from bot.severity import Category

POLICIES = Path(__file__).parents[2] / "policies"
LANGUAGES = ("en", "de", "es", "fr")


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load(POLICIES)


def test_only_unverified_resources_are_warned_about() -> None:
    diagnostics = inspect(POLICIES).diagnostics
    assert [str(each) for each in diagnostics if each.severity is Level.ERROR] == []
    assert {each.code for each in diagnostics} <= {"unverified"}


def test_attributes_and_domains_are_the_papers(policy: Policy) -> None:
    assert tuple(policy.defaults.attributes) == ATTRIBUTES
    assert tuple(policy.domains) == DOMAINS
    for name, buckets in BUCKETS.items():
        assert tuple(choice.id for choice in policy.defaults.attributes[name].choices) == buckets


def test_what_is_more_personal_costs_more_to_ask(policy: Policy) -> None:
    prices = {level: [] for level in Sensitivity}
    for attribute in policy.defaults.attributes.values():
        prices[attribute.sensitivity].append(attribute.price)
    assert max(prices[Sensitivity.ORDINARY]) < min(prices[Sensitivity.PERSONAL])
    assert max(prices[Sensitivity.PERSONAL]) < min(prices[Sensitivity.SENSITIVE])
    assert policy.defaults.attributes["past_self_harm_history"].price == max(prices[Sensitivity.SENSITIVE])


def test_every_question_is_short_and_says_why(policy: Policy) -> None:
    for attribute in policy.defaults.attributes.values():
        assert len(attribute.question) <= 200
        assert "?" in attribute.question
        assert attribute.reason


def test_age_has_no_phrases_since_the_code_reads_numbers(policy: Policy) -> None:
    assert all(not choice.words and not choice.cues for choice in policy.defaults.attributes["age"].choices)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("whom", ["", ".other"])
@pytest.mark.parametrize("category", list(Category))
def test_a_crisis_text_names_help_early_and_asks_nothing(
    policy: Policy, language: str, whom: str, category: Category
) -> None:
    text = phrase(policy, language, f"crisis.{category}{whom}", resource="RESOURCE")
    before = text[: text.index("RESOURCE")]
    assert len(re.findall(r"[.!?](?:\s|$)", before)) <= 1
    assert "?" not in text
    assert len(text) <= 700
    assert not re.search(r"diagnos|disorder|symptom", text, re.I)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_can_be_filled_in_every_language(policy: Policy, language: str) -> None:
    for phrase_id, placeholders in PHRASES.items():
        filled = phrase(policy, language, phrase_id, **dict.fromkeys(placeholders, "X"))
        assert "{" not in filled


@pytest.mark.parametrize("language", LANGUAGES)
def test_crisis_and_privacy_are_said_in_the_persons_own_language(policy: Policy, language: str) -> None:
    wanted = {each for each in PHRASES if each.startswith(("crisis.", "privacy.", "question."))}
    assert wanted - set(policy.locales[language].phrases) == set(), f"to be translated in locales/{language}.yaml"


def test_the_bot_says_that_it_is_an_ai_and_that_no_model_is_connected(policy: Policy) -> None:
    assert "AI" in phrase(policy, "en", "notice.about")
    assert "No language model answers right now" in phrase(policy, "en", "answer.offline")
    assert any("AI" in line for line in policy.defaults.guidance)
    assert any("diagnose" in line for line in policy.defaults.guidance)


def test_help_is_listed_for_many_countries_and_nobody_pretends_to_have_checked_it(policy: Policy) -> None:
    countries = policy.resources.countries
    assert len(countries) >= 35
    for country in countries.values():
        assert any(Category.SELF_HARM in resource.categories and resource.call for resource in country.resources)
    everything = [r for c in countries.values() for r in c.resources] + list(policy.resources.fallback)
    assert all(resource.verified_on is None for resource in everything)


def test_the_fallback_gives_directories_and_never_one_countrys_number(policy: Policy) -> None:
    numbers = {resource.call for resource in policy.resources.fallback} | {r.text for r in policy.resources.fallback}
    assert numbers <= {None, "112"}
    for category in set(Category) - {Category.MEDICAL_EMERGENCY}:
        assert any(category in resource.categories and resource.web for resource in policy.resources.fallback)


def test_no_country_is_assumed_for_languages_of_many_countries(policy: Policy) -> None:
    assert not {"en", "es", "fr", "de", "pt", "ar", "zh"} & set(policy.resources.locale_countries)
    assert policy.resources.locale_countries["ja"] == "JP"


def test_the_guide_has_every_key_and_is_up_to_date() -> None:
    page = (POLICIES / "README.md").read_text(encoding="utf-8")
    assert page == updated(page), "run: raise-bot policy guide --write --policies policies"
    assert reference() in page


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_key_has_an_example(kind: str) -> None:
    from bot.policy.guide import keys

    text = example(kind)
    for key in keys(kind):
        assert re.search(rf"\b{re.escape(key.path.rpartition('.')[2].removesuffix('[]'))}: ?", text), key.path
        assert key.meaning, f"{kind}: {key.path} has no description in the schema"


def test_a_key_written_twice_in_the_guide_never_differs_from_the_schema() -> None:
    for kind in KINDS:
        assert example(kind).rstrip() in reference()
