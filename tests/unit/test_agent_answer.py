"""The answer where no model writes one."""

from __future__ import annotations

import pytest

from bot.private import Private
from bot.profile.record import Value
from bot.raise_core.agent.answer import Brief, answer_prompt
from bot.raise_core.agent.reading import Reader
from tests.support.policies import shipped


def prepared(query: str, *, domain: str | None = None, locale: str = "en", after_crisis: bool = False) -> str:
    known = (("emotional_state", Value(Private("hopeless"), "despair")),)
    brief = Brief(domain, Private(query), known, (), locale, after_crisis)
    fallback = answer_prompt(shipped(), brief, Reader(shipped()).courtesy(query)).fallback
    assert fallback is not None
    return fallback.reveal()


@pytest.mark.parametrize(("query", "begins"), [("hi!", "Hello"), ("Guten Morgen", "Hello"), ("thanks a lot", "You're")])
def test_a_greeting_is_greeted_and_thanks_are_taken(query: str, begins: str) -> None:
    assert prepared(query).split("\n\n")[1].startswith(begins)
    assert len(prepared(query).split("\n\n")) == 2


def test_a_greeting_with_a_matter_is_about_the_matter() -> None:
    assert "public library" in prepared("hi, which is the longest river?")
    assert "public library" not in prepared("hello", domain="career")


@pytest.mark.parametrize("query", ["what now", "hi", "which is the longest river?"])
def test_after_a_crisis_nothing_is_said_past_the_person(query: str) -> None:
    for domain in (None, "career"):
        answer = prepared(query, domain=domain, after_crisis=True)
        assert "named above" in answer
        assert len(answer.split("\n\n")) == 2
    assert "oben genannten" in prepared(query, locale="de-AT", after_crisis=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what should I do now?", True),
        ("and if it doesn't work", True),
        ("was soll ich jetzt tun?", True),
        ("et maintenant, qu'est-ce que je fais ?", True),
        ("¿y ahora qué hago?", True),
        ("", False),
        ("!!!", False),
        ("thanks", False),
        ("how are you", False),
        ("what is the capital of Portugal?", False),
        ("set a timer for ten minutes please", False),
        ("my mother found out", False),
    ],
)
def test_what_names_nothing_is_told_from_what_does(text: str, expected: bool) -> None:
    assert Reader(shipped()).volunteered(text).goes_on is expected
