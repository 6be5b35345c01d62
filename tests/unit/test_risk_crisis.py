import re

import pytest

from bot.policy.schema import Policy, Resources
from bot.risk.crisis import LAST_RESORT, MOST_RESOURCES, country_of, crisis_message, resources_for
from bot.risk.verdicts import Verdict
from bot.severity import Category, Severity, Subject
from tests.support.policies import shipped


def with_resources(**changes: object) -> Policy:
    resources = Resources.model_validate({**shipped().resources.model_dump(), **changes})
    return shipped().model_copy(update={"resources": resources})


@pytest.mark.parametrize(
    ("locale", "country"),
    [
        ("en-US", "US"),
        ("en_gb", "GB"),
        ("pt-BR.UTF-8", "BR"),
        ("cs", "CZ"),
        ("en", None),
        ("und", None),
        ("", None),
        ("es-419", None),
        ("cs-XX", None),
        ("en-u-ca-gregory", None),
        ("sr-Latn-RS-x-US", "RS"),
        ("C", None),
    ],
)
def test_the_country_is_the_region_else_one_safe_to_assume(locale: str, country: str | None) -> None:
    known = shipped().resources.countries
    assert country_of(shipped(), locale) == (country if country in known else None)


def test_a_country_assumed_but_not_described_is_unknown() -> None:
    assert country_of(with_resources(locale_countries={"xx": "ZZ"}), "xx") is None


@pytest.mark.parametrize("category", list(Category))
@pytest.mark.parametrize("locale", ["en-US", "de-AT", "und", "en-XX"])
def test_there_are_one_to_four_resources_everywhere(locale: str, category: Category) -> None:
    resources = resources_for(shipped(), locale, category)
    assert 1 <= len(resources) <= MOST_RESOURCES
    assert all(resource.call or resource.text or resource.web for resource in resources)


@pytest.mark.parametrize("category", list(Category))
def test_where_the_country_is_unknown_no_country_is_named(category: Category) -> None:
    assert {resource.country for resource in resources_for(shipped(), "und", category)} == {""}


def test_the_emergency_number_comes_first_in_an_emergency_and_last_otherwise() -> None:
    assert resources_for(shipped(), "en-US", Category.MEDICAL_EMERGENCY)[0].call == "911"
    resources = resources_for(shipped(), "en-US", Category.SELF_HARM)
    assert (resources[0].call, resources[-1].name) == ("988", "Emergency services")
    assert resources_for(shipped(), "de-DE", Category.SELF_HARM)[-1].name == "Notruf"
    assert resources_for(shipped(), "fr-FR", Category.SELF_HARM)[-1].name == "Services d'urgence"


def test_a_country_without_a_line_for_the_category_gets_what_serves_every_country() -> None:
    policy = with_resources(countries={"US": {"emergency": "911", "resources": []}})
    first, *_, last = resources_for(policy, "en-US", Category.SELF_HARM)
    assert (first.web, last.call) == ("https://findahelpline.com", "911")


def test_a_fallback_without_the_category_is_shown_whole_and_an_empty_one_replaced() -> None:
    lines = [{"name": "Line", "categories": ["self_harm"], "source": "x", "web": "https://line.example"}]
    assert resources_for(with_resources(fallback=lines), "und", Category.HARASSMENT)[0].name == "Line"
    assert resources_for(with_resources(fallback=[]), "und", Category.HARASSMENT) == LAST_RESORT.resources


def first_two_sentences(text: str) -> str:
    return " ".join(re.split(r"(?<=[.!?]) +", text)[:2])


@pytest.mark.parametrize("subject", list(Subject))
@pytest.mark.parametrize("category", list(Category))
@pytest.mark.parametrize("locale", ["en-US", "en-GB", "und"])
def test_help_is_named_in_the_first_two_sentences(locale: str, category: Category, subject: Subject) -> None:
    verdict = Verdict(Severity.HIGH, category, "rule", subject)
    message = crisis_message(shipped(), locale, verdict, repeat=False)
    first = message.resources[0]
    assert (first.call or first.text or first.web or "?") in first_two_sentences(message.text)
    assert message.category == category


def test_calling_and_writing_are_both_named() -> None:
    text = crisis_message(shipped(), "en-US", Verdict(Severity.HIGH, Category.SELF_HARM), repeat=False).text
    assert "call 988" in first_two_sentences(text)
    assert "text 988" in first_two_sentences(text)
    lines = [
        {"name": "Talk", "categories": ["self_harm"], "source": "x", "call": "111"},
        {"name": "Write", "categories": ["self_harm"], "source": "x", "text": "222"},
        {"name": "Bare", "categories": ["harassment"], "source": "x"},
    ]
    policy = with_resources(countries={"US": {"emergency": "911", "resources": lines}})
    both = crisis_message(policy, "en-US", Verdict(Severity.HIGH, Category.SELF_HARM), repeat=False).text
    assert "111" in first_two_sentences(both)
    assert "222" in first_two_sentences(both)
    assert "Bare" in crisis_message(policy, "en-US", Verdict(Severity.HIGH, Category.HARASSMENT), repeat=False).text


def test_imminent_danger_also_names_the_emergency_number() -> None:
    high, imminent = (
        crisis_message(shipped(), "en-US", Verdict(severity, Category.SELF_HARM), repeat=False).text
        for severity in (Severity.HIGH, Severity.IMMINENT)
    )
    assert "911" not in high
    assert "911" in imminent
    emergency = crisis_message(shipped(), "en-US", Verdict(Severity.IMMINENT, Category.MEDICAL_EMERGENCY), repeat=False)
    assert emergency.text.count("911") == 1


def test_within_the_cooldown_it_is_short() -> None:
    verdict = Verdict(Severity.IMMINENT, Category.SELF_HARM)
    again = crisis_message(shipped(), "en-US", verdict, repeat=True)
    assert "988" in again.text
    assert len(again.text) < len(crisis_message(shipped(), "en-US", verdict, repeat=False).text)


def test_a_verdict_without_category_is_answered_as_self_harm() -> None:
    message = crisis_message(shipped(), "en-US", Verdict(Severity.HIGH, rule="screen_failed"), repeat=False)
    assert message.category == Category.SELF_HARM


def test_a_policy_without_words_still_gives_the_last_resort() -> None:
    wordless = shipped().model_copy(update={"locales": {}})
    assert crisis_message(wordless, "en-US", Verdict(Severity.HIGH), repeat=False) == LAST_RESORT
    assert "findahelpline.com" in LAST_RESORT.text
    assert "emergency number" in LAST_RESORT.text
