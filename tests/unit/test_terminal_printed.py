"""What a terminal has printed is known to the next process when this one is killed, and to nobody afterwards."""

from __future__ import annotations

from pathlib import Path

from adapters.terminal.json_terminal import JsonTerminal
from adapters.terminal.printed import Printed
from bot.chat import Notice, Outbound
from bot.identity import DIRECT, Person
from bot.private import Private

ANN = Person("terminal", "w1", "ann")


def test_the_next_process_knows_what_was_printed(tmp_path: Path) -> None:
    Printed(tmp_path / "printed").add("m1")
    known = Printed(tmp_path / "printed")
    assert "m1" in known
    assert "m2" not in known


def test_the_file_names_nobody(tmp_path: Path) -> None:
    Printed(tmp_path / "printed").add("terminal:w1:ann:e1")
    assert b"ann" not in (tmp_path / "printed").read_bytes()


def test_nothing_is_left_of_a_session_that_ended_in_order(tmp_path: Path) -> None:
    printed = Printed(tmp_path / "printed")
    printed.add("m1")
    printed.close()
    assert (tmp_path / "printed").read_bytes() == b""


def test_half_a_digest_is_cut_off(tmp_path: Path) -> None:
    file = tmp_path / "printed"
    Printed(file).add("m1")
    file.write_bytes(file.read_bytes() + b"half")
    again = Printed(file)
    again.add("m2")
    third = Printed(file)
    assert "m1" in third
    assert "m2" in third


def test_the_folder_may_be_made_after_the_terminal(tmp_path: Path) -> None:
    printed = Printed(tmp_path / "state" / "printed")
    (tmp_path / "state").mkdir()
    printed.add("m1")
    assert "m1" in Printed(tmp_path / "state" / "printed")


def test_only_the_latest_are_known(tmp_path: Path) -> None:
    printed = Printed(tmp_path / "printed")
    for number in range(10_001):
        printed.add(f"m{number}")
    for known in (printed, Printed(tmp_path / "printed")):
        assert "m0" not in known
        assert "m10000" in known


async def test_a_file_that_cannot_be_written_loses_no_line(tmp_path: Path) -> None:
    lines: list[str] = []
    terminal = JsonTerminal(lines.append, Printed(tmp_path / "nowhere" / "printed"))
    for _ in range(2):
        await terminal.deliver(Outbound("m", ANN, DIRECT, Notice(Private("hello")), "t"))
    assert len(lines) == 1
