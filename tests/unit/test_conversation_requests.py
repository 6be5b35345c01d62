"""Requests in plain words: the whole message, or nothing."""

from __future__ import annotations

import pytest

from bot.chat import Verb
from bot.conversation.requests import ASKED_FOR, requested, requests_of
from bot.policy.phrases import phrases_of
from bot.risk.response import Proceed, response_for
from bot.risk.verdicts import RiskHistory
from tests.support.policies import rulebook, shipped

KNOWN = requests_of(shipped())


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("help", Verb.HELP),
        ("Help!", Verb.HELP),
        ("Forget me, please", Verb.FORGET_ME),
        ("DELETE MY DATA.", Verb.FORGET_ME),
        ("What do you know about me?", Verb.PRIVACY),
        ("I\N{RIGHT SINGLE QUOTATION MARK}d like to talk to a human", Verb.HUMAN),
        ("Kann ich mit einem Menschen reden?", Verb.HUMAN),
        ("olvídame", Verb.FORGET_ME),
        ("Oubliez-moi", Verb.FORGET_ME),
        ("I need help", None),
        ("help me", None),
        ("forget it", None),
        ("delete me", None),
        ("I want to talk to a human about my rent", None),
        ("She told me to forget me", None),
        ("please", None),
        ("", None),
    ],
)
def test_what_is_asked_for(text: str, verb: Verb | None) -> None:
    assert requested(KNOWN, text) is verb


@pytest.mark.parametrize("verb", ASKED_FOR)
def test_no_phrase_means_two_things_or_sounds_like_danger(verb: Verb) -> None:
    screen = rulebook(model_reads=False).current().screen
    said = phrases_of(shipped(), f"request.{verb}")
    assert said
    for phrase in said:
        assert requested(KNOWN, phrase) is verb
        verdict, _ = screen.screen(phrase, RiskHistory(), 0.0)
        assert isinstance(response_for(verdict), Proceed)
