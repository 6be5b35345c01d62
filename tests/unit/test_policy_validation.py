"""What pydantic finds, in an operator's words and at its place."""

from __future__ import annotations

import pytest

from bot.policy.base import Part
from bot.policy.document import parse
from bot.policy.schema import Budget, Country, Defaults, DomainAttribute, Index, Locale, RiskPolicy
from bot.policy.trials import Trials
from bot.policy.validation import known_keys, validate


def said(model: type[Part], text: str) -> list[str]:
    part, diagnostics = validate(model, parse(text, "f.yaml"))
    assert (part is None) == bool(diagnostics)
    return [str(each) for each in diagnostics]


def test_a_right_file_gives_its_part() -> None:
    part, diagnostics = validate(DomainAttribute, parse("gain: 1\nprice: null\n", "f.yaml"))
    assert part == DomainAttribute(gain=1.0)
    assert diagnostics == ()


def test_a_file_that_could_not_be_parsed_is_not_validated() -> None:
    document = parse("a: [", "f.yaml")
    assert validate(DomainAttribute, document) == (None, ())


@pytest.mark.parametrize(
    ("model", "text", "expected"),
    [
        (DomainAttribute, "gian: 1", "f.yaml:1:1: unknown key 'gian' (did you mean 'gain'?)"),
        (
            DomainAttribute,
            "price: 1",
            "f.yaml:1:1: key 'gain' is missing (expected rise of the safety score, in points of the 1-5 scale)",
        ),
        (DomainAttribute, 'gain: "1"', "f.yaml:1:7: expected a number, got the text '1' (write it without quotes)"),
        (DomainAttribute, "gain: true", "f.yaml:1:7: expected a number, got true (expected rise of"),
        (DomainAttribute, "gain: much", "f.yaml:1:7: expected a number, got the text 'much' (such as 0.5)"),
        (DomainAttribute, "gain: null", "f.yaml:1:7: expected a number, got nothing"),
        (DomainAttribute, "gain: 5", "f.yaml:1:7: expected a number of at most 4.0, got the number 5"),
        (DomainAttribute, "gain: .nan", "f.yaml:1:7: expected a number, got the text '.nan'"),
        (DomainAttribute, "- gain", "f.yaml:1:1: expected keys and values, got a list"),
        (DomainAttribute, 'gain: 1\nquestion: ""', "f.yaml:2:11: this text is empty"),
        (DomainAttribute, f"gain: 1\nquestion: {'x' * 2001}", "f.yaml:2:11: this text is too long: at most 2000"),
        (DomainAttribute, "gain: 1\nquestion: 7", "f.yaml:2:11: expected text, got the number 7 (put it in quotes)"),
        (DomainAttribute, "gain: 1\nquestion: {a: b}", "f.yaml:2:11: expected text, got keys and values (one text"),
        (Budget, "questions: 2.5", "f.yaml:1:12: expected a whole number, got the number 2.5"),
        (Budget, "questions: two", "f.yaml:1:12: expected a whole number, got the text 'two' (such as 3)"),
        (Budget, "deadline: 1 hour", "f.yaml:1:11: the text '1 hour' does not have the form expected here (a number"),
        (Locale, "locale: EN\nphrases: {}", "f.yaml:1:9: the text 'EN' does not have the form expected here (a lang"),
        (Locale, "locale: en\nphrases: []", "f.yaml:2:10: expected keys and values, got a list (indent"),
        (Country, 'emergency: "1"\nresources: none', "f.yaml:2:12: expected a list, got the text 'none' (write it as"),
        (Index, "schema_version: two", "f.yaml:1:17: schema version two is not known here"),
        (Defaults, "attributes:\n  Big Name: {}", "f.yaml:2:3: 'Big Name' is not a name allowed here (small letters"),
        (RiskPolicy, "escalate_at:\n  hgh: 3", "f.yaml:2:3: 'hgh' is not a name allowed here (did you mean 'high'?)"),
        (RiskPolicy, "category: self_hram", "(did you mean 'self_harm'?)"),
        (RiskPolicy, "on_failure: sometimes", "expected 'closed' or 'flag', got the text 'sometimes' (write one of"),
    ],
)
def test_each_problem_is_said_at_its_place(model: type[Part], text: str, expected: str) -> None:
    assert any(expected in each for each in said(model, text)), said(model, text)


def test_a_misspelt_required_key_is_told_once() -> None:
    assert said(DomainAttribute, "gian: 1") == ["f.yaml:1:1: unknown key 'gian' (did you mean 'gain'?)"]


def test_an_empty_value_is_told_once() -> None:
    document = parse("gain:\n", "f.yaml")
    assert [each.code for each in document.problems] == ["empty-value"]
    assert validate(DomainAttribute, document)[1] == ()


def test_too_few_items() -> None:
    text = "id: x\ntitle: x\ndescription: x\nrouting:\n  exemplars: [a, b]\n"
    from bot.policy.schema import DomainPolicy

    assert any("5:14: expected at least 3 items, got 2" in each for each in said(DomainPolicy, text))


def test_a_mistake_within_a_list_is_told_once() -> None:
    found = said(Trials, "tests:\n  - name: one\n    steps:\n      - say: hello\n        expect: {flagged: maybe}\n")
    assert found == ["f.yaml:5:27: expected true or false, got the text 'maybe' (write true or false without quotes)"]


def test_the_keys_of_every_level_are_known() -> None:
    assert known_keys(Defaults, ()) == tuple(Defaults.model_fields)
    assert "price" in known_keys(Defaults, ("attributes", "age"))
    assert "cues" in known_keys(Defaults, ("attributes", "age", "choices", 3))
    assert known_keys(Defaults, ("attributes",)) == ()
    assert known_keys(Defaults, ("nowhere", "at", "all")) == ()
    assert known_keys(Defaults, ("guidance", 0)) == ()
