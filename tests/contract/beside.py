"""What every Envelopes, Bookmarks, Locales, Workspaces and Registrations does."""

from __future__ import annotations

import pytest

from bot.chat import Answer, Attachment, Body, Choice, ChoiceKind, Crisis, Notice, Outbound, Question, Resource
from bot.chat.bookmarks import Bookmark, Bookmarks
from bot.chat.envelopes import Envelopes
from bot.chat.locales import Locales
from bot.chat.workspaces import Registrations, Workspaces
from bot.clock import ManualClock
from bot.identity import DIRECT, Person, Place, Space
from bot.private import Private

ANN = Person("discord", "10", "7001")
BEN = Person("discord", "10", "7002")
SECRET = "a very private line"
BODIES: tuple[Body, ...] = (
    Notice(Private(SECRET), (Choice("do:help", "Help", ChoiceKind.ACTION),), private=True, title="Title"),
    Notice(Private(SECRET), attachment=Attachment("me.json", "application/json", Private(b'{"a": "\xc3\xa9"}'))),
    Question("age", "How old are you?", (Choice("age:young", "Under 30"),), private=True, reason="It helps."),
    Crisis("Call 988.", (Resource("Lifeline", "US", call="988", text="988"),), "self_harm"),
    Answer(Private(SECRET), ("age",), ("Age",), "life", "offline"),
)
KEEP = 1_000.0


def message(to: Person = ANN, body: Body = BODIES[0], name: str = "t1:notice") -> Outbound:
    return Outbound(name, to, DIRECT, body, "t1", "de", Space(Place.CHANNEL, "20"))


class EnvelopesContract:
    @pytest.mark.parametrize("body", BODIES, ids=lambda each: type(each).__name__)
    async def test_what_is_kept_is_found_whole(self, envelopes: Envelopes, body: Body) -> None:
        assert await envelopes.find("k1") is None
        await envelopes.keep("k1", message(body=body), 2_000.0)
        assert await envelopes.find("k1") == message(body=body)
        await envelopes.keep("k1", message(name="other"), 2_000.0)
        assert await envelopes.find("k1") == message(name="other")

    async def test_after_its_time_it_is_gone(self, envelopes: Envelopes, clock: ManualClock) -> None:
        await envelopes.keep("k1", message(), clock.now() + 10)
        clock.advance(9)
        assert await envelopes.find("k1") is not None
        clock.advance(1)
        assert await envelopes.find("k1") is None

    async def test_a_persons_own_are_erased(self, envelopes: Envelopes, clock: ManualClock) -> None:
        for key, person in (("k1", ANN), ("k2", ANN), ("k3", BEN)):
            await envelopes.keep(key, message(person), clock.now() + 10)
        assert await envelopes.erase(ANN) == 2
        assert await envelopes.erase(ANN) == 0
        assert await envelopes.find("k1") is None
        assert await envelopes.find("k3") is not None


class BookmarksContract:
    async def test_a_channel_has_one_the_latest(self, bookmarks: Bookmarks) -> None:
        assert await bookmarks.of("c1") is None
        await bookmarks.mark(Bookmark("c1", "10", "m1", 1.0))
        await bookmarks.mark(Bookmark("c2", "", "m2", 2.0, ANN))
        await bookmarks.mark(Bookmark("c1", "10", "m4", 4.0))
        await bookmarks.mark(Bookmark("c1", "10", "m3", 3.0))
        assert await bookmarks.of("c1") == Bookmark("c1", "10", "m4", 4.0)
        assert list(await bookmarks.since(0.0, 9)) == [
            Bookmark("c1", "10", "m4", 4.0),
            Bookmark("c2", "", "m2", 2.0, ANN),
        ]
        assert list(await bookmarks.since(2.0, 9)) == [Bookmark("c1", "10", "m4", 4.0)]
        assert len(await bookmarks.since(0.0, 1)) == 1

    async def test_a_persons_own_and_a_workspaces_are_forgotten(self, bookmarks: Bookmarks) -> None:
        await bookmarks.mark(Bookmark("c1", "10", "m1", 1.0))
        await bookmarks.mark(Bookmark("c2", "", "m2", 2.0, ANN))
        await bookmarks.mark(Bookmark("c3", "11", "m3", 3.0))
        assert await bookmarks.forget(BEN) == 0
        assert await bookmarks.forget(ANN) == 1
        assert await bookmarks.leave("10") == 1
        assert await bookmarks.leave("10") == 0
        assert [each.channel for each in await bookmarks.since(0.0, 9)] == ["c3"]


class LocalesContract:
    """``locales`` keeps for KEEP seconds."""

    async def test_the_last_one_learned_counts_for_a_while(self, locales: Locales) -> None:
        assert await locales.of(ANN, 0.0) is None
        await locales.learn(ANN, "de", 1.0)
        await locales.learn(ANN, "fr", 2.0)
        assert await locales.of(ANN, 2.0) == "fr"
        assert await locales.of(BEN, 2.0) is None
        assert await locales.of(ANN, 1.0 + KEEP) == "fr"
        assert await locales.of(ANN, 2.0 + KEEP) is None

    async def test_it_is_forgotten_with_the_person(self, locales: Locales) -> None:
        await locales.learn(ANN, "de", 1.0)
        assert await locales.forget(BEN) == 0
        assert await locales.forget(ANN) == 1
        assert await locales.forget(ANN) == 0
        assert await locales.of(ANN, 1.0) is None


class WorkspacesContract:
    async def test_each_app_knows_its_own(self, workspaces: Workspaces) -> None:
        assert await workspaces.joined("100") == frozenset()
        await workspaces.join("100", ["1", "2"])
        await workspaces.join("100", ["2", "3"])
        await workspaces.join("200", ["9"])
        await workspaces.leave("100", "1")
        await workspaces.leave("100", "1")
        assert await workspaces.joined("100") == {"2", "3"}
        assert await workspaces.joined("200") == {"9"}


class RegistrationsContract:
    async def test_what_was_told_is_remembered_by_app(self, registrations: Registrations) -> None:
        assert await registrations.told("100") == ""
        await registrations.remember("100", "a")
        await registrations.remember("100", "b")
        assert await registrations.told("100") == "b"
        assert await registrations.told("200") == ""
