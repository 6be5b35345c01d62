"""Private text, people, time and settings."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from bot.clock import ManualClock, SystemClock
from bot.errors import InputError, SettingsError
from bot.identity import DIRECT, ConversationKey, Person, Place, Space, pseudonym
from bot.private import Private
from bot.settings import load


def test_private_text_shows_in_no_formatting() -> None:
    secret = Private("canary")
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret:>30}", repr((secret, {"a": secret}))):
        assert "canary" not in shown
    assert secret.reveal() == "canary"


def test_private_values_are_equal_by_value_and_are_not_pickled() -> None:
    assert Private("a") == Private("a")
    assert Private("a") != Private("b")
    assert Private("a") != "a"
    assert not Private("")
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Private("a"))


def test_a_person_is_read_as_it_is_written() -> None:
    person = Person("terminal", "w1", "u1")
    assert Person.parse(str(person)) == person


@pytest.mark.parametrize("text", ["", "u1", "web:w1", "web:w1:u1:x", "web::u1", f"web:w1:{'u' * 201}"])
def test_anything_but_three_parts_is_no_person(text: str) -> None:
    with pytest.raises(InputError, match="expected a"):
        Person.parse(text)


def test_conversations_differ_by_space() -> None:
    person = Person("web", "w1", "u1")
    keys = {
        str(ConversationKey(person, space))
        for space in (DIRECT, Space(Place.CHANNEL, "c1"), Space(Place.CHANNEL, "c2"))
    }
    assert len(keys) == 3


def test_a_pseudonym_is_stable_and_needs_the_key() -> None:
    person = Person("web", "w1", "u1")
    assert pseudonym(person, b"k1") == pseudonym(person, b"k1")
    assert pseudonym(person, b"k1") != pseudonym(person, b"k2")
    assert "u1" not in pseudonym(person, b"k1")


def test_clocks_never_go_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    before = clock.now()
    monkeypatch.setattr("time.time", lambda: before - 3600)
    assert clock.now() == before
    manual = ManualClock(10)
    manual.advance(5)
    assert manual.now() == 15
    with pytest.raises(ValueError, match="forward only"):
        manual.advance(-1)


def test_settings_come_from_environment_file_and_command_in_rising_order(tmp_path: Path) -> None:
    file = tmp_path / "raise.toml"
    file.write_text('provider = "openai"\nhttp_port = 9000\nhost = "0.0.0.0"\n')
    settings = load({"RAISE_CONFIG": str(file), "RAISE_HTTP_PORT": "9001"}, host="127.0.0.1")
    assert (settings.provider, settings.http_port, settings.host) == ("openai", 9001, "127.0.0.1")


def test_all_wrong_settings_are_reported_at_once(tmp_path: Path) -> None:
    file = tmp_path / "raise.toml"
    file.write_text("colour = 1\n")
    wrong = {
        "RAISE_CONFIG": str(file),
        "RAISE_HTTP_PORT": "http",
        "RAISE_RETENTION_FLOOR": "soon",
        "RAISE_LOG_LEVEL": "loud",
    }
    with pytest.raises(SettingsError) as caught:
        load(wrong)
    assert len(caught.value.problems) == 4
    told = str(caught.value)
    for name in ("RAISE_HTTP_PORT", "RAISE_RETENTION_FLOOR", "RAISE_LOG_LEVEL", "colour"):
        assert name in told


def test_a_floor_above_the_ceiling_is_refused() -> None:
    with pytest.raises(SettingsError, match="at most the ceiling"):
        load({"RAISE_RETENTION_FLOOR": "2d", "RAISE_RETENTION_CEILING": "1d"})


def test_an_unreadable_settings_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gone\.toml"):
        load({"RAISE_CONFIG": str(tmp_path / "gone.toml")})
