"""The web's short memory: who sees what, how long, and what a page that reconnects is told."""

from __future__ import annotations

import pytest

from adapters.web.feed import Bounds, Feeds
from adapters.web.items import Gone, Line, State
from adapters.web.stream import Cursor, Event
from bot.chat import Answer, Choice, Question
from bot.clock import ManualClock
from bot.identity import DIRECT, Person, Place, Space
from bot.private import Private

ANN, BEN = Person("web", "w", "ann"), Person("web", "w", "ben")
GENERAL = Space(Place.CHANNEL, "general")
PLACES = (DIRECT, GENERAL)
BOUNDS = Bounds(items=5, characters=100, feeds=3, keep=3600, idle=600)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def feeds(clock: ManualClock) -> Feeds:
    return Feeds(clock, BOUNDS)


def say(
    feeds: Feeds, name: str, text: str = "hello", *, who: Person = ANN, space: Space = DIRECT, hidden: bool = False
) -> None:
    feeds.put(name, "t", who, space, Line(Private(text)), State.DONE, hidden=hidden)


def seen(feeds: Feeds, viewer: Person, space: Space = DIRECT, after: int = 0) -> list[str]:
    return [item.id for item in feeds.read(viewer, space, after)]


def streamed(feeds: Feeds, text: str, state: State = State.STREAMING) -> None:
    answer = Answer(Private(text), ("age",), ("Age",), "life", "m")
    if text:
        feeds.change("a", view=answer, state=state)
    else:
        feeds.put("a", "t", ANN, DIRECT, answer, State.STREAMING, hidden=False)


def names(events: list[Event]) -> list[str]:
    return [event.name for event in events]


def test_a_direct_message_is_for_one_person(feeds: Feeds) -> None:
    say(feeds, "m")
    assert seen(feeds, ANN) == ["m"]
    assert seen(feeds, BEN) == seen(feeds, ANN, GENERAL) == []


def test_a_channel_is_for_everybody_but_its_hidden_messages_are_not(feeds: Feeds) -> None:
    say(feeds, "public", space=GENERAL)
    say(feeds, "hidden", space=GENERAL, hidden=True)
    assert seen(feeds, ANN, GENERAL) == ["public", "hidden"]
    assert seen(feeds, BEN, GENERAL) == ["public"]


def test_the_oldest_goes_when_there_is_too_much(feeds: Feeds) -> None:
    for number in range(7):
        say(feeds, f"m{number}", "x")
    assert seen(feeds, ANN) == ["m2", "m3", "m4", "m5", "m6"]
    say(feeds, "long", "x" * 200)
    assert seen(feeds, ANN) == ["long"]
    assert feeds.find("m6") is None


def test_the_person_longest_away_goes_when_there_are_too_many(feeds: Feeds) -> None:
    people = [Person("web", "w", f"p{number}") for number in range(4)]
    for person in people:
        say(feeds, person.user, who=person)
    assert [seen(feeds, person) for person in people] == [[], ["p1"], ["p2"], ["p3"]]
    assert feeds.find("p0") is None


def test_an_item_expires_however_often_it_is_read(feeds: Feeds, clock: ManualClock) -> None:
    with feeds.watch(ANN, DIRECT):
        say(feeds, "m")
        clock.advance(3599)
        assert seen(feeds, ANN) == ["m"]
        feeds.sweep()
        clock.advance(1)
        assert seen(feeds, ANN) == []
        assert feeds.sweep() == 1
    assert feeds.find("m") is None


def test_changing_an_item_does_not_let_it_live_longer(feeds: Feeds, clock: ManualClock) -> None:
    streamed(feeds, "")
    clock.advance(3000)
    streamed(feeds, "late", State.DONE)
    clock.advance(600)
    assert seen(feeds, ANN) == []


def test_what_nobody_looks_at_goes_sooner(feeds: Feeds, clock: ManualClock) -> None:
    with feeds.watch(ANN, DIRECT):
        say(feeds, "m")
        clock.advance(600)
        assert feeds.sweep() == 0
    clock.advance(599)
    assert feeds.sweep() == 0
    clock.advance(1)
    assert feeds.sweep() == 1


def test_forgetting_takes_the_words_and_tells_open_pages(feeds: Feeds) -> None:
    say(feeds, "direct")
    say(feeds, "public", space=GENERAL)
    say(feeds, "other", who=BEN, space=GENERAL)
    with feeds.watch(BEN, GENERAL) as watch:
        cursor = Cursor(feeds, watch, PLACES, 0)
        list(cursor.collect())
        assert feeds.erase(ANN) == 2
        assert feeds.erase(ANN) == 0
        told = list(cursor.collect())
    assert [(event.name, event.data["id"], event.data["kind"]) for event in told] == [("item", "public", "gone")]
    assert seen(feeds, BEN, GENERAL) == ["other", "public"]


def test_a_forgotten_item_stays_forgotten(feeds: Feeds) -> None:
    streamed(feeds, "")
    feeds.erase(ANN)
    streamed(feeds, "too late")
    item = feeds.find("a")
    assert item is not None
    assert item.view == Gone()


def test_a_new_page_is_told_everything_once(feeds: Feeds) -> None:
    say(feeds, "m1")
    say(feeds, "m2")
    with feeds.watch(ANN, DIRECT) as watch:
        cursor = Cursor(feeds, watch, PLACES, 0)
        first = list(cursor.collect())
        assert names(first) == ["item", "item", "thinking", "ready"]
        assert list(cursor.collect()) == []
        say(feeds, "m3")
        assert [event.data["id"] for event in cursor.collect()] == ["m3"]


def test_a_page_that_reconnects_is_told_what_it_missed(feeds: Feeds) -> None:
    say(feeds, "m1")
    with feeds.watch(ANN, DIRECT) as watch:
        last = next(Cursor(feeds, watch, PLACES, 0).collect()).number
        assert last is not None
        say(feeds, "m2")
        told = [event for event in Cursor(feeds, watch, PLACES, last).collect() if event.name == "item"]
    assert [event.data["id"] for event in told] == ["m2"]


def test_numbers_rise_over_a_restart(clock: ManualClock) -> None:
    before = Feeds(clock)
    say(before, "m1")
    clock.advance(1)
    after = Feeds(clock)
    say(after, "m2")
    assert seen(after, ANN, after=before.read(ANN, DIRECT, 0)[0].changed) == ["m2"]


def test_a_streamed_answer_comes_in_pieces_that_fit(feeds: Feeds) -> None:
    streamed(feeds, "")
    with feeds.watch(ANN, DIRECT) as watch:
        cursor = Cursor(feeds, watch, PLACES, 0)
        list(cursor.collect())
        streamed(feeds, "He")
        streamed(feeds, "Hello")
        (delta,) = cursor.collect()
        assert (delta.name, delta.data) == ("delta", {"id": "a", "at": 0, "text": "Hello"})
        streamed(feeds, "Hello you")
        (delta,) = cursor.collect()
        assert delta.data == {"id": "a", "at": 5, "text": " you"}
        streamed(feeds, "Hello you.", State.DONE)
        (whole,) = cursor.collect()
        assert (whole.name, whole.data["text"], whole.data["state"]) == ("item", "Hello you.", "done")


def test_a_page_that_comes_late_gets_the_answer_so_far(feeds: Feeds) -> None:
    streamed(feeds, "")
    streamed(feeds, "Hello")
    with feeds.watch(ANN, DIRECT) as watch:
        cursor = Cursor(feeds, watch, PLACES, 0)
        whole = next(iter(cursor.collect()))
        assert (whole.name, whole.data["text"], whole.data["state"]) == ("item", "Hello", "streaming")
        list(cursor.collect())
        streamed(feeds, "Hello you")
        assert [event.data.get("at") for event in cursor.collect()] == [5]


def test_a_stream_begun_anew_is_not_glued_to_the_old_one(feeds: Feeds) -> None:
    streamed(feeds, "")
    streamed(feeds, "Once")
    with feeds.watch(ANN, DIRECT) as watch:
        cursor = Cursor(feeds, watch, PLACES, 0)
        list(cursor.collect())
        streamed(feeds, "")
        streamed(feeds, "Twice over")
        (whole,) = cursor.collect()
    assert (whole.name, whole.data["text"]) == ("item", "Twice over")


def test_what_happens_elsewhere_is_told_to_that_person_alone(feeds: Feeds) -> None:
    with feeds.watch(ANN, GENERAL) as ann, feeds.watch(BEN, GENERAL) as ben:
        of_ann, of_ben = Cursor(feeds, ann, PLACES, 0), Cursor(feeds, ben, PLACES, 0)
        list(of_ann.collect())
        list(of_ben.collect())
        ben.stirred.clear()
        question = Question("age", "How old?", (Choice("age:1", "One"),), private=True, reason="why")
        feeds.put("q", "t", ANN, DIRECT, question, State.OPEN, hidden=True)
        assert [(event.name, event.data["place"]) for event in of_ann.collect()] == [("elsewhere", "dm")]
        assert not ben.stirred.is_set()
        assert list(of_ben.collect()) == []


def test_thinking_is_shown_to_one_person_and_only_when_it_changes(feeds: Feeds) -> None:
    with feeds.watch(ANN, GENERAL) as ann, feeds.watch(BEN, GENERAL) as ben:
        of_ann, of_ben = Cursor(feeds, ann, PLACES, 0), Cursor(feeds, ben, PLACES, 0)
        list(of_ann.collect())
        list(of_ben.collect())
        feeds.think(ANN, GENERAL, True)
        feeds.think(ANN, GENERAL, True)
        assert [event.data for event in of_ann.collect()] == [{"active": True}]
        assert list(of_ben.collect()) == []


def test_closing_ends_every_page(feeds: Feeds) -> None:
    with feeds.watch(ANN, DIRECT) as watch:
        feeds.close()
        assert watch.over
        assert watch.stirred.is_set()


def test_an_event_is_written_as_the_standard_has_it() -> None:
    assert Event("item", {"text": "a\nb"}, 7).encode() == b'id: 7\nevent: item\ndata: {"text": "a\\nb"}\n\n'
    assert Event("ready", {}).encode() == b"event: ready\ndata: {}\n\n"
