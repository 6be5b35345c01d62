"""``policy fmt`` and ``policy new``: the same words in one form, and a domain that works from the first minute."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.policy.document import parse
from bot.policy.formatting import formatted
from bot.policy.kinds import KINDS, example
from bot.policy.loader import load

POLICIES = Path(__file__).parents[2] / "policies"
FILES = sorted(path.relative_to(POLICIES).as_posix() for path in POLICIES.rglob("*.yaml"))
UNTIDY = """

# head
a:    1   # one
b:
- x
-   y: 1
    z:   [1,
      2]
    # about w
    w:
        deep:  "q"



    # closing
c:
      d: >-
          folded
            more
      e: |
         literal\x20\x20

         x
f: plain
   continued\x20
g:
    - - 1
      - 2
    -
      h: 1
# end"""
TIDY = """# head
a: 1   # one
b:
  - x
  - y: 1
    z: [1,
      2]
    # about w
    w:
      deep: "q"

  # closing
c:
  d: >-
      folded
        more
  e: |
     literal\x20\x20

     x
f: plain
   continued
g:
  - - 1
    - 2
  -
    h: 1
# end
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "policies"
    shutil.copytree(POLICIES, copy)
    return copy


def test_the_shipped_files_are_as_fmt_writes_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "fmt", "--check", str(POLICIES)]) == 0, capsys.readouterr().out


def test_an_untidy_file_becomes_tidy_and_says_the_same() -> None:
    assert formatted(UNTIDY, "x.yaml") == TIDY
    assert formatted(TIDY, "x.yaml") == TIDY
    assert parse(TIDY, "x").data() == parse(UNTIDY, "x").data()


@pytest.mark.parametrize("name", FILES)
def test_formatting_twice_is_formatting_once_and_loses_no_comment(name: str) -> None:
    text = (POLICIES / name).read_text(encoding="utf-8")
    once = formatted(text, name)
    assert isinstance(once, str)
    assert formatted(once, name) == once
    assert once.count("#") == text.count("#")
    assert parse(once, name).data() == parse(text, name).data()


def spread(kind: str, step: int) -> str:
    """The example of a kind, indented by ``step`` instead of two, with blanks at the ends of lines and between them."""
    chance = random.Random(f"{kind}{step}")
    lines = example(kind).splitlines()
    wide = [" " * ((len(line) - len(line.lstrip())) * step // 2) + line.lstrip() for line in lines]
    return "\n".join(line + " " * chance.randrange(3) + "\n" * chance.randrange(3) for line in wide)


SPREAD = [
    (kind, step)
    for kind in KINDS
    for step in (2, 3, 4, 5, 8)
    if parse(spread(kind, step), "x").data() == parse(example(kind), "x").data()
]
"""Those that still are the same file: keys beside a dash cannot be moved alone."""


@pytest.mark.parametrize(("kind", "step"), SPREAD)
def test_whatever_the_indentation_was_the_form_is_the_same(kind: str, step: int) -> None:
    again = formatted(spread(kind, step), "x")
    assert isinstance(again, str), again
    assert again.replace("\n\n", "\n") == example(kind).replace("\n\n", "\n")


def test_enough_ways_to_indent_are_tried() -> None:
    assert len(SPREAD) >= len(KINDS) + 5


def test_line_ends_of_other_systems_are_mended() -> None:
    assert formatted("a: 1\r\nb:\r\n    c: 2\r\n", "x") == "a: 1\nb:\n  c: 2\n"


@pytest.mark.parametrize("text", ["a: [1", "a: 1\na: 2\n", "a: &x 1\n", "", "a:\n\tb: 1\n"])
def test_what_cannot_be_read_is_left_alone(text: str) -> None:
    assert not isinstance(formatted(text, "x"), str)


def test_check_shows_and_fmt_writes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "fmt", str(folder)]) == 0
    before = load(folder)
    file = folder / "domains" / "health.yaml"
    tidy = file.read_text(encoding="utf-8")
    file.write_text(tidy.replace("attributes:\n  ", "attributes:\n\n\n\n  ", 1), encoding="utf-8")
    file.chmod(0o640)
    capsys.readouterr()
    assert main(["policy", "fmt", str(folder), "--check"]) == 1
    assert "domains/health.yaml" in capsys.readouterr().out
    assert main(["policy", "fmt", str(folder)]) == 0
    assert capsys.readouterr().out == "formatted domains/health.yaml\n"
    assert main(["policy", "fmt", str(folder), "--check"]) == 0
    assert file.stat().st_mode & 0o777 == 0o640
    assert load(folder).domains == before.domains


def test_a_broken_file_is_said_and_the_others_are_formatted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "domains" / "life.yaml").write_text("id: [life\n", encoding="utf-8")
    assert main(["policy", "fmt", str(folder)]) == 1
    assert "domains/life.yaml:1:" in capsys.readouterr().err
    assert (folder / "domains" / "life.yaml").read_text(encoding="utf-8") == "id: [life\n"


def test_a_new_domain_passes_check_and_its_own_test(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--policies", str(folder)]
    texts = [
        "my landlord wants me out by Friday",
        'there is "mould" on every wall of our flat',
        "the neighbours' noise",
    ]
    new = [part for text in texts for part in ("--exemplar", text)]
    assert main(["policy", "new", "domain", "housing", *at, *new]) == 0
    policy = load(folder)
    assert policy.domains["housing"].routing.exemplars == tuple(texts)
    assert list(policy.domains)[-1] == "housing"
    assert "# The list of every file" in (folder / "index.yaml").read_text(encoding="utf-8")
    assert main(["policy", "check", str(folder)]) == 0
    assert main(["policy", "test", *at, "-k", "housing"]) == 0
    assert main(["policy", "fmt", "--check", *at]) in (0, 1)
    assert "housing.yaml (formatted)" not in capsys.readouterr().out
    assert main(["policy", "new", "domain", "housing", *at]) == 2
    assert "already" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["Housing", "../x", "none", "health", "x" * 65])
def test_a_name_that_cannot_be_is_refused(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "new", "domain", name, "--policies", str(folder)]) == 2
    assert capsys.readouterr().err
    assert not (folder / "domains" / f"{name}.yaml").exists() or name in ("none", "health")
