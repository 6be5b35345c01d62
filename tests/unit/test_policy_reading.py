"""Files are read trusting nothing: names, links, sizes, encodings, and changes under way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.policy import reading
from bot.policy.diagnostics import Diagnostic
from bot.policy.document import parse
from bot.policy.nodes import Mapping, Scalar, Sequence
from bot.policy.reading import LARGEST, decode, read

ASKED = ("index.yaml", 4, 7)


def refused(folder: Path, name: str) -> Diagnostic:
    found = read(folder, name, ASKED)
    assert isinstance(found, Diagnostic)
    assert (found.file, found.line, found.column) == ASKED
    assert found.hint
    return found


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: 1\n")
    assert read(tmp_path, "a.yaml", ASKED) == b"a: 1\n"


@pytest.mark.parametrize("name", ["/etc/passwd.yaml", "../a.yaml", "a/../../b.yaml", "a\\b.yaml", "a\0.yaml"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    assert "leads out of the policy folder" in refused(tmp_path, name).message


def test_a_file_that_is_not_there_suggests_the_one_meant(tmp_path: Path) -> None:
    (tmp_path / "domains").mkdir()
    (tmp_path / "domains" / "health.yaml").touch()
    assert refused(tmp_path, "domains/helth.yaml").hint == "did you mean 'domains/health.yaml'?"
    assert "create it" in refused(tmp_path, "domains/quite_another.yaml").hint


def test_links_out_of_the_folder_are_refused_and_links_inside_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "policy"
    folder.mkdir()
    (tmp_path / "secret.yaml").write_text("a: 1")
    (folder / "out.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "here.yaml").write_text("a: 2")
    (folder / "in.yaml").symlink_to(folder / "here.yaml")
    assert "out of the policy folder" in refused(folder, "out.yaml").message
    assert read(folder, "in.yaml", ASKED) == b"a: 2"


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").symlink_to(tmp_path / "b.yaml")
    (tmp_path / "b.yaml").symlink_to(tmp_path / "a.yaml")
    assert "circle" in refused(tmp_path, "a.yaml").message


def test_folders_and_pipes_are_refused_without_waiting(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    assert (
        "cannot read" in refused(tmp_path, "folder.yaml").message
        or "regular" in refused(tmp_path, "folder.yaml").message
    )
    assert "not a regular file" in refused(tmp_path, "pipe.yaml").message


def test_a_hundred_megabytes_are_refused_without_being_read(tmp_path: Path) -> None:
    with (tmp_path / "big.yaml").open("wb") as stream:
        stream.truncate(100_000_000)
    assert "100.0 MB" in refused(tmp_path, "big.yaml").message
    (tmp_path / "just.yaml").write_bytes(b"#" * LARGEST)
    assert isinstance(read(tmp_path, "just.yaml", ASKED), bytes)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n")
    real = os.fstat
    calls = 0

    def growing(descriptor: int) -> os.stat_result:
        nonlocal calls
        calls += 1
        if calls % 2 == 0:  # between the two looks somebody else writes
            path.write_text("a: 1\n" * (calls + 1))
        return real(descriptor)

    monkeypatch.setattr(reading.os, "fstat", growing)
    assert "changes while it is read" in refused(tmp_path, "a.yaml").message


def test_a_file_that_settles_is_read_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n")
    real = os.fstat
    calls = 0

    def once(descriptor: int) -> os.stat_result:
        nonlocal calls
        calls += 1
        if calls == 2:
            path.write_text("a: 22\n")
        return real(descriptor)

    monkeypatch.setattr(reading.os, "fstat", once)
    assert read(tmp_path, "a.yaml", ASKED) == b"a: 22\n"


@pytest.mark.parametrize(
    ("content", "line", "column", "message"),
    [
        (b"a: 1\nb: \xff\n", 2, 4, "not UTF-8: byte 0xff"),
        ("grüße: 1\nb: ü\x00".encode(), 2, 5, "control character U+0000"),
        (b"a:\n\tb: 1\n", 2, 1, "a tab indents this line"),
        (b"a:\n  \tb: 1\n", 2, 3, "a tab indents this line"),
        ("a: 1".encode("utf-16"), 1, 1, "not UTF-8"),
    ],
)
def test_bytes_that_yaml_cannot_hold(content: bytes, line: int, column: int, message: str) -> None:
    found = decode(content, "a.yaml")
    assert isinstance(found, Diagnostic)
    assert (found.line, found.column) == (line, column)
    assert message in found.message


def test_tabs_within_text_and_a_byte_order_mark_are_fine() -> None:
    assert decode("\ufeffa: b\tc\n\t\n".encode(), "a.yaml") == "a: b\tc\n\t\n"
    assert decode("a: 🌱 ‏שלום".encode(), "a.yaml") == "a: 🌱 ‏שלום"


def test_values_know_their_place() -> None:
    document = parse('a: 1\nb:\n  - x\n  - {c: "d", e: 2.5}\n', "f.yaml")
    assert document.problems == ()
    assert document.data() == {"a": 1, "b": ("x", {"c": "d", "e": 2.5})}
    assert document.at("b", 1, "c") == (4, 9)
    assert document.key_at("b", 1, "e") == (4, 14)
    assert document.at("b", 7, "nowhere") == (3, 3)
    assert document.key_at("b", 0) == (3, 5)
    assert isinstance(document.root, Mapping)
    assert isinstance(document.root.entries[1].value, Sequence)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("-3", -3),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("12:30", "12:30"),
        ("2026-01-31", "2026-01-31"),
        ("18-24", "18-24"),
        ("55+", "55+"),
        ('"12"', "12"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_plain_values_are_read_as_in_yaml_1_2(written: str, read_as: object) -> None:
    value = parse(f"a: {written}", "f.yaml").data()
    assert value == {"a": read_as}
    assert isinstance(value, dict)
    assert type(value["a"]) is type(read_as)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: &x 1", (1, 4), "anchor &x is not allowed"),
        ("a: 1\nb: *x", (2, 4), "alias"),
        ("a: !!python/object/apply:os.system [ls]", (1, 4), "tag"),
        ("a: 1\nb: 2\na: 3", (3, 1), "duplicate key 'a', first written in line 1"),
        ("a:\nb: 2", (1, 1), "key 'a' has no value"),
        ("a:\n  -\n  - b", (2, 4), "this list item has no value"),
        ("? [a, b]\n: c", (1, 3), "a key must be a single word"),
        ("a: 1\n---\nb: 2", (2, 1), "a second document starts here"),
        ("", (1, 1), "the file is empty"),
        ("# nothing but a comment", (1, 1), "the file is empty"),
        ("a: {b: 1", (1, 4), "not valid YAML"),
        ('a: "b\nc: "d"\n', (1, 4), "this quotation goes on for 2 lines"),
        ('a: "b\nc: d\n', (1, 4), "not valid YAML"),
        ("a: b: c", (1, 5), "mapping values are not allowed"),
        ("a: " + "[" * 40 + "]" * 40, (1, 28), "nested more than 24 deep"),
    ],
)
def test_what_the_language_does_not_allow(text: str, place: tuple[int, int], message: str) -> None:
    problems = parse(text, "f.yaml").problems
    assert [(each.line, each.column) for each in problems if message in each.message] == [place]
    assert all(each.hint for each in problems)


def test_a_bomb_of_aliases_costs_nothing() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    document = parse("\n".join(lines), "f.yaml")
    assert sum("alias" in each.message for each in document.problems) == 99
    assert isinstance(document.root, Mapping)
    assert all(
        isinstance(item, Scalar)
        for entry in document.root.entries
        if isinstance(entry.value, Sequence)
        for item in entry.value.items
    )


def test_several_problems_are_told_at_once() -> None:
    assert len(parse("a: &x 1\nb:\nc: 1\nc: 2\n", "f.yaml").problems) == 3
