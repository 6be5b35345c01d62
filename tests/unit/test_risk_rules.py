import pytest

from bot.errors import PolicyError
from bot.policy.schema import OnFailure, RiskPolicy, RiskRule
from bot.risk.normalise import tokens
from bot.risk.rules import DENIED_SHARE, Finding, Rules
from bot.severity import Category, Severity, Subject


def policy(**rule: object) -> RiskPolicy:
    values = {"id": "wish", "severity": "high", "score": 2.0, "phrases": ("want to die", "end it"), "why": "because"}
    made = RiskRule.model_validate({**values, **rule})
    return RiskPolicy(category=Category.SELF_HARM, title="x", on_failure=OnFailure.CLOSED, rules=(made,))


def findings(text: str, **rule: object) -> tuple[Finding, ...]:
    return Rules([policy(**rule)]).findings(tokens(text))


def test_a_phrase_makes_its_rule_fire() -> None:
    assert findings("I want to die") == (Finding(Category.SELF_HARM, "wish", Severity.HIGH, Subject.SELF, 2.0),)
    assert findings("I want to dine") == ()


def test_unless_holds_in_its_own_sentence_only() -> None:
    assert findings("want to die lol", unless=("lol",)) == ()
    assert findings("that was funny lol. I want to die.", unless=("lol",)) != ()


def test_needs_may_stand_anywhere_in_the_message() -> None:
    assert findings("I want to die.", needs=("pills",)) == ()
    assert findings("I want to die. The pills are here.", needs=("pills",)) != ()
    assert findings("The pills are here.", needs=("pills",)) == ()


@pytest.mark.parametrize(
    "text", ["I don't want to die", "I never really want to die", "not wanting to end it", "not end it"]
)
def test_a_denial_is_a_concern_with_a_third_of_the_score(text: str) -> None:
    [finding] = findings(text)
    assert (finding.severity, finding.score) == (Severity.CONCERN, 2.0 * DENIED_SHARE)


@pytest.mark.parametrize(
    "text",
    [
        "I can not end it",
        "why not end it",
        "Isn't wanting to end it normal?",
        "Hello there. Isn't wanting to end it normal?",
        "I don't sleep. I want to die",
        "no. I want to die",
        "I don't know if I want to die",
        "I feel like being at the end of trying to be thinking of any plans to end it",
    ],
)
def test_what_only_looks_like_a_denial_is_none(text: str) -> None:
    [finding] = findings(text)
    assert finding.severity is Severity.HIGH


def test_said_by_the_first_person_itself_is_no_denial() -> None:
    [finding] = findings("not that i want to die", phrases=("i want to die",))
    assert finding.severity is Severity.HIGH


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("I want to die", Subject.SELF),
        ("my sister wants me to say I want to die", Subject.SELF),
        ("my sister seems to want to die", Subject.OTHER),
        ("I think my friend might want to die", Subject.OTHER),
        ("my friend left. want to die", Subject.SELF),
        ("just want to die", Subject.SELF),
        ("want to die", Subject.SELF),
    ],
)
def test_whom_it_is_about(text: str, subject: Subject) -> None:
    [finding] = findings(text)
    assert finding.subject is subject


def test_a_rule_about_others_stays_about_others() -> None:
    [finding] = findings("I want to die", subject="other")
    assert finding.subject is Subject.OTHER


def test_said_again_counts_half_up_to_three_times_the_score() -> None:
    def score(times: int) -> float:
        return findings("I want to die and sleep well. " * times)[0].score

    assert [score(times) for times in (1, 2, 3, 9)] == [2.0, 3.0, 4.0, 6.0]
    [overlapping] = findings("i want to die", phrases=("want to die", "to die"))
    assert overlapping.score == 2.0


def test_a_phrase_that_cannot_be_read_names_its_rule() -> None:
    with pytest.raises(PolicyError, match=r"self_harm\.wish"):
        Rules([policy(phrases=("(die",))])
