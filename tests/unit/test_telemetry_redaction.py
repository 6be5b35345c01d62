"""What is hidden in a text, what is left, and that no text is too strange or too long."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.telemetry.redaction import Kind, Patterns, Span, redacted
from bot.telemetry.spans import apart

FOUND = [
    ("write to ada.b+news@mail.example.org, please", "ada.b+news@mail.example.org", Kind.EMAIL),
    ("it is on https://pages.example/a?b=c.", "https://pages.example/a?b=c", Kind.URL),
    ("see example.com/me for more", "example.com/me", Kind.URL),
    ("look here.Then at http://pages.example", "http://pages.example", Kind.URL),
    ("from 203.0.113.7 last night", "203.0.113.7", Kind.IP),
    ("from 2001:db8::8a2e:370:7334 last night", "2001:db8::8a2e:370:7334", Kind.IP),
    ("my card 4111 1111 1111 1111 is lost", "4111 1111 1111 1111", Kind.CARD),
    ("pay to DE89 3704 0044 0532 0130 00 today", "DE89 3704 0044 0532 0130 00", Kind.IBAN),
    ("my social is 536-90-4399 ok", "536-90-4399", Kind.SSN),
    ("passport number X12345678", "X12345678", Kind.ID),
    ("call me on +44 20 7946 0018 after six", "+44 20 7946 0018", Kind.PHONE),
    ("ring 0044 20 7946 0018", "0044 20 7946 0018", Kind.PHONE),
    ("text 555 0123 tonight", "555 0123", Kind.PHONE),
    ("(020) 7946-0018 is mine", "(020) 7946-0018", Kind.PHONE),
    ("office: 415-555-2671x204", "415-555-2671x204", Kind.PHONE),
    ("I live at 12 Elm Street", "12 Elm Street", Kind.ADDRESS),
    ("wir wohnen in der Lindenstraße 14", "Lindenstraße 14", Kind.ADDRESS),
    ("j'habite 8 rue des Lilas", "8 rue des Lilas", Kind.ADDRESS),
    ("Willow Row 14 is where I grew up", "Willow Row 14", Kind.ADDRESS),
    ("vivo en calle Mayor 15 desde enero", "calle Mayor 15", Kind.ADDRESS),
    ("12 Elm Street\nApt. 4\nSpringfield, IL 62704", "12 Elm Street\nApt. 4\nSpringfield, IL 62704", Kind.ADDRESS),
    ("my zip code is 90210", "90210", Kind.POSTCODE),
    ("we are in SW1A 1AA now", "SW1A 1AA", Kind.POSTCODE),
    ("My name is Zyanya", "Zyanya", Kind.PERSON),
    ("my name is oluwaseun and i cannot sleep", "oluwaseun", Kind.PERSON),
    ("Dear Ingrid, I am sorry", "Ingrid", Kind.PERSON),
    ("my boss Mr. Okonkwo shouts", "Okonkwo", Kind.PERSON),
    ("I told Miguel de la Cruz everything", "Miguel de la Cruz", Kind.PERSON),
    ("Then Laura's father came", "Laura", Kind.PERSON),
    ("I miss J. K. Thornbury a lot", "J. K. Thornbury", Kind.PERSON),
]


@pytest.mark.parametrize(("text", "hidden", "kind"), FOUND)
def test_what_identifies_somebody_is_hidden(text: str, hidden: str, kind: Kind) -> None:
    start = text.index(hidden)
    assert Patterns().find(text) == (Span(start, start + len(hidden), kind),)
    assert redacted(text, Patterns().find(text)) == text.replace(hidden, f"[{kind}]")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "My girlfriend left me after four years and I can't sleep",
        "I Am So TIRED of This. Why does Nobody Care?",
        "On Monday I fly to Portugal, from New Zealand",
        "I work for Acme Holdings Inc and hate it",
        "it costs 1 200 000 euros, or 12.500,00",
        "from 9:30 to 10:15 on 2026-01-31, room 204",
        "the ratio is 3:4:5 and the version 1.2.3",
        "card 4111 1111 1111 1112 has a wrong check digit",
        "order 4455 is late by 3 days",
        "call me when you can",
        "Is depression curable? Anxiety is not.",
        "Speak English or German with me",
    ],
)
def test_ordinary_talk_is_left_alone(text: str) -> None:
    assert Patterns().find(text) == ()


def test_several_in_one_text_come_in_order_and_apart() -> None:
    text = "I'm Laura Svensson, 12 Elm Street, laura@example.org, 203.0.113.7"
    spans = Patterns().find(text)
    assert [span.kind for span in spans] == [Kind.PERSON, Kind.ADDRESS, Kind.EMAIL, Kind.IP]
    assert redacted(text, spans) == "I'm [PERSON], [STREET_ADDRESS], [EMAIL_ADDRESS], [IP_ADDRESS]"


def test_of_two_that_overlap_the_surer_one_stays() -> None:
    sure, unsure = Span(3, 8, Kind.EMAIL), Span(5, 12, Kind.PERSON)
    assert apart([sure, unsure, Span(8, 9, Kind.ID)]) == (sure, Span(8, 9, Kind.ID))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("aAbZ é.Σ1290@-/:,()\n'\"+#x’ıİß"), max_size=80) | st.text(max_size=80))
def test_any_text_gives_spans_within_it(text: str) -> None:
    spans = Patterns().find(text)
    ends = [0]
    for span in spans:
        assert ends[-1] <= span.start < span.end <= len(text)
        ends.append(span.end)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["a.", "Aa ", "12 Aa ", "name Aa ", "1 a ", "www.", "calle Aa ", "Aa\n", "(1", "a@"])
def test_a_long_hostile_text_is_read_before_anybody_notices(piece: str) -> None:
    # Reading in quadratic time would run into the time-out.
    Patterns().find(f"Zz {piece * 20_000}"[:40_000] + " 9")
