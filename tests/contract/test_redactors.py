"""The contract of redactors, over every implementation; Presidio's where the extra is installed."""

from __future__ import annotations

import importlib.util
import socket
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from adapters.redaction.presidio import Presidio
from bot.assembly.redaction import chosen
from bot.errors import SettingsError
from bot.settings import Settings, load
from bot.telemetry.redaction import Kind, Patterns, Redactor, Span, Together
from bot.telemetry.spans import united
from tests.contract.redactor import RedactorContract

installed = pytest.mark.skipif(
    importlib.util.find_spec("presidio_analyzer") is None, reason='needs the extra: pip install "raise-bot[presidio]"'
)


@cache
def made(which: str) -> Redactor:
    return Presidio() if which == "presidio" else chosen(Settings(redactor="presidio"))


class TestPatterns(RedactorContract):
    @pytest.fixture
    def redactor(self) -> Redactor:
        return Patterns()


@installed
class TestPresidio(RedactorContract):
    @pytest.fixture
    def redactor(self) -> Redactor:
        return made("presidio")

    def test_it_asks_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*arguments: object) -> None:
            raise AssertionError("it went to the network")

        monkeypatch.setattr(socket.socket, "connect", refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        assert Presidio().find("ada@example.org")[0].kind is Kind.EMAIL

    def test_with_a_model_it_finds_names(self, tmp_path: Path) -> None:
        spacy: Any = import_module("spacy")
        pipeline = spacy.blank("en")
        pipeline.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "zyanya"}])
        pipeline.to_disk(tmp_path / "model")
        assert Presidio(str(tmp_path / "model")).find("then zyanya came") == (Span(5, 11, Kind.PERSON),)

    def test_a_model_that_is_not_there_is_not_fetched(self) -> None:
        with pytest.raises(SettingsError, match="RAISE_PRESIDIO_MODEL"):
            Presidio("xx_no_such_model")


@installed
class TestPresidioBesidePatterns(RedactorContract):
    @pytest.fixture
    def redactor(self) -> Redactor:
        return made("both")


class TestPatternsTwice(RedactorContract):
    @pytest.fixture
    def redactor(self) -> Redactor:
        return Together(Patterns(), Patterns())


def test_when_it_is_chosen_and_not_installed_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)  # what an import finds where it is not installed
    with pytest.raises(SettingsError, match=r"pip install .raise-bot\[presidio\]."):
        chosen(load({"RAISE_REDACTOR": "presidio"}))


def test_another_redactor_than_those_known_is_refused() -> None:
    with pytest.raises(SettingsError, match="RAISE_REDACTOR: expected one of patterns, presidio"):
        load({"RAISE_REDACTOR": "magic"})


def test_of_several_finds_that_overlap_everything_is_hidden_under_the_longest() -> None:
    mail, host, name = Span(10, 30, Kind.EMAIL), Span(15, 34, Kind.URL), Span(0, 4, Kind.PERSON)
    assert united([host, name, mail]) == (name, Span(10, 34, Kind.EMAIL))
    assert united([Span(0, 3, Kind.ID), Span(3, 5, Kind.URL)]) == (Span(0, 3, Kind.ID), Span(3, 5, Kind.URL))
