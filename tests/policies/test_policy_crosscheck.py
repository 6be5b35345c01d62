"""What no single file can show: one mistake each, told at its place, by code."""

# ruff: noqa: E501 - one case a line reads as a table
from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.policy.checks.cycles import cycle
from bot.policy.diagnostics import Diagnostic, Level
from bot.policy.loader import Cache, inspect

POLICIES = Path(__file__).parents[2] / "policies"
Edit = tuple[str, str]

# what is changed in which file, and the code and a part of what is then said
ERRORS: list[tuple[str, str, list[Edit], str, str]] = [
    ("an attribute is gone", "defaults.yaml", [("  gender:\n", "  star_sign:\n")], "missing-attribute", "'gender' is missing"),
    ("nothing to answer with", "defaults.yaml", [("    question: What do you do", "    free_text: false\n    question: What do you do")], "choices", "cannot be answered"),
    ("too many choices", "defaults.yaml", [("  profession:\n", "  shoe:\n    label: Shoe\n    sensitivity: ordinary\n    price: 0.1\n    question: Which?\n    reason: So.\n    choices: [" + ", ".join(f"{{id: s{n}, label: Size {n}}}" for n in range(21)) + "]\n  profession:\n")], "choices", "21 choices"),
    ("an id too long for a button", "defaults.yaml", [("  profession:\n", "  shoe:\n    label: Shoe\n    sensitivity: ordinary\n    price: 0.1\n    question: Which?\n    reason: So.\n    choices: [{id: " + "s" * 99 + ", label: S}]\n  profession:\n")], "choices", "too long"),
    ("a sensitive attribute for nothing", "defaults.yaml", [("    price: 0.25", "    price: 0.0")], "price", "would cost nothing"),
    ("one cue for two attributes", "defaults.yaml", [("          - i'm a man\n", "          - i'm a man\n          - i'm married\n")], "duplicate-cue", "already one of 'gender'"),
    ("a scale in a reason", "defaults.yaml", [("    reason: >-\n      What helps", "    reason: >-\n      From your PHQ-9 I learn more. What helps")], "diagnosing", "a clinical scale"),
    ("model without calls", "defaults.yaml", [("  mode: planned", "  mode: both"), ("  model_calls: 4", "  model_calls: 1")], "budget", "needs a model call"),
    ("a domain twice", "domains/life.yaml", [("id: life", "id: health")], "duplicate-id", "'health' is already described"),
    ("a target without gain", "domains/health.yaml", [("  gender:\n    gain: 0.26\n", "  gender_x:\n    gain: 0.26\n"), ("modulations:\n", "modulations:\n  - {attribute: age, values: [55+], target: gender, factor: 2}\n")], "reference", "has no gain in this domain"),
    ("an unknown target", "domains/health.yaml", [("modulations:\n", "modulations:\n  - {attribute: age, values: [55+], target: gendre, factor: 2}\n")], "reference", "no attribute 'gendre'"),
    ("an unknown source", "domains/health.yaml", [("modulations:\n", "modulations:\n  - {attribute: agee, values: [55+], target: gender, factor: 2}\n")], "reference", "no attribute 'agee'"),
    ("the same modulation twice", "domains/health.yaml", [("modulations:\n", "modulations:\n  - {attribute: age, values: [55+], target: gender, factor: 2}\n  - {attribute: age, values: [55+], target: gender, factor: 3}\n")], "duplicate-modulation", "already changes 'gender'"),
    ("a modulation of no value", "domains/health.yaml", [("modulations:\n", "modulations:\n  - {attribute: age, values: [], target: gender, factor: 2}\n")], "value", "never holds"),
    ("an exemplar of two domains", "domains/health.yaml", [("  exemplars:\n", "  exemplars:\n    - the same message in two files\n"), ], "duplicate-exemplar", "already an exemplar"),
    ("a category twice", "risk/harassment.yaml", [("category: harassment", "category: self_harm")], "duplicate-id", "already described"),
    ("a rule twice", "risk/harassment.yaml", [("rules:\n", "rules:\n  - {id: twin, severity: high, phrases: [xq], why: x}\n  - {id: twin, severity: high, phrases: [xr], why: x}\n")], "duplicate-id", "'twin' is already above"),
    ("a rule that never matches", "risk/harassment.yaml", [("rules:\n", "rules:\n  - {id: mute, severity: high, why: x}\n")], "empty-rule", "never matches"),
    ("a phrase that is excused at once", "risk/harassment.yaml", [("rules:\n", "rules:\n  - {id: mute, severity: high, phrases: [bad day], unless: [Bad Day], why: x}\n")], "contradiction", "never counts"),
    ("an exemplar that is none", "risk/harassment.yaml", [("rules:\n", "rules:\n  - {id: mute, severity: high, phrases: [xq], exemplars: [Xq.], counter_exemplars: [xq], why: x}\n")], "contradiction", "counter-exemplar"),
    ("a bracket left open", "risk/harassment.yaml", [("rules:\n", 'rules:\n  - {id: mute, severity: high, phrases: ["(a|b"], why: x}\n')], "phrase", "bracket is not closed"),
    ("brackets crossed", "risk/harassment.yaml", [("rules:\n", 'rules:\n  - {id: mute, severity: high, phrases: ["(a|[b)]"], why: x}\n')], "phrase", "bracket is not closed"),
    ("a phrase of nothing", "risk/harassment.yaml", [("rules:\n", 'rules:\n  - {id: mute, severity: high, phrases: ["[a] *"], why: x}\n')], "phrase", "match anything"),
    ("terms in a circle", "risk/harassment.yaml", [("terms:\n", 'terms:\n  one: ["{two}"]\n  two: ["{one}"]\n')], "cycle", "one -> two -> one"),
    ("a threshold of nothing", "risk/harassment.yaml", [("escalate_at:\n", "escalate_at:\n  none: 3\n")], "threshold", "would escalate everything"),
    ("a threshold that falls", "risk/harassment.yaml", [("escalate_at:\n", "escalate_at:\n  imminent: 0.5\n")], "threshold", "'imminent' is reached at 0.5"),
    ("an emergency number of words", "resources/countries.yaml", [('    emergency: "112"', "    emergency: shout")], "number", "no emergency number"),
    ("a resource twice", "resources/countries.yaml", [("fallback:\n", "fallback:\n  - {name: Twin, categories: [self_harm], web: https://a.example, source: x}\n  - {name: Twin, categories: [self_harm], web: https://a.example, source: x}\n")], "duplicate-resource", "listed twice"),
    ("a resource for nothing", "resources/countries.yaml", [("fallback:\n", "fallback:\n  - {name: Void, categories: [], web: https://a.example, source: x}\n")], "missing-resource", "is for nothing"),
    ("a resource out of reach", "resources/countries.yaml", [("fallback:\n", "fallback:\n  - {name: Void, categories: [self_harm], source: x}\n")], "missing-resource", "cannot be reached"),
    ("a channel of a queue there is not", "cases/routing.yaml", [("routes:\n", 'channels:\n  - {queues: [temas], channel: "slack:T1:C1"}\nroutes:\n')], "reference", "no queue 'temas'"),
    ("a channel that takes no workspace", "cases/routing.yaml", [("routes:\n", 'channels:\n  - {workspaces: [T1], channel: "slack:T1:C1"}\nroutes:\n')], "reference", "'T1' is no workspace"),
    ("a channel that nothing reaches", "cases/routing.yaml", [("routes:\n", 'channels:\n  - {channel: "slack:T1:C1"}\n  - {severities: [high], channel: "slack:T1:C2"}\nroutes:\n')], "routes", "a line above takes everything"),
    ("a language with a country", "resources/countries.yaml", [("  ja: JP", "  ja-JP: JP")], "country", "no bare language"),
    ("nobody for a category", "resources/countries.yaml", [("    categories: [self_harm, abuse_suffered, eating_disorder, exploitation_of_minors, financial_desperation, harassment, violence_to_others]", "    categories: [self_harm, abuse_suffered, exploitation_of_minors, financial_desperation, harassment, violence_to_others]")], "missing-resource", "'eating_disorder'"),
    ("one country's number for all", "resources/countries.yaml", [("    categories: [self_harm, abuse_suffered, eating_disorder, exploitation_of_minors, financial_desperation, harassment, violence_to_others]\n    web: https://findahelpline.com\n", '    categories: [self_harm, abuse_suffered, eating_disorder, exploitation_of_minors, financial_desperation, harassment, violence_to_others]\n    call: "988"\n')], "missing-resource", "one country's number"),
    ("a language twice", "locales/fr.yaml", [("locale: fr", "locale: de")], "duplicate-id", "already in"),
    ("an empty phrase", "locales/fr.yaml", [("  question.skip: Passer", '  question.skip: " "')], "empty-phrase", "is empty"),
    ("a stray brace", "locales/fr.yaml", [("  question.skip: Passer", '  question.skip: "Passer }"')], "placeholder", "brace stands alone"),
    ("a placeholder left out", "locales/fr.yaml", [('"Utilisé : {attributes}"', '"Utilisé"')], "placeholder", "{attributes} is missing"),
    ("a diagnosing translation", "locales/de.yaml", [("  attributes.age.question: Wie alt", "  attributes.age.question: Diagnose? Wie alt")], "diagnosing", "a diagnosis"),
]  # fmt: skip

WARNINGS: list[tuple[str, str, list[Edit], str, str]] = [
    ("kept beyond the conversation", "defaults.yaml", [("    sensitivity: sensitive\n    scope: conversation", "    sensitivity: sensitive\n    scope: user")], "scope", "beyond the conversation"),
    ("nobody answers", "defaults.yaml", [("    answer_chance: 0.88", "    answer_chance: 0")], "never-asked", "nobody is expected to answer"),
    ("sensitive and cheap", "defaults.yaml", [("    price: 0.25", "    price: 0.01")], "price", "less than ordinary attributes"),
    ("a question that asks nothing", "defaults.yaml", [("    question: What schooling have you had so far?", "    question: Tell me of your schooling.")], "question", "asks nothing"),
    ("a question too long", "defaults.yaml", [("    question: What schooling have you had so far?", "    question: " + "What schooling have you had so far, " * 9 + "so?")], "question", "characters"),
    ("no model call", "defaults.yaml", [("  model_calls: 4", "  model_calls: 0")], "budget", "prepared text"),
    ("no question", "defaults.yaml", [("  questions: 3", "  questions: 0")], "budget", "no answer is personal"),
    ("anything is enough", "defaults.yaml", [("  mode: planned\n  threshold: 4", "  mode: both\n  threshold: 0")], "abstention", "counts as enough"),
    ("everything belongs somewhere", "defaults.yaml", [("  floor: ", "  floor: 0 # ")], "routing", "belongs to some domain"),
    ("the sensitive kept longest", "defaults.yaml", [("  sensitive: 24h", "  sensitive: 20d")], "retention", "kept longer than"),
    ("kept for years", "defaults.yaml", [("  ordinary: 30d", "  ordinary: 900d")], "retention", "very long"),
    ("help shown too rarely", "defaults.yaml", [("  cooldown: 30m", "  cooldown: 2d")], "crisis", "new crisis"),
    ("a turn of hours", "defaults.yaml", [("  deadline: 60s", "  deadline: 2h")], "budget", "7200 seconds"),
    ("never worth it", "domains/health.yaml", [("modulations:\n", "modulations:\n"), ("  gender:\n    gain: 0.26\n", "  gender:\n    gain: 0.01\n")], "never-asked", "never asked here"),
    ("sensitive and cheaper here", "domains/health.yaml", [("  health_status:\n", "  health_status:\n    price: 0.01\n")], "price", "cheaper here"),
    ("more questions than attributes", "domains/health.yaml", [("modulations:\n", "questions: 10\nmodulations:\n"), ("  education_level: {gain: 0.26, price: 0.1}\n", "")], "budget", "attributes have a gain"),
    ("a term nobody uses", "risk/harassment.yaml", [("terms:\n", "terms:\n  idle: [xq]\n")], "unused", "used nowhere"),
    ("a crisis text left in English", "locales/fr.yaml", [("  crisis.repeat: >-\n", "  attributes.age.reason: >-\n")], "missing-phrase", "in English"),
    ("a file beside the listed ones", "index.yaml", [("  - locales/fr.yaml\n", "")], "unlisted", "not in this list"),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Cache]:
    return Path(shutil.copytree(POLICIES, tmp_path_factory.mktemp("crosscheck") / "policies")), Cache()


def changed(folder: tuple[Path, Cache], file: str, edits: list[Edit]) -> tuple[Diagnostic, ...]:
    path, cache = folder
    text = (POLICIES / file).read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, f"{file} no longer has {old!r}"
        text = text.replace(old, new, 1)
    (path / file).write_text(text, encoding="utf-8")
    try:
        return inspect(path, cache).diagnostics
    finally:
        shutil.copyfile(POLICIES / file, path / file)


@pytest.mark.parametrize(("name", "file", "edits", "code", "told"), ERRORS, ids=[case[0] for case in ERRORS])
def test_errors(folder: tuple[Path, Cache], name: str, file: str, edits: list[Edit], code: str, told: str) -> None:
    if name == "an exemplar of two domains":
        edits = [(edits[0][0], edits[0][1].replace("the same message in two files", _exemplar("domains/life.yaml")))]
    found = [d for d in changed(folder, file, edits) if d.code == code and told in d.message]
    assert found
    assert all(each.severity is Level.ERROR and each.hint for each in found)


@pytest.mark.parametrize(("name", "file", "edits", "code", "told"), WARNINGS, ids=[case[0] for case in WARNINGS])
def test_warnings(folder: tuple[Path, Cache], name: str, file: str, edits: list[Edit], code: str, told: str) -> None:
    found = [d for d in changed(folder, file, edits) if d.code == code and told in d.message]
    assert found
    assert all(each.severity is Level.WARNING and each.hint for each in found)


def test_a_domain_without_attributes_is_warned_about(folder: tuple[Path, Cache]) -> None:
    path, cache = folder
    text = (POLICIES / "domains/social.yaml").read_text(encoding="utf-8")
    start = text.index("\nattributes:\n")
    end = text.index("\nmodulations:\n")
    after = text.index("\nguidance:\n")
    (path / "domains/social.yaml").write_text(f"{text[:start]}\nattributes: {{}}\n{text[after:]}", encoding="utf-8")
    found = [d.message for d in inspect(path, cache).diagnostics if d.code == "never-asked"]
    shutil.copyfile(POLICIES / "domains/social.yaml", path / "domains/social.yaml")
    assert start < end < after
    assert found == ["nothing is ever asked in this domain"]


def test_circles_are_found_from_anywhere_and_straight_lines_are_none() -> None:
    assert cycle({"a": ["b"], "b": ["c"], "c": []}) == ()
    assert cycle({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": ["e"]}) == ()
    assert cycle({"x": ["a"], "a": ["b"], "b": ["a"]}) == ("a", "b", "a")
    assert cycle({"a": ["a"]}) == ("a", "a")


def _exemplar(file: str) -> str:
    from bot.policy.document import parse

    data = parse((POLICIES / file).read_text(encoding="utf-8"), file).data()
    assert isinstance(data, dict)
    routing = data["routing"]
    assert isinstance(routing, dict)
    exemplars = routing["exemplars"]
    assert isinstance(exemplars, tuple)
    return f'"{exemplars[0]}"'
