from __future__ import annotations

import pytest

from adapters.embeddings.hashing import HashingEmbedder
from bot.policy.features import Featurer
from bot.policy.locate import Location, Locator
from bot.policy.schema import Policy
from tests.support.policies import shipped, varied


@pytest.fixture(scope="module")
def locator() -> Locator:
    return Locator(shipped(), HashingEmbedder())


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("I can't pay rent this month and I'm scared", "financial"),
        ("my card was declined", None),
        ("transfer money to my savings account", None),
        ("job interview tomorrow and I'm terrified", "career"),
        ("set a reminder for my job interview tomorrow", None),
        ("my dad's cancer has come back", "health"),
        ("I feel terrible", "health"),
        ("what is cancer", None),
        ("I have nobody to talk to and no friends at all", "social"),
        ("my husband and I fight about everything", "relationship"),
        ("text my husband that I'm late", None),
        ("I failed two exams and don't dare to tell my parents", "education"),
        ("what's the point of my life", "life"),
        ("since my wife died nothing makes sense", "life"),
        ("hello, how are you?", None),
        ("thanks, that helped", None),
        ("are you a robot", None),
        ("hello", None),
        ("I would rather not", None),
        ("I'd rather not say", None),
        ("my mom died last week", "life"),
        ("I want to quit my job and travel, is that stupid?", "career"),
        ("kind of down", "health"),
        ("I want to die", "health"),
        ("my girlfriend broke up with me", "relationship"),
        ("leave me alone", "social"),
    ],
)
def test_sends_messages_where_they_belong(locator: Locator, text: str, domain: str | None) -> None:
    assert locator.locate(text).domain == domain


@pytest.mark.parametrize("text", ["", "  \n", "🙂🙃", "?!", "___", "\ud800"])
def test_a_text_without_words_belongs_nowhere(locator: Locator, text: str) -> None:
    assert locator.locate(text) == Location(None, 0.0, 0.0, None)


@pytest.mark.parametrize("text", ["help " * 200_000, "\x00" * 1000 + "work", "ж" * 5000, "שלום " * 50, "1" * 3000])
def test_takes_any_text(locator: Locator, text: str) -> None:
    found = locator.locate(text)
    assert 0 <= found.score <= 1
    assert 0 <= found.margin <= 1


def test_is_the_same_each_time_and_for_each_locator(locator: Locator) -> None:
    text = "my boss yells at me and I lie awake at night"
    assert locator.locate(text) == locator.locate(text) == Locator(shipped(), HashingEmbedder()).locate(text)


def test_texts_read_together_belong_where_each_does_alone(locator: Locator) -> None:
    texts = ["I lost my job", "", "set a timer", "we argue every night?"]
    assert locator.locate_each(texts) == [locator.locate(text) for text in texts]


def test_reads_neither_case_nor_typography(locator: Locator) -> None:
    assert locator.locate("I CAN’T PAY MY RENT") == locator.locate("i can't pay my rent")


def test_tells_how_sure_it_is_and_what_came_second(locator: Locator) -> None:
    clear = locator.locate("I was fired from my job and my boss laughed")
    close = locator.locate("I was fired from my job and can't pay the rent")
    assert (clear.domain, clear.score > 0.9, clear.margin > 0.5) == ("career", True, True)
    assert {close.domain, close.runner_up} == {"career", "financial"}
    assert close.margin < clear.margin


def test_ordinary_talk_keeps_its_scores(locator: Locator) -> None:
    found = locator.locate("what is the capital of Mongolia")
    assert found.domain is None
    assert found.score < shipped().defaults.routing.floor
    assert found.runner_up in shipped().domains


def test_the_floor_decides_what_is_none() -> None:
    strict = Locator(varied(routing={"floor": 1.0}), HashingEmbedder())
    open_ = Locator(varied(routing={"floor": 0.0, "margin": 0.0}), HashingEmbedder())
    assert strict.locate("I hate my job").domain is None
    assert open_.locate("play some jazz").domain is not None


def test_the_margin_decides_close_calls() -> None:
    text = "I was fired from my job and can't pay the rent"
    margin = Locator(shipped(), HashingEmbedder()).locate(text).margin
    assert Locator(varied(routing={"margin": margin}), HashingEmbedder()).locate(text).domain is not None
    assert Locator(varied(routing={"margin": margin + 0.01}), HashingEmbedder()).locate(text).domain is None


def test_errands_compete_with_the_words_of_domains_and_signs_do_not() -> None:
    policy = shipped()
    listed = {"errands": {"banking": ("credit card limit",)}, "signs": {"cards": ("card",)}}
    featurer = Featurer(policy.model_copy(update={"none": policy.none.model_copy(update=listed)}))
    alone = featurer.read(["card"], asks=False)
    within = featurer.read(["credit", "card", "limit"], asks=False)
    sign = featurer.width - 2
    assert sign in alone.places
    assert sign in within.places
    assert sign - 2 in within.places


def test_a_policy_with_one_domain_has_no_runner_up() -> None:
    policy = shipped()
    alone: Policy = policy.model_copy(update={"domains": {"career": policy.domains["career"]}})
    found = Locator(alone, HashingEmbedder()).locate("I hate my job and my boss")
    assert (found.domain, found.margin, found.runner_up) == ("career", 1.0, None)
