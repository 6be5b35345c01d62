"""Moving one known thing to the place where the person is, and taking it back: on every face, and where it must not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from adapters.slack import ids
from bot.identity import Person
from tests.scenario.conversations import JOB, last
from tests.support.discord.face import CHANNEL as DISCORD_CHANNEL
from tests.support.discord.face import DiscordFace, discord_face
from tests.support.face import Face, Seen
from tests.support.slack.face import CHANNEL as SLACK_CHANNEL
from tests.support.slack.face import SlackFace, slack_face
from tests.support.terminal_face import TerminalFace, terminal_face
from tests.support.web_face import web_face

Here = Callable[[str], Awaitable[None]]
"""Gives a command, ``share profession``, in the channel, as people do on that face."""
ANN = Person("terminal", "w1", "ann")


@asynccontextmanager
async def on_terminal() -> AsyncIterator[tuple[Face, Here]]:
    async with terminal_face() as face:
        yield face, lambda words: face.say("ann", f"/privacy {words}", "channel")


@asynccontextmanager
async def on_web() -> AsyncIterator[tuple[Face, Here]]:
    async with web_face() as face:
        yield face, lambda words: face.say("ann", f"/{words}", "channel")


@asynccontextmanager
async def on_slack() -> AsyncIterator[tuple[Face, Here]]:
    async with slack_face() as face:
        yield face, lambda words: slash(face, f"privacy {words}")


@asynccontextmanager
async def in_a_slack_thread() -> AsyncIterator[tuple[Face, Here]]:
    async with slack_face() as face:
        yield face, lambda words: face.say("ann", wish(words), "channel")


@asynccontextmanager
async def on_discord() -> AsyncIterator[tuple[Face, Here]]:
    async with discord_face() as face:
        yield face, lambda words: in_discord(face, words)


def wish(words: str) -> str:
    verb, _, _ = words.partition(" ")
    return "use my work here" if verb == "share" else "Stop using my work here."


async def slash(face: SlackFace, words: str) -> None:
    person = face.user("ann")
    await person.slash(words, SLACK_CHANNEL)
    await face.app.intake.finished(f"slack:{face.workspace.team}:{ids.command_id(person.commanded['trigger_id'])}")


async def in_discord(face: DiscordFace, words: str, **given: str) -> None:
    verb, _, item = words.partition(" ")
    person = await face.user("ann")
    options = {**({"item": item} if item else {}), **given}
    await face.finished(await person.commands(f"privacy {verb}", DISCORD_CHANNEL, **options))


async def used_in_public(face: Face) -> bool:
    """Whether an answer in the channel is written with what is known of the person's work."""
    await face.say("ann", JOB, "channel")
    if (await last(face, "ann"))["kind"] == "question":
        await face.say("ann", "just answer me", "channel")
    answer = await last(face, "ann", "answer")
    assert answer["place"] == "channel"
    if not isinstance(face, DiscordFace):
        return "profession" in answer["used"]
    person = await face.user("ann")  # where an answer in a channel does not say what it was written with
    await face.finished(await person.commands("raise why", DISCORD_CHANNEL))
    return "Work" in (await last(face, "ann", "notice"))["text"]


def button(notice: Seen, name: str) -> str:
    return next(choice["id"] for choice in notice["choices"] if choice["id"].startswith(f"do:{name}"))


@pytest.mark.parametrize("open_face", [on_terminal, on_web, on_slack, in_a_slack_thread, on_discord])
async def test_what_was_told_in_private_is_used_where_the_person_moves_it_until_they_take_it_back(
    open_face: Callable[[], AsyncIterator[tuple[Face, Here]]],
) -> None:
    async with open_face() as (face, here):  # type: ignore[attr-defined]  # each is a context manager
        assert not await used_in_public(face)
        if isinstance(face, DiscordFace):  # where direct messages outside of a server know nothing of it
            await in_discord(face, "correct profession", value="beekeeper")
        else:
            await face.command("ann", "/correct profession beekeeper")
        await here("share profession")
        confirm = await last(face, "ann", "notice")
        assert "beekeeper" in confirm["text"]
        assert "everyone who can read this conversation" in confirm["text"]
        await face.say("ben", "set a timer for ten minutes please", "channel")
        assert "beekeeper" not in json.dumps(await face.seen("ben")), "only the person may see it"
        await face.choose("ann", button(confirm, "share_yes."))
        assert "I may now use this" in (await last(face, "ann", "notice"))["text"]
        assert await used_in_public(face)
        await (here("show") if isinstance(face, DiscordFace) else face.command("ann", "/privacy"))
        shown = await last(face, "ann", "notice")
        assert ", because you moved it " in shown["text"]
        assert button(shown, "unshare.profession@")
        await here("unshare profession")
        assert "no longer use this here" in (await last(face, "ann", "notice"))["text"]
        assert not await used_in_public(face)


async def confirmed(face: TerminalFace) -> None:
    await face.say("ann", "/share profession", "channel")
    await face.choose("ann", button(await last(face, "ann", "notice"), "share_yes."))


async def test_the_list_offers_to_move_and_to_take_back_and_nothing_happens_without_a_yes() -> None:
    async with terminal_face() as face:
        await face.command("ann", "/correct profession beekeeper")
        await face.say("ann", "/privacy", "channel")
        await face.choose("ann", button(await last(face, "ann", "notice"), "share.profession@"))
        asked = await last(face, "ann", "notice")
        await face.choose("ann", "do:share_no")
        assert "nothing was moved" in (await last(face, "ann", "notice"))["text"]
        assert len(await face.app.stores.profiles.read(ANN, face.clock.now())) == 1
        await face.choose("ann", button(asked, "share_yes."))
        await face.choose("ann", button(asked, "share_yes."))
        assert "already" in (await last(face, "ann", "notice"))["text"]
        await face.say("ann", "/privacy", "channel")
        shown = await last(face, "ann", "notice")
        assert not [choice for choice in shown["choices"] if choice["id"].startswith("do:share.")]
        await face.command("ann", "/privacy")
        await face.choose("ann", button(await last(face, "ann", "notice"), "unshare.profession@"))
        assert "no longer use this here" in (await last(face, "ann", "notice"))["text"]
        assert len(await face.app.stores.profiles.read(ANN, face.clock.now())) == 1


async def test_a_copy_lives_as_long_as_what_it_is_a_copy_of() -> None:
    async with terminal_face() as face:
        await face.command("ann", "/correct profession beekeeper")
        await face.advance(86_400)
        await confirmed(face)
        kept = await face.app.stores.profiles.read(ANN, face.clock.now())
        assert sorted(each.moved for each in kept) == [False, True]
        assert len({each.expires_at for each in kept}) == 1
        await face.command("ann", "/export")
        exported = json.loads((await last(face, "ann", "notice"))["attachment"]["content"])  # type: ignore[typeddict-item]
        assert sorted(str(each["moved_to"]) for each in exported["known"]) == ["None", "channel"]


@pytest.mark.parametrize("take_back", ["/forget profession", "/pause"])
async def test_what_may_not_be_used_cannot_be_moved(take_back: str) -> None:
    async with terminal_face() as face:
        await face.command("ann", "/correct profession beekeeper")
        await face.say("ann", "/share profession", "channel")
        asked = await last(face, "ann", "notice")
        await face.command("ann", take_back)
        await face.choose("ann", button(asked, "share_yes."))
        assert "can't use this here" in (await last(face, "ann", "notice"))["text"]
        assert not [each for each in await face.app.stores.profiles.read(ANN, face.clock.now()) if each.moved]


async def test_forgetting_takes_the_copies_too() -> None:
    async with terminal_face() as face:
        for erase in ("/forget profession", "/forget me"):
            await face.command("ann", "/correct profession beekeeper")
            await confirmed(face)
            await face.command("ann", erase)
            if erase == "/forget me":
                await face.choose("ann", "do:forget_me_yes")
            assert await face.app.stores.profiles.read(ANN, face.clock.now()) == ()


async def test_a_copy_of_what_was_corrected_since_is_gone() -> None:
    async with terminal_face() as face:
        await face.command("ann", "/correct profession beekeeper")
        await confirmed(face)
        await face.command("ann", "/correct profession sailor")
        kept = await face.app.stores.profiles.read(ANN, face.clock.now())
        assert [each.value.said.reveal() for each in kept] == ["sailor"]


async def test_what_was_told_there_stays_when_a_copy_is_taken_back() -> None:
    async with terminal_face() as face:
        await face.say("ann", "/correct profession sailor", "channel")
        await face.command("ann", "/correct profession beekeeper")
        await confirmed(face)
        await face.say("ann", "/unshare profession", "channel")
        assert "also told it here yourself" in (await last(face, "ann", "notice"))["text"]
        await face.say("ann", "/unshare profession", "channel")
        assert "nothing to take back" in (await last(face, "ann", "notice"))["text"]


@pytest.mark.parametrize(
    ("words", "place", "told"),
    [
        ("/share profession", "dm", "in the channel or thread"),
        ("/share", "channel", "in the channel or thread"),
        ("/share nonsense", "channel", "in the channel or thread"),
        ("/share age", "channel", "I know nothing"),
        ("use my age here", "channel", "I know nothing"),
        ("/unshare age", "channel", "haven't moved this here"),
    ],
)
async def test_what_cannot_be_done_is_explained(words: str, place: str, told: str) -> None:
    async with terminal_face() as face:
        await face.say("ann", words, place)
        assert told in (await last(face, "ann", "notice"))["text"]
        await face.choose("ann", "do:share_yes.profession@00000000")
        assert "earlier question" in (await last(face, "ann", "notice"))["text"]


async def test_other_words_are_no_wish_to_move_anything() -> None:
    async with terminal_face() as face:
        await face.say("ann", "use my hammer here", "channel")
        assert (await last(face, "ann"))["kind"] in ("answer", "question")
