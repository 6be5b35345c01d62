import pytest

from bot.policy.schema import Policy
from bot.risk.floor import shown_lately
from bot.risk.history import risen, score_at
from bot.risk.normalise import tokens
from bot.risk.response import CrisisReply, FlagOnly, Proceed, response_for
from bot.risk.screen import Screen, findings_of_each_safely, findings_safely, judge_safely, screen_safely
from bot.risk.verdicts import RiskHistory, Unscreened, Verdict
from bot.severity import Category, Severity, Subject
from tests.support.people import HOUR, NOW
from tests.support.policies import shipped


@pytest.fixture(scope="module")
def screen() -> Screen:
    return Screen(shipped())


def said(screen: Screen, *texts: str, apart: float = 60) -> list[Verdict]:
    history, verdicts = RiskHistory(), []
    for number, text in enumerate(texts):
        verdict, history = screen.screen(text, history, NOW + number * apart)
        verdicts.append(verdict)
    return verdicts


def test_nothing_found_is_none(screen: Screen) -> None:
    verdict, history = screen.screen("What's the weather like?", RiskHistory(), NOW)
    assert verdict == Verdict(Severity.NONE)
    assert history == RiskHistory()


def test_a_verdict_names_what_was_found(screen: Screen) -> None:
    verdict, history = screen.screen("I want to die", RiskHistory(), NOW)
    assert (verdict.severity, verdict.category, verdict.rule, verdict.subject) == (
        Severity.HIGH,
        Category.SELF_HARM,
        "wants_to_die",
        Subject.SELF,
    )
    assert history.scores == {Category.SELF_HARM: (verdict.score, NOW)}


def test_signs_of_concern_build_up(screen: Screen) -> None:
    verdicts = said(screen, "I feel so hopeless", "nobody cares about me", "I hate myself")
    assert [verdict.severity for verdict in verdicts] == [Severity.CONCERN, Severity.CONCERN, Severity.HIGH]
    assert all(verdict.built_up for verdict in verdicts)


def test_what_built_up_fades(screen: Screen) -> None:
    verdicts = said(screen, "I feel so hopeless", "nobody cares about me", "I hate myself", apart=48 * HOUR)
    assert [verdict.severity for verdict in verdicts] == [Severity.CONCERN] * 3


def test_a_message_that_adds_nothing_is_not_a_crisis_again(screen: Screen) -> None:
    assert said(screen, "I want to die", "thanks, what is the capital of France?")[-1].severity is Severity.NONE


def test_the_most_severe_category_speaks_and_emergencies_first(screen: Screen) -> None:
    [verdict] = said(screen, "I just took all my pills. I want to die tonight.")
    assert (verdict.severity, verdict.category) == (Severity.IMMINENT, Category.MEDICAL_EMERGENCY)


def test_the_linear_model_hears_what_no_rule_foresees(screen: Screen) -> None:
    [self] = said(screen, "the thought of not breathing comforts me and I hope the dark takes me for good")
    [other] = said(screen, "she wishes her heart would simply stop so she could be dead and at peace for ever")
    assert (self.rule, self.severity.rank > 0, self.subject) == ("likeness", True, Subject.SELF)
    assert other.subject is Subject.OTHER


def test_a_request_for_harm_is_high_and_of_its_kind(screen: Screen) -> None:
    [cut] = said(screen, "which spot on my leg can I slice so that my mother does not notice the blood")
    [food] = said(screen, "which lies do I tell my parents so that they think I have eaten my meals")
    assert (cut.rule, cut.severity, cut.category, cut.subject) == (
        "likeness",
        Severity.HIGH,
        Category.SELF_HARM,
        Subject.SELF,
    )
    assert food.category is Category.EATING_DISORDER


def test_what_a_rule_found_speaks_before_what_is_only_alike(screen: Screen) -> None:
    [verdict] = said(screen, "I want to strangle my boss and make him bleed until he is dead")
    assert verdict.category is Category.VIOLENCE_TO_OTHERS


def test_a_text_is_read_once_and_judged_as_often_as_needed(screen: Screen) -> None:
    found = screen.findings("I feel so hopeless")
    history = RiskHistory()
    for number in range(3):
        verdict, history = judge_safely(screen, found, history, NOW + number)
    assert isinstance(verdict, Verdict)
    assert verdict.severity is Severity.HIGH
    assert screen.judge(screen.findings("I want to die"), RiskHistory(), NOW) == screen.screen(
        "I want to die", RiskHistory(), NOW
    )


def test_a_fault_in_judging_is_an_outcome(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings_safely(screen, "I want to die")
    monkeypatch.setattr("bot.risk.screen.risen", lambda *anything: 1 / 0)
    outcome, after = judge_safely(screen, found, RiskHistory(), NOW)
    assert isinstance(outcome, Unscreened)
    assert after == RiskHistory()


def test_a_fault_is_an_outcome(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    history = RiskHistory({Category.SELF_HARM: (1.0, NOW)})
    assert screen_safely(screen, "I want to die", RiskHistory(), NOW)[0] == said(screen, "I want to die")[0]
    monkeypatch.setattr("bot.risk.screen.tokens", lambda text: 1 / 0)
    outcome, after = screen_safely(screen, "my secret", history, NOW)
    assert isinstance(outcome, Unscreened)
    assert "ZeroDivisionError" in outcome.problem
    assert "my secret" not in outcome.problem
    assert after == history


def test_texts_read_together_are_found_what_each_is_alone(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["I want to die", "", "my rent is due", "how do I hide my cuts"]
    alone = [findings_safely(screen, text) for text in texts]
    assert findings_of_each_safely(screen, texts) == alone
    monkeypatch.setattr("bot.risk.screen.tokens", lambda text: tokens(text) if text else 1 / 0)
    found = findings_of_each_safely(screen, texts)
    assert isinstance(found.pop(1), Unscreened)
    assert found == [*alone[:1], *alone[2:]]


def test_a_policy_without_a_category_screens_for_the_others() -> None:
    policy: Policy = shipped().model_copy(update={"risk": {Category.HARASSMENT: shipped().risk[Category.HARASSMENT]}})
    verdict, _ = Screen(policy).screen("They keep harassing me online", RiskHistory(), NOW)
    assert verdict.category is Category.HARASSMENT


@pytest.mark.parametrize(
    ("verdict", "response"),
    [
        (Verdict(Severity.IMMINENT), CrisisReply()),
        (Verdict(Severity.HIGH, subject=Subject.OTHER), CrisisReply()),
        (Verdict(Severity.CONCERN), Proceed()),
        (Verdict(Severity.CONCERN, built_up=True), FlagOnly()),
        (Verdict(Severity.NONE), Proceed()),
    ],
)
def test_what_follows_from_a_verdict(verdict: Verdict, response: object) -> None:
    assert response_for(verdict) == response


def test_scores_halve_and_are_dropped_when_faded() -> None:
    history = RiskHistory({Category.SELF_HARM: (4.0, NOW)})
    assert score_at(history, Category.SELF_HARM, NOW + HOUR, HOUR) == 2.0
    assert score_at(history, Category.SELF_HARM, NOW - HOUR, HOUR) == 4.0
    assert score_at(history, Category.HARASSMENT, NOW, HOUR) == 0.0
    lives = dict.fromkeys(Category, HOUR)
    assert risen(history, {}, NOW + 20 * HOUR, lives) == RiskHistory()
    assert risen(history, {Category.SELF_HARM: 1.0}, NOW, lives).scores == {Category.SELF_HARM: (5.0, NOW)}
    untouched = RiskHistory()
    assert risen(untouched, {}, NOW, lives) is untouched


def test_resources_are_shown_in_full_again_after_the_cooldown() -> None:
    assert not shown_lately(None, NOW, HOUR)
    assert shown_lately(NOW, NOW + 10, HOUR)
    assert not shown_lately(NOW, NOW + HOUR, HOUR)
    assert not shown_lately(NOW + 10, NOW, HOUR)
