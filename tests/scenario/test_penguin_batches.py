"""``raise-bot penguin run --batch``: half the price, paid once."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from tests.support.penguin_runs import COUNT, PenguinRuns

BATCH = ("--modes", "context-free,raise", "--batch", "--look-every", "0.1", "--judge", "openai:gpt-4.1")


async def test_killed_while_a_batch_is_under_way_it_waits_for_the_same_one(
    penguin: PenguinRuns, capsys: pytest.CaptureFixture[str]
) -> None:
    batches = penguin.server.batch
    batches.looks = 10**9
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli.main", *penguin.command(*BATCH), stderr=-3
    )
    await batches.looked.wait()
    process.kill()
    await process.wait()
    assert await penguin.run(*BATCH[:2], *BATCH[-2:]) == 2
    assert "run it with --batch" in capsys.readouterr().err
    batches.looks = 1
    assert await penguin.run(*BATCH, "--json") == 0
    said = capsys.readouterr()
    assert "in batches, about $" in said.err
    assert len(penguin.results()) == 2 * COUNT
    answers, judgements = json.loads(said.out.splitlines()[-1])["sessions"][0]["batches"]
    assert answers["found"] >= 1
    assert judgements["handed_in"] >= 1
    asked = [json.dumps([call.system, call.messages]) for call in penguin.server.calls]
    assert len(set(asked)) == len(asked), "expected every call to be paid once"
    assert not (penguin.kept / "batches.jsonl").exists()


async def test_a_model_without_batches_is_refused(penguin: PenguinRuns, capsys: pytest.CaptureFixture[str]) -> None:
    script = penguin.folder / "replies.jsonl"
    script.write_text('{"text": "One."}\n', encoding="utf-8")
    assert await penguin.run(*BATCH, "--model", f"scripted:{script}") == 2
    assert "takes no batches" in capsys.readouterr().err
