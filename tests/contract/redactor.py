"""What every Redactor does. Subclass and give a ``redactor`` fixture."""

from __future__ import annotations

import pytest

from bot.telemetry.redaction import Kind, Redactor, redacted

SURE = [
    ("write to ada.b@mail.example.org, please", "ada.b@mail.example.org", Kind.EMAIL),
    ("from 203.0.113.7 last night", "203.0.113.7", Kind.IP),
    ("my card 4111 1111 1111 1111 is lost", "4111 1111 1111 1111", Kind.CARD),
    ("pay to DE89 3704 0044 0532 0130 00 today", "DE89 3704 0044 0532 0130 00", Kind.IBAN),
    ("my social is 536-90-4399 ok", "536-90-4399", Kind.SSN),
    ("call me on +44 20 7946 0018 after six", "+44 20 7946 0018", Kind.PHONE),
]
STRANGE = [
    "",
    " ",
    "\x00\ud800",
    "🫶" * 50,
    "@" * 300,
    "1" * 300,
    "a.b@c.d " * 50,
    "00:00:00:00:00:00 " * 20,
    "\u202e1@2.3",
]


class RedactorContract:
    @pytest.mark.parametrize(("text", "secret", "kind"), SURE)
    def test_what_has_a_form_or_a_checksum_is_found(
        self, redactor: Redactor, text: str, secret: str, kind: Kind
    ) -> None:
        found = redactor.find(text)
        assert kind in {span.kind for span in found}
        assert secret not in redacted(text, found)

    @pytest.mark.parametrize("text", [*STRANGE, *(text for text, _, _ in SURE), " ".join(text for text, _, _ in SURE)])
    def test_spans_are_in_order_within_the_text_and_apart(self, redactor: Redactor, text: str) -> None:
        end = 0
        for span in redactor.find(text):
            assert end <= span.start < span.end <= len(text)
            end = span.end

    def test_ordinary_talk_is_left_alone(self, redactor: Redactor) -> None:
        for text in ("I can't sleep and my boss shouts at me", "on Monday at 9:30 in room 204", "it costs 12.500,00"):
            assert redactor.find(text) == ()
