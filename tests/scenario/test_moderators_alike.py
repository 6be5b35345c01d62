"""The same case through the moderators' channel in Slack and in Discord: the same cards, answers and trail."""

from __future__ import annotations

import re
from pathlib import Path

from bot.clock import ManualClock
from bot.review.cases import Action
from tests.scenario.desk_in_chat import WORRYING, actions, the_case
from tests.support.chat_desk import ChatDesk, kept_in
from tests.support.discord.chat_desk import discord_desk
from tests.support.slack.chat_desk import slack_desk

Gist = tuple[str, list[str], str]


def same(text: str, case_id: str) -> str:
    """Without the look of the platform, and what is another at every run: ids, moments, signs."""
    text = re.sub(r"<!date\^\d+\^[^>]*>|<t:\d+:\w>", "@", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "@", text)
    text = text.replace(case_id, "CASE").replace(case_id[-4:], "ID")
    return re.sub(r":rotating_light: |🚨 |\*", "", text)


async def through(desk: ChatDesk) -> tuple[list[Gist], list[tuple[Action, str]]]:
    steps: list[Gist] = []

    async def after(said: str) -> None:
        case_id = (await the_case(desk)).id
        steps.append((same(desk.card(), case_id), desk.buttons(), same(said, case_id)))

    await desk.says("ann", WORRYING)
    await after("")
    await after(await desk.presses("mia", "claim"))
    await after(await desk.presses("noah", "extend"))
    await after(await desk.presses("mia", "extend"))
    await desk.presses("mia", "opinion")
    await after(await desk.fills("mia", words="What would you do?"))
    await desk.presses("mia", "decide")
    await after(await desk.fills("mia", "take_over"))
    await after(await desk.presses("mia", "hand_back"))
    await desk.presses("mia", "decide")
    await after(await desk.fills("mia", "no_risk", note="a song"))
    await after(await desk.presses("noah", "undo"))
    conversation = (await the_case(desk)).conversation
    assert conversation is not None
    await desk.app.forget(conversation.reveal().person)
    await desk.follows()
    await after("")
    return steps, await actions(desk)


async def test_both_show_and_record_the_same(tmp_path: Path) -> None:
    clock = ManualClock()
    (tmp_path / "slack").mkdir()
    (tmp_path / "discord").mkdir()
    async with kept_in(tmp_path / "slack", clock) as stores, slack_desk(stores, clock) as slack:
        there, recorded_there = await through(slack)
    clock = ManualClock()
    async with kept_in(tmp_path / "discord", clock) as stores, discord_desk(stores, clock) as discord:
        here, recorded_here = await through(discord)
    assert here == there
    assert recorded_here == recorded_there
