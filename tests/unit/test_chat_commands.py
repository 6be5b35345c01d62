"""Commands in words."""

from __future__ import annotations

import pytest

from bot.chat import Command, Verb
from bot.chat.commands import parse_command, parse_words
from bot.private import Private


@pytest.mark.parametrize(
    ("text", "verb", "argument"),
    [
        ("/help", Verb.HELP, ""),
        (" /WHY ", Verb.WHY, ""),
        ("/privacy", Verb.PRIVACY, ""),
        ("/privacy export", Verb.EXPORT, ""),
        ("/privacy forget age", Verb.FORGET, "age"),
        ("/privacy forget me", Verb.FORGET_ME, ""),
        ("/privacy please", Verb.PRIVACY, "please"),
        ("/raise privacy export", Verb.EXPORT, ""),
        ("/raise", Verb.HELP, ""),
        ("/", Verb.HELP, ""),
        ("/forget age", Verb.FORGET, "age"),
        ("/forget", Verb.FORGET, ""),
        ("/forget Me", Verb.FORGET_ME, ""),
        ("/forget-me", Verb.FORGET_ME, ""),
        ("/forget everything", Verb.FORGET_ME, ""),
        ("/correct age  35", Verb.CORRECT, "age  35"),
        ("/pause", Verb.PAUSE, ""),
        ("/resume", Verb.RESUME, ""),
        ("/human", Verb.HUMAN, ""),
        ("/correct\tage 35", Verb.CORRECT, "age 35"),
    ],
)
def test_a_command_is_read(text: str, verb: Verb, argument: str) -> None:
    assert parse_command(text) == Command(verb, Private(argument))


@pytest.mark.parametrize("text", ["", "help", "what does /help do?", "/s", "/etc/passwd", "/privacy_policy", "5/7"])
def test_other_words_are_said_not_commanded(text: str) -> None:
    assert parse_command(text) is None


def test_the_words_after_a_slash_command_need_no_slash() -> None:
    assert parse_words("privacy forget age") == Command(Verb.FORGET, Private("age"))
    assert parse_words("") == Command(Verb.HELP)


def test_a_megabyte_of_command_words_is_read() -> None:
    command = parse_command("/" + "privacy " * 130_000)
    assert command is not None
    assert command.verb is Verb.PRIVACY
