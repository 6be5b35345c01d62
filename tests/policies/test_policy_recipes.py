"""Every recipe of the operators' guide, done as it says, does what it says."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.conversation.rules import Rules
from bot.conversation.synthetic import conversation
from bot.identity import Person, Place, Space
from bot.policy.loader import Cache, inspect
from bot.policy.phrases import phrase
from bot.policy.schema import Policy
from bot.profile.retention import Bounds
from bot.risk.crisis import crisis_message
from bot.risk.shadow import Shadow
from bot.risk.verdicts import Verdict
from bot.severity import Category, Severity
from tests.support.policies import rulebook

POLICIES = Path(__file__).parents[2] / "policies"
CACHE = Cache()
EXAM = "I failed my final exam and my parents don't know yet"
RENT = "I can't pay my rent this month and the debts keep growing"


class Kitchen:
    """A copy of the shipped policy, and what it does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def edit(self, name: str, old: str, new: str) -> None:
        file = self.folder / name
        text = file.read_text(encoding="utf-8")
        assert re.search(old, text), f"{old!r} is not in {name}"
        file.write_text(re.sub(old, lambda _: new, text, count=1), encoding="utf-8")

    def add(self, name: str, text: str) -> None:
        file = self.folder / name
        file.write_text(file.read_text(encoding="utf-8").rstrip("\n") + f"\n{text}", encoding="utf-8")

    def policy(self) -> Policy:
        found = inspect(self.folder, CACHE)
        assert found.policy is not None, [str(each) for each in found.diagnostics][:5]
        return found.policy

    def rules(self) -> Rules:
        like = rulebook(model_reads=False).current()
        return Rules.of(
            self.policy(), rulebook(model_reads=False).embedder, bounds=Bounds(60, 10**8), model_reads=False, like=like
        )

    def asked(self, text: str) -> list[str | None]:
        return [decided.attribute for decided, _ in conversation(self.rules(), text) if decided.kind == "ask"]


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    copy = tmp_path / "policies"
    shutil.copytree(POLICIES, copy)
    return Kitchen(copy)


def ask_less_about_money(kitchen: Kitchen) -> None:
    text = "I can't sleep before exams and I need a plan for studying"
    before = kitchen.rules().tables["education"].terms["economic_status"].price
    kitchen.edit(
        "defaults.yaml",
        r"(?<=  economic_status:)\n((?:    .*\n)*?)    price: [\d.]+",
        "\n    label: Money\n    sensitivity: personal\n    scope: user\n    price: 2.0",
    )
    assert kitchen.rules().tables["education"].terms["economic_status"].price > before
    assert "economic_status" not in kitchen.asked(text)


def never_ask_for_an_attribute(kitchen: Kitchen) -> None:
    assert "education_level" in kitchen.asked(EXAM)
    kitchen.edit("domains/education.yaml", "^id: education\n", "id: education\nnever_ask: [education_level]\n")
    assert "education_level" not in kitchen.asked(EXAM)
    told = conversation(kitchen.rules(), f"I'm an undergraduate. {EXAM}")
    assert "education_level" in told[-1][0].known


def ask_fewer_questions(kitchen: Kitchen) -> None:
    assert len(kitchen.asked(EXAM)) > 1
    kitchen.edit("domains/education.yaml", "^id: education\n", "id: education\nquestions: 1\n")
    assert len(kitchen.asked(EXAM)) == 1


def keep_things_shorter(kitchen: Kitchen) -> None:
    before = kitchen.rules().keep("age")
    kitchen.edit("defaults.yaml", r"  ordinary: \w+", "  ordinary: 8d")
    assert kitchen.rules().keep("age") == 8 * 86_400 < before


def add_a_crisis_line(kitchen: Kitchen) -> None:
    line = "    - {name: Our own line, categories: [self_harm], call: '0555 123', source: us, verified_on: null}\n"
    kitchen.edit(
        "resources/countries.yaml",
        r"(?<=  DE:)\n    emergency: (.*)\n    resources:\n",
        "\n    emergency: '112'\n    resources:\n" + line.replace("    -", "      -"),
    )
    verdict = Verdict(Severity.IMMINENT, Category.SELF_HARM, "plan")
    assert crisis_message(kitchen.policy(), "de-DE", verdict, repeat=False).resources[0].name == "Our own line"


def add_a_language(kitchen: Kitchen) -> None:
    text = (kitchen.folder / "locales" / "en.yaml").read_text(encoding="utf-8")
    (kitchen.folder / "locales" / "nl.yaml").write_text(
        text.replace("locale: en", "locale: nl", 1).replace("question.skip: ", "question.skip: Liever niet # ", 1),
        "utf-8",
    )
    kitchen.edit("index.yaml", "  - locales/fr.yaml\n", "  - locales/fr.yaml\n  - locales/nl.yaml\n")
    assert phrase(kitchen.policy(), "nl-BE", "question.skip") == "Liever niet"


def let_answers_change_what_is_asked_next(kitchen: Kitchen) -> None:
    asked = kitchen.asked(EXAM)
    first, second = asked[0], asked[1]
    entry = f"  - {{attribute: {first}, values: [high school], target: {second}, factor: 0}}\n"
    kitchen.edit("domains/education.yaml", "\nmodulations:\n", f"\nmodulations:\n{entry}")
    assert kitchen.asked(EXAM)[1:2] != [second]


def add_a_domain(kitchen: Kitchen) -> None:
    assert main(["policy", "new", "domain", "housing", "--policies", str(kitchen.folder)]) == 0
    assert "housing" in kitchen.policy().domains


def ask_nothing_in_one_channel(kitchen: Kitchen) -> None:
    page = (POLICIES / "README.md").read_text(encoding="utf-8")
    snippet = page[page.index("places:\n  - id: announcements") :].partition("```")[0]
    (kitchen.folder / "places.yaml").write_text(snippet, encoding="utf-8")
    kitchen.add("index.yaml", "places: places.yaml\n")
    book = kitchen.rules()
    (announcements, tables), *_ = book.places
    assert announcements.place.channels == ("C0NEWS",)
    assert {table.limit for table in tables.values()} == {0}
    assert Space(Place.CHANNEL, "C0NEWS/1").id.startswith(announcements.place.channels[0])


def try_a_rule_before_it_decides(kitchen: Kitchen) -> None:
    rule = "  - {id: circus, status: shadow, severity: high, phrases: [the circus tent collapsed], why: On trial.}\n"
    kitchen.add("risk/harassment.yaml", rule)
    policy = kitchen.policy()
    assert [each.rule for each in Shadow(policy).findings("the circus tent collapsed")] == ["circus"]
    ((decided, flagged), *_) = conversation(kitchen.rules(), "the circus tent collapsed")
    assert (decided.severity, flagged) == (Severity.NONE, False)


def use_another_model_in_one_domain(kitchen: Kitchen) -> None:
    kitchen.edit("domains/education.yaml", "^id: education\n", "id: education\nmodel: openai:gpt-5\n")
    assert kitchen.policy().domains["education"].model == "openai:gpt-5"


def send_some_to_a_new_version(kitchen: Kitchen) -> None:
    shutil.copytree(POLICIES, kitchen.folder / "spring")
    kitchen.edit("spring/domains/education.yaml", r"gain: 1\.0", "gain: 0.0")
    kitchen.add("index.yaml", "next: {folder: spring, share: 10%}\n")
    rules = kitchen.rules()
    assert rules.trial is not None
    people = [Person("web", "w1", f"u{number}") for number in range(1_000)]
    assert 60 < sum(rules.trial.takes(person) for person in people) < 140
    assert kitchen.asked(EXAM)[0] == "education_level"
    decided = next(each for each, _ in conversation(rules.trial.rules, EXAM) if each.kind == "ask")
    assert (decided.attribute, decided.policy_id) == ("emotional_state", rules.trial.rules.policy.id)


RECIPES: dict[str, Callable[[Kitchen], None]] = {
    "Ask less about money.": ask_less_about_money,
    "Never ask for an attribute.": never_ask_for_an_attribute,
    "Ask fewer questions.": ask_fewer_questions,
    "Keep things shorter.": keep_things_shorter,
    "Add a crisis line.": add_a_crisis_line,
    "Add a language.": add_a_language,
    "Let answers change what is asked next.": let_answers_change_what_is_asked_next,
    "Add a domain.": add_a_domain,
    "Ask nothing in one channel.": ask_nothing_in_one_channel,
    "Try a rule before it decides.": try_a_rule_before_it_decides,
    "Send some of the people to a new version.": send_some_to_a_new_version,
    "Use another model in one domain.": use_another_model_in_one_domain,
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_does_what_it_says(name: str, kitchen: Kitchen) -> None:
    RECIPES[name](kitchen)


def test_every_recipe_of_the_guide_is_tried() -> None:
    page = (POLICIES / "README.md").read_text(encoding="utf-8")
    section = page[page.index("## Recipes") : page.index("## Every key")]
    assert re.findall(r"^\*\*(.+?)\*\*", section, re.MULTILINE) == list(RECIPES)


def test_the_guide_names_every_command() -> None:
    from bot.cli.policy import ACTIONS

    page = (POLICIES / "README.md").read_text(encoding="utf-8")
    assert [name for name in ACTIONS if f"raise-bot policy {name}" not in page] == []
