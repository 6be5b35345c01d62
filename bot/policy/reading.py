"""Reading one file of a policy folder, trusting nothing: size, encoding, links, and changes under way."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path, PurePosixPath
from typing import Final

from bot.policy.diagnostics import Diagnostic, closest

LARGEST: Final = 1_000_000
"""Bytes one file may have."""
_ATTEMPTS: Final = 3
_UNPRINTABLE: Final = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INDENTING_TAB: Final = re.compile(r"^ *\t(?=[ \t]*\S)", re.MULTILINE)

Place = tuple[str, int, int]
"""File, line and column of the entry that asked for the file."""


def read(folder: Path, name: str, asked_at: Place) -> bytes | Diagnostic:
    """The bytes of ``name`` in ``folder``; a diagnostic, at the place that named it, when it cannot be trusted."""
    problem = _name_problem(name) or _path_problem(folder, name)
    if problem is None:
        try:
            return _stable(folder / name, name)
        except _Unread as error:
            problem = (str(error), error.hint)
        except OSError as error:
            problem = (f"cannot read {name!r}: {error.strerror}", "check the name and the permissions")
    file, line, column = asked_at
    return Diagnostic(file, line, column, problem[0], problem[1], code="file")


def decode(content: bytes, file: str) -> str | Diagnostic:
    """UTF-8 text that YAML can hold; a diagnostic at the first byte or character that it cannot."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        message = f"not UTF-8: byte 0x{content[error.start]:02x}"
        return _at_end_of(before, file, message, "save the file as UTF-8", "encoding")
    bad = _UNPRINTABLE.search(text)
    if bad is not None:
        message = f"control character U+{ord(bad[0]):04X} is not allowed"
        return _at_end_of(text[: bad.start()], file, message, "remove it", "encoding")
    tab = _INDENTING_TAB.search(text)
    if tab is not None:
        return _at_end_of(text[: tab.end() - 1], file, "a tab indents this line", "indent with spaces", "tab")
    return text


class _Unread(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def _at_end_of(before: str, file: str, message: str, hint: str, code: str) -> Diagnostic:
    line = before.count("\n") + 1
    return Diagnostic(file, line, len(before) - (before.rfind("\n") + 1) + 1, message, hint, code=code)


def _name_problem(name: str) -> tuple[str, str] | None:
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or "\\" in name or "\0" in name:
        return f"{name[:60]!r} leads out of the policy folder", "write a path inside it, such as domains/health.yaml"
    if pure.as_posix() != name:
        return f"there is no file {name[:60]!r}", f"did you mean {pure.as_posix()[:60]!r}?"
    if pure.suffix != ".yaml":
        return f"{name[:60]!r} is not a .yaml file", "every file of a policy ends in .yaml"
    return None


def _path_problem(folder: Path, name: str) -> tuple[str, str] | None:
    path = folder / name
    if _plain(folder, name):
        return None
    try:
        real, root = path.resolve(strict=True), folder.resolve(strict=True)
    except FileNotFoundError:
        there = sorted(p.relative_to(folder).as_posix() for p in path.parent.glob("*.yaml"))
        near = closest(name, there, cutoff=0.85)
        return f"there is no file {name!r}", f"did you mean {near!r}?" if near else "create it, or take it off the list"
    except (OSError, RuntimeError):
        return f"{name!r} is a symbolic link that leads nowhere or in a circle", "put the file itself here"
    if not real.is_relative_to(root):
        return f"{name!r} is a symbolic link out of the policy folder", "put the file itself here"
    return None


def _plain(folder: Path, name: str) -> bool:
    """Whether it is there and no link is on the way, which is quick to say of the many files of a large policy."""
    path = str(folder)
    try:
        for part in name.split("/"):
            path = f"{path}/{part}"
            if stat.S_ISLNK(os.lstat(path).st_mode):
                return False
    except OSError:
        return False
    return True


def _stable(path: Path, name: str) -> bytes:
    """Read a regular file whole, again if it changed while being read. ``name`` is what messages call it."""
    for _ in range(_ATTEMPTS):
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise _Unread(f"{name!r} is not a regular file", "expected a text file")
            if before.st_size > LARGEST:
                size = f"{before.st_size / 1e6:.1f} MB"
                raise _Unread(f"{name!r} has {size}", "a file of a policy has at most 1 MB; split it")
            content = stream.read(LARGEST + 1)
            after = os.fstat(descriptor)
        if len(content) == after.st_size and before.st_mtime_ns == after.st_mtime_ns:
            return content
    raise _Unread(f"{name!r} changes while it is read", "wait until it is written, then try again")
