"""Reading JSON that somebody sent."""

from __future__ import annotations

import pytest

from bot.chat.fields import Fields, read_object
from bot.errors import InputError


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "got nothing"),
        (b" \r\n", "got nothing"),
        (b"\xef\xbb\xbf", "got nothing"),
        (b"\xff\xfe{", "byte 0xff at 0"),
        (b"[1]", "got a list"),
        (b"null", "got null"),
        (b'"hi"', "got text"),
        (b"1.5", "got a number"),
        (b"{", "at character 1"),
        (b"[" * 200_000, "nesting too deep"),
        (b'{"a":' + b"9" * 5000 + b"}", "a number too long"),
    ],
)
def test_what_is_no_object_is_named(raw: bytes, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        read_object(raw)


def test_a_byte_order_mark_is_allowed() -> None:
    assert read_object(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_an_unknown_key_is_named_with_the_nearest_known_one() -> None:
    with pytest.raises(InputError, match='unknown key "usr": did you mean "user"'):
        Fields({"usr": "u1"}, ("user", "text"))
    with pytest.raises(InputError, match="known keys are user, text"):
        Fields({"zzz": "u1"}, ("user", "text"))


def test_text_is_checked() -> None:
    fields = Fields({"a": "yes", "b": 1, "c": None, "d": "x" * 11}, ("a", "b", "c", "d", "e"))
    assert fields.text("a") == "yes"
    assert fields.text("c", "instead") == "instead"
    assert "c" not in fields
    for name, problem in (("b", "expected text, got a number"), ("e", 'missing key "e"')):
        with pytest.raises(InputError, match=problem):
            fields.text(name)
    with pytest.raises(InputError, match="at most 10 characters, got 11"):
        fields.text("d", limit=10)


def test_what_no_store_can_keep_is_replaced() -> None:
    assert Fields({"a": "x\0y\ud83dz"}, ("a",)).text("a") == "x�y�z"
    assert Fields({"a": "\ud83d\ude00"}, ("a",)).text("a") == "😀"


@pytest.mark.parametrize("value", [True, "5", None, float("inf"), float("nan"), 10**400, [1]])
def test_a_number_must_be_one(value: object) -> None:
    with pytest.raises(InputError, match='key "n": expected a'):
        Fields({"n": value}, ("n",)).number("n")


def test_a_number_is_read() -> None:
    assert Fields({"n": 3600}, ("n",)).number("n") == 3600.0
