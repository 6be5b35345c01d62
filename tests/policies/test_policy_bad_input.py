"""Whatever stands in a policy folder, every command ends quickly, says where it is, and changes nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli.main import main

POLICIES = Path(__file__).parents[2] / "policies"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def write(content: bytes) -> Callable[[Path], None]:
    def make(file: Path) -> None:
        file.write_bytes(content)

    return make


def huge(file: Path) -> None:
    with file.open("wb") as stream:
        stream.truncate(100_000_000)


def link_out(file: Path) -> None:
    outside = file.parents[2] / "outside.yaml"
    outside.write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    file.unlink()
    file.symlink_to(outside)


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def unreadable(file: Path) -> None:
    file.unlink()
    file.mkdir()


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "a bomb of aliases": (write(BOMB.encode()), "not allowed"),
    "100 MB": (huge, "100.0 MB"),
    "tabs": (write(b"id: x\n\ttitle: y\n"), "a tab indents this line"),
    "duplicate keys": (write(b"id: x\nid: y\n"), "duplicate key 'id'"),
    "an anchor": (write(b"id: &x y\n"), "anchor &x is not allowed"),
    "a tag": (write(b"id: !!python/object/apply:os.system ['true']\n"), "is not allowed"),
    "not UTF-8": (write(b"id: caf\xe9\n"), "not UTF-8: byte 0xe9"),
    "nothing": (write(b""), "the file is empty"),
    "nested deep": (write(b"[" * 100_000), "nested more than"),
    "a control character": (write(b"id: \x00\n"), "control character U+0000"),
    "a link out of the folder": (link_out, "symbolic link out of the policy folder"),
    "a pipe": (pipe, "not a regular file"),
    "a folder": (unreadable, ""),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "policies"
    shutil.copytree(POLICIES, copy)
    return copy


@pytest.mark.parametrize("name", ["domains/social.yaml", "tests/places.yaml"])
@pytest.mark.parametrize("bad", BAD)
def test_bad_files_are_refused_by_every_command(
    folder: Path, name: str, bad: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make, message = BAD[bad]
    file = folder / name
    make(file)
    before = os.lstat(file)
    for command in (["check", str(folder)], ["test", str(folder)], ["fmt", str(folder)]):
        code = main(["policy", *command])
        told = "".join(capsys.readouterr())
        assert code in (1, 2), command
        assert message in told, told
        assert name in told
        assert "Traceback" not in told
    after = os.lstat(file)
    assert (before.st_mode, before.st_size, before.st_mtime_ns) == (after.st_mode, after.st_size, after.st_mtime_ns)


@pytest.mark.parametrize("bad", ["a bomb of aliases", "100 MB", "not UTF-8", "nested deep", "a link out of the folder"])
def test_a_bad_index_is_refused(folder: Path, bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    make, message = BAD[bad]
    make(folder / "index.yaml")
    for command in (["check", str(folder)], ["new", "domain", "housing", "--policies", str(folder)]):
        assert main(["policy", *command]) in (1, 2)
        assert message in "".join(capsys.readouterr())
    assert not (folder / "domains" / "housing.yaml").exists()


@pytest.mark.parametrize("name", ["../outside.yaml", "/etc/passwd", "places.txt", "nothing.yaml"])
def test_places_and_tests_are_read_in_the_folder_only(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    index = folder / "index.yaml"
    text = index.read_text(encoding="utf-8")
    for changed in (f"{text}places: {name}\n", text.replace("tests/places.yaml", name)):
        index.write_text(changed, encoding="utf-8")
        assert main(["policy", "check", str(folder)]) == 1
        assert "index.yaml:" in capsys.readouterr().out
