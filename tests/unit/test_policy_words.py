"""Durations, phrases, the folder that is found, and the command line of the policy."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from bot.cli import policy as command
from bot.cli.frames import show
from bot.cli.main import main
from bot.errors import PolicyError
from bot.policy import folder as folders
from bot.policy.diagnostics import Diagnostic, Level, closest, did_you_mean
from bot.policy.durations import duration, seconds
from bot.policy.folder import VARIABLE, find_folder
from bot.policy.kinds import KINDS
from bot.policy.loader import load
from bot.policy.phrasebook import PHRASES
from bot.policy.phrases import chain, phrase, phrases_of
from bot.policy.schema import Policy

POLICIES = Path(__file__).parents[2] / "policies"


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load(POLICIES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(POLICIES, tmp_path / "policies"))


@pytest.mark.parametrize(("text", "count"), [("30s", 30), ("15m", 900), ("24h", 86_400), ("7d", 604_800)])
def test_durations_both_ways(text: str, count: int) -> None:
    assert seconds(text) == count
    assert seconds(duration(count)) == count


@pytest.mark.parametrize("text", ["", "0h", "-1h", "1.5h", "1w", "h", "24 h", "1h30m", "9999999999d"])
def test_other_forms_of_durations_are_refused(text: str) -> None:
    with pytest.raises(PolicyError, match="expected a duration"):
        seconds(text)


def test_a_duration_is_written_in_its_largest_unit() -> None:
    assert [duration(count) for count in (90, 120, 3600, 90_000, 86_400)] == ["90s", "2m", "1h", "25h", "1d"]


def test_a_locale_falls_back_to_its_language_and_then_to_english(policy: Policy) -> None:
    assert chain("de-AT") == ("de-AT", "de", "en")
    assert chain("zh-Hant-TW") == ("zh-TW", "zh", "en")
    assert chain("EN_us") == ("en-US", "en")
    assert chain("und") == ("und", "en")
    assert phrase(policy, "de-AT", "question.skip") == "Überspringen"
    assert phrase(policy, "fi", "question.skip") == "Skip"
    assert phrase(policy, "", "question.skip") == "Skip"


def test_placeholders_are_filled_and_braces_in_values_are_left_alone(policy: Policy) -> None:
    assert phrase(policy, "en", "answer.used", attributes="{age}") == "Used: {age}"
    with pytest.raises(PolicyError, match="attributes"):
        phrase(policy, "en", "answer.used")
    with pytest.raises(PolicyError, match=r"no\.such\.phrase"):
        phrase(policy, "en", "no.such.phrase")


def test_ways_to_say_skip_come_from_every_language(policy: Policy) -> None:
    assert {"skip", "überspringen", "saltar", "passer"} <= set(phrases_of(policy, "reply.skip"))
    assert "" not in phrases_of(policy, "reply.stop")


def test_every_phrase_the_code_asks_for_is_in_the_phrasebook() -> None:
    """Ids are written out in the code, so reading it finds those that nobody listed."""
    import re

    called = re.compile(r'(?:phrase|notice|_card)\((?:[^()"]*?, )*f?"([a-z_.{}]+)"')
    bot = Path(__file__).parents[2] / "bot"
    for path in sorted([*bot.rglob("*.py")]):
        for found in called.findall(path.read_text(encoding="utf-8")):
            if "." in found and "{" not in found:
                assert found in PHRASES, f"{path.name} says {found!r}: add it to phrasebook.py and locales/en.yaml"


def test_the_folder_is_the_one_named_then_the_variable_then_the_shipped_one(folder: Path, tmp_path: Path) -> None:
    assert find_folder(folder, {VARIABLE: str(tmp_path)}) == folder
    assert find_folder(None, {VARIABLE: str(folder)}) == folder
    assert (find_folder(None, {}) / "index.yaml").is_file()


def test_a_named_folder_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"--policies names .* not a folder"):
        find_folder(tmp_path / "nowhere", {})
    with pytest.raises(PolicyError, match=rf"{VARIABLE} names .* no index\.yaml"):
        find_folder(None, {VARIABLE: str(tmp_path)})


def test_the_nearest_word_is_suggested() -> None:
    assert closest("gian", ["gain", "price"]) == "gain"
    assert closest("phd", ["PhD", "other"]) == "PhD"
    assert closest("zebra", ["gain", "price"]) is None
    assert did_you_mean("zebra", ["gain", "price"]) == "known: gain, price"
    assert did_you_mean("zebra", []) == ""


def test_check_is_content_with_the_shipped_policy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", str(POLICIES)]) == 0
    out = capsys.readouterr().out
    assert "no errors" in out
    assert "more warnings of the kind unverified (--all shows them)" in out
    assert out.count("has never been checked") == 3


def test_check_shows_all_warnings_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", str(POLICIES), "--all"]) == 0
    assert capsys.readouterr().out.count("has never been checked") > 100


def test_check_points_at_the_mistake_and_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "defaults.yaml"
    text = path.read_text(encoding="utf-8").replace("  cooldown: 30m", "  cooldwn: 30m")
    path.write_text(text, encoding="utf-8")
    line = text[: text.index("cooldwn")].count("\n") + 1
    assert main(["policy", "check", "--policies", str(folder)]) == 1
    shown = capsys.readouterr().out.splitlines()
    start = shown.index(f"defaults.yaml:{line}:3: error: unknown key 'cooldwn'")
    assert shown[start + 1] == f"  {line} |   cooldwn: 30m"
    assert shown[start + 2] == f"  {' ' * len(str(line))} |   ^^^^^^^"
    assert shown[start + 3] == "  hint: did you mean 'cooldown'?"
    assert shown[-1].endswith("This policy would not be served.")


def test_check_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "risk" / "self_harm.yaml").unlink()
    assert main(["policy", "check", str(folder), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["errors"] == 1
    assert report["policy"] is None
    error = next(each for each in report["diagnostics"] if each["severity"] == "error")
    assert error["file"] == "index.yaml"
    assert "self_harm" in error["message"]
    assert error["hint"]


def test_check_of_no_policy_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", str(tmp_path)]) == 2
    assert "index.yaml" in capsys.readouterr().err


def test_the_schema_of_each_kind_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert tuple(KINDS) == command.KINDS
    assert main(["policy", "schema", "domain"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["additionalProperties"] is False
    assert "gain" in schema["$defs"]["DomainAttribute"]["properties"]
    assert main(["policy", "schema"]) == 0
    assert tuple(json.loads(capsys.readouterr().out)) == command.KINDS


def test_the_guide_is_printed_and_renewed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "guide"]) == 0
    assert "| `attributes.<name>.gain` |" in capsys.readouterr().out
    page = folder / "README.md"
    page.write_text(page.read_text(encoding="utf-8").replace("| `locale` |", "| `old` |"), encoding="utf-8")
    assert main(["policy", "guide", "--write", "--policies", str(folder)]) == 0
    assert page.read_text(encoding="utf-8") == (POLICIES / "README.md").read_text(encoding="utf-8")
    page.write_text("no markers", encoding="utf-8")
    assert main(["policy", "guide", "--write", "--policies", str(folder)]) == 2
    page.unlink()
    assert main(["policy", "guide", "--write", "--policies", str(folder)]) == 2


def test_a_frame_survives_long_lines_and_places_that_are_gone(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("x" * 5000 + ": '" + "y" * 300 + "'\n", encoding="utf-8")
    diagnostics = [
        Diagnostic("a.yaml", 1, 5003, "far out"),
        Diagnostic("a.yaml", 99, 1, "no such line"),
        Diagnostic("gone.yaml", 1, 1, "[bold]no such file[/bold]", severity=Level.WARNING),
    ]
    console = Console(file=io.StringIO(), width=80, soft_wrap=True, highlight=False)
    show(tmp_path, diagnostics, everything=True, console=console)
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert max(map(len, shown.splitlines())) < 200
    assert "[bold]no such file[/bold]" in shown
    assert "2 errors, 1 warning" in shown


def test_without_any_policy_it_says_how_to_name_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_BOT", tmp_path / "bot")
    with pytest.raises(PolicyError, match=rf"--policies DIR or {VARIABLE}=DIR"):
        find_folder(None, {})
