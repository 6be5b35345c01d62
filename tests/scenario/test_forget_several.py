"""Several things forgotten in one go, ticked in a form: alike in Slack and Discord, with the effects of each alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from adapters.discord.render import forget_form
from adapters.discord.views import modal
from adapters.forgetting import BOXES, NOTHING_KNOWN, NOTHING_TICKED, TICK, TITLE, offered
from adapters.slack.render import forget_modal
from bot.assembly.application import Application
from bot.chat import Choice, ChoiceKind, Command, Verb
from bot.chat.forgettable import Forgettable, Forgettables
from bot.clock import ManualClock
from bot.identity import Person
from bot.private import Private
from bot.profile.attributes import ATTRIBUTES
from bot.profile.consent import Agreement
from tests.scenario.conversations import HEARTBREAK, last, until_answered
from tests.support.discord import checks
from tests.support.discord.bot import english
from tests.support.discord.face import DiscordFace, discord_face
from tests.support.discord.model import controls
from tests.support.discord.world import CHANNEL, a_scene
from tests.support.face import Face
from tests.support.knowing import away, knows, nothing_known
from tests.support.slack.face import SlackFace, slack_face
from tests.support.slack.limits import check_view
from tests.support.slack.model import Fault
from tests.support.slack.world import a_world

Boxes = list[tuple[str, str, str]]
"""Value, label and detail of each."""


@dataclass
class Place:
    """A face and its form. ``tick`` sends it, and returns once the bot is done."""

    face: Face
    app: Application
    clock: ManualClock
    person: Person
    command: Callable[[], Awaitable[object]]
    button: Callable[[], Awaitable[object]]
    boxes: Callable[[], Awaitable[Boxes]]
    tick: Callable[..., Awaitable[None]]

    async def known(self) -> set[str]:
        records = await self.app.stores.profiles.read(self.person, self.clock.now())
        return {record.attribute for record in records}


def on_slack(face: SlackFace) -> Place:
    ann = face.user("ann")

    async def boxes() -> Boxes:
        (block,) = ann.modal.view["blocks"]
        options = block["element"]["options"]
        return [(each["value"], each["text"]["text"], each["description"]["text"]) for each in options]

    async def tick(*names: str) -> None:
        view = ann.modal.id
        await ann.submits(ticked=names)
        await face.app.intake.finished(f"slack:T1:view~{view}")

    return Place(
        face,
        face.app,
        face.clock,
        Person("slack", "T1", ann.id),
        lambda: ann.slash("forget"),
        lambda: ann.clicks("choose:do:forget"),
        boxes,
        tick,
    )


async def on_discord(face: DiscordFace) -> Place:
    ann = await face.user("ann")

    async def boxes() -> Boxes:
        (group,) = controls((await ann.form())["components"])
        return [(each["value"], each["label"], each["description"]) for each in group["options"]]

    async def tick(*names: str) -> None:
        await face.finished(await ann.submits(*names))

    return Place(
        face,
        face.app,
        face.clock,
        Person("discord", "dm", str(ann.id)),
        lambda: ann.commands("privacy forget"),
        lambda: ann.clicks(":do:forget"),
        boxes,
        tick,
    )


@asynccontextmanager
async def place_on(name: str) -> AsyncIterator[Place]:
    """Where Ann has said her age and how she feels, and was answered."""
    if name == "discord":
        async with discord_face() as discord:
            place = await on_discord(discord)
            yield await _told(place)
    else:
        async with slack_face(name) as slack:
            yield await _told(on_slack(slack))


async def _told(place: Place) -> Place:
    await place.face.say("ann", f"I'm 34. {HEARTBREAK}")
    await place.face.say("ann", "anxious")
    await until_answered(place.face, "ann")
    assert {"age", "emotional_state"} <= await place.known()
    return place


FACES = pytest.mark.parametrize("name", ["http", "socket", "discord"])


@FACES
async def test_what_is_ticked_is_forgotten_as_if_one_by_one(name: str) -> None:
    async with place_on(name) as place:
        kept = await place.known() - {"age", "emotional_state"}
        await place.command()
        boxes = await place.boxes()
        assert {value for value, _, _ in boxes} == await place.known()
        assert ("age", "Age", "34") in boxes
        await place.tick("age", "emotional_state")
        told = (await last(place.face, "ann", "notice"))["text"]
        labels = ", ".join(label for value, label, _ in boxes if value in ("age", "emotional_state"))
        assert told == english("privacy.forgot_one", label=labels)
        assert await place.known() == kept
        consents = (await place.app.stores.consents.read(place.person)).consents
        withdrawn = {each for each, consent in consents.items() if consent.agreement is Agreement.WITHDRAWN}
        assert withdrawn == {"age", "emotional_state"}
        await place.face.command("ann", "/privacy")
        assert "34" not in (await last(place.face, "ann", "notice"))["text"]


@FACES
async def test_the_button_beside_what_is_known_opens_the_same_form(name: str) -> None:
    async with place_on(name) as place:
        await place.face.command("ann", "/privacy")
        choices = (await last(place.face, "ann", "notice"))["choices"]
        assert {"id": "do:forget", "label": english(TITLE)} in choices
        await place.button()
        assert "34" in {detail for _, _, detail in await place.boxes()}
        await place.tick("age")
        assert "age" not in await place.known()


async def test_names_can_be_typed_with_commas_between() -> None:
    async with slack_face("http") as face:
        place = await _told(on_slack(face))
        await face.command("ann", "/forget age, emotional state, nonsense")
        assert not {"age", "emotional_state"} & await place.known()


async def test_in_app_home_the_form_opens_too_and_what_is_shown_is_shown_anew() -> None:
    async with slack_face("http") as face:
        place = await _told(on_slack(face))
        ann = face.user("ann")

        def home() -> str:
            return str(face.workspace.homes.get(ann.id, ""))

        await ann.opens()
        await face.workspace.until(lambda: "34" in home())
        await place.button()
        await place.tick("age", "emotional_state")
        await face.workspace.until(lambda: home() and "34" not in home())


# -- without a core: what the faces say themselves -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "line"),
    [(nothing_known, NOTHING_KNOWN), (away, "face.try_again")],
    ids=["nothing is known", "the store is away"],
)
async def test_where_no_form_can_open_a_line_says_why(known: Forgettables, line: str) -> None:
    async with a_scene(known=known) as scene:
        ann = scene.user()
        await ann.commands("privacy forget", CHANNEL)
        post = await ann.until_sees(english(line))
        assert post.only == ann.id
        assert scene.intake.accepted == []
    async with a_world("http", known=known) as world:
        told = await world.user().slash("forget", "C1")
        assert told == {"response_type": "ephemeral", "text": english(line)}
        assert world.intake.accepted == []


async def test_nothing_ticked_deletes_nothing_and_says_so() -> None:
    known = knows(age="34", gender="woman")
    async with a_scene(known=known) as scene:
        ann = scene.user()
        await ann.commands("privacy forget", CHANNEL)
        await ann.submits()
        await ann.until_sees(english(NOTHING_TICKED))
        assert scene.intake.accepted == []
    async with a_world("http", known=known) as world:
        bob = world.user()
        await bob.slash("forget", "C1")
        answer = await bob.submits()
        assert answer["errors"] == {"ticked-0": english(NOTHING_TICKED)}
        assert bob.modal.open
        await bob.submits(ticked=["age"])
        assert world.intake.accepted[-1].content == Command(Verb.FORGET, Private("age"))
        await world.workspace.until(lambda: english("face.in_direct") in world.whispers())


async def test_a_form_that_slack_does_not_open_is_excused() -> None:
    async with a_world("http", known=knows(age="34")) as world:
        world.workspace.faults.append(Fault("views.open", error="expired_trigger_id"))
        told = await world.user().slash("forget", "C1")
        assert told["text"] == english("face.slow_form")


def test_the_button_stands_where_there_is_more_than_one_to_forget() -> None:
    one = Choice("do:forget.age", "Delete: Age", ChoiceKind.ACTION)
    two = Choice("do:forget.gender", "Delete: Gender", ChoiceKind.ACTION)
    export = Choice("do:export", "Export", ChoiceKind.ACTION)
    assert offered((one, export), english) == (one, export)
    assert [each.id for each in offered((one, two, export), english)] == [one.id, two.id, "do:forget", export.id]


def test_more_than_fit_one_group_go_into_another() -> None:
    items = tuple(Forgettable(f"a{number}", "Label " * 30, Private("value " * 40)) for number in range(BOXES + 1))
    view = forget_modal(items, "{}", english)
    check_view(view)
    assert [len(each["element"]["options"]) for each in view["blocks"]] == [BOXES, 1]
    form = modal(forget_form(items, Person("discord", "dm", "1"), english)).to_dict()
    checks.check_modal(form)
    labels = [each["label"] for each in form["components"]]
    assert labels == [f"{english(TICK)} (1/2)", f"{english(TICK)} (2/2)"]
    assert len(ATTRIBUTES) <= 5 * BOXES, "all that can be known fits one form"
