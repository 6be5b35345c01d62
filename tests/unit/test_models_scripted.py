"""Scripts: read strictly, played in order, loud when they run out or are left over."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.models.scripted import Scripted
from bot.errors import ProviderRejected, SettingsError
from bot.llm.provider import Message, Prompt, Purpose, Role
from bot.private import Private


def prompt(purpose: Purpose) -> Prompt:
    return Prompt(purpose, "", (Message(Role.USER, Private("Hello.")),))


async def ask(script: Scripted, purpose: Purpose = Purpose.ANSWER) -> str:
    return (await script.complete(prompt(purpose))).text.reveal()


async def test_plays_each_purpose_in_its_own_order() -> None:
    script = Scripted.of(
        {"purpose": "generate", "text": "g1"}, {"purpose": "answer", "text": "a1"}, {"purpose": "answer", "text": "a2"}
    )
    assert [await ask(script), await ask(script, Purpose.GENERATE), await ask(script)] == ["a1", "g1", "a2"]
    assert script.calls == {Purpose.ANSWER: 2, Purpose.GENERATE: 1}
    script.assert_finished()


async def test_repeats_when_told_to() -> None:
    script = Scripted.of({"text": "again", "repeat": True})
    with pytest.raises(AssertionError):
        script.assert_finished()
    assert [await ask(script), await ask(script, Purpose.JUDGE)] == ["again", "again"]
    script.assert_finished()


async def test_a_script_that_ran_out_fails_and_says_so_at_the_end() -> None:
    script = Scripted.of({"purpose": "judge", "text": "never"})
    with pytest.raises(ProviderRejected, match="no entry left for answer call 1"):
        await ask(script)
    with pytest.raises(AssertionError, match=r"left over: {'judge': 1}, calls without an entry: {'answer': 1}"):
        script.assert_finished()


async def test_json_is_not_text() -> None:
    with pytest.raises(ProviderRejected, match="wants text"):
        await ask(Scripted.of({"json": {"a": 1}}))


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"txt": "no"},
        {"text": "a", "json": {}},
        {"text": "a", "error": "timeout"},
        {"error": "timeout", "hang": True},
        {"error": "unknown"},
        {"text": "a", "after_chunks": 1},
        {"purpose": "chat", "text": "a"},
        {"text": 1},
    ],
)
def test_refuses_entries_that_mean_nothing(entry: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Scripted.of(entry)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("script.jsonl", '{"purpose": "answer", "text": "one"}\n\n{"purpose": "answer", "text": "two"}\n'),
        ("script.yaml", "- {purpose: answer, text: one}\n- purpose: answer\n  text: two\n"),
    ],
)
async def test_reads_files(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    script = Scripted.from_file(path)
    assert [await ask(script), await ask(script)] == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.jsonl", '{"text": "one"}\n{"txt": "two"}\n', r"a\.jsonl:2: txt Extra inputs"),
        ("a.jsonl", '{"text": "one"}\nnot json\n', r"a\.jsonl:2: expected one JSON object a line"),
        ("a.yaml", "- text: one\n- txt: two\n", r"a\.yaml: entry 2: txt Extra inputs"),
        ("a.yaml", "text: one\n", r"expected a YAML list of entries, got dict"),
        ("a.yaml", "- [", r"expected YAML"),
    ],
)
def test_says_which_entry_is_wrong(tmp_path: Path, name: str, text: str, problem: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=problem):
        Scripted.from_file(tmp_path / name)


def test_says_that_a_script_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        Scripted.from_file(tmp_path / "nowhere.jsonl")
