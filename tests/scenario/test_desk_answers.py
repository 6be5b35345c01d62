"""What the desk's pages say over real connections: text as text, filters, figures, live updates."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from bot.identity import DIRECT, ConversationKey, Person
from bot.review.cases import Action
from tests.support.desk_site import DeskSite, a_morning, desk_site, forgotten
from tests.support.desk_visitor import visiting
from tests.support.reviewing import MINUTE

SCRIPT = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"


@pytest.fixture
async def site() -> AsyncIterator[DeskSite]:
    async with desk_site() as site:
        yield site


# -- what is on the page ---------------------------------------------------------------------------------------------


async def test_html_of_people_and_moderators_is_text(site: DeskSite) -> None:
    site.room.said.person(SCRIPT)
    case = await site.room.opened()
    async with visiting(site, "mia") as mia:
        await mia.post(f"/cases/{case.id}/claim")
        await mia.post(f"/cases/{case.id}/note", text=SCRIPT)
        await mia.post(f"/cases/{case.id}/decide", ruling="contact", text=SCRIPT)
        _, page = await mia.get(f"/cases/{case.id}")
        assert page.count("&lt;script&gt;document.title=") == 3
        assert "<script>" not in page
        assert "<img src=x" not in page


async def test_a_forgotten_case_says_so_and_nothing_else(site: DeskSite) -> None:
    case = await forgotten(site)
    async with visiting(site, "mia") as mia:
        status, page = await mia.get(f"/cases/{case.id}")
        assert status == 410
        assert "The person asked to be forgotten" in page
        assert (await mia.post(f"/cases/{case.id}/claim"))[0] == 410
        assert not re.search(rf'action="/desk/cases/{case.id}/', page)


async def test_looking_again_by_itself_is_recorded_once(site: DeskSite) -> None:
    case = await site.room.opened()
    async with visiting(site, "mia") as mia, visiting(site, "noah") as noah:
        await mia.get(f"/cases/{case.id}")
        for _ in range(3):
            await mia.get(f"/cases/{case.id}", headers={"X-Desk": "auto"})
        await noah.get(f"/cases/{case.id}", headers={"X-Desk": "auto"})
    history = await site.room.store.history(case.id)
    assert [entry.event.by for entry in history if entry.event.action is Action.SEEN] == ["mia", "noah"]


async def test_words_that_are_no_filter_are_refused(site: DeskSite) -> None:
    async with visiting(site, "mia") as mia:
        for query in ("severity=worst", "category=x", "state=gone", "after=x", "after=high~nan~~"):
            assert (await mia.get(f"?{query}"))[0] == 400
        assert (await mia.get("/figures?since=1"))[0] == 400
        assert (await mia.get("?severity=high&category=self_harm&state=closed&mine=yes&opinion=yes&overdue=yes"))[
            0
        ] == 200


async def test_filters_find_their_cases(site: DeskSite) -> None:
    grave = await a_morning(site)
    async with visiting(site, "noah") as noah:
        for query, count in (
            ("", 4),
            ("severity=imminent", 1),
            ("category=medical_emergency", 1),
            ("mine=yes", 1),
            ("opinion=yes", 1),
            ("state=decided", 3),
            ("overdue=yes", 0),
        ):
            _, page = await noah.get(f"?{query}")
            assert page.count('class="case-row') == count, query
        assert (await noah.post("/next"))[1]["next"] == f"/desk/cases/{grave.id}"


async def test_a_long_queue_comes_in_parts(site: DeskSite) -> None:
    for number in range(120):
        key = ConversationKey(Person("slack", "T1", f"U{number}"), DIRECT)
        await site.room.opened(number, key)
    async with visiting(site, "mia") as mia:
        found: set[str] = set()
        path, pages = "", 0
        while path is not None and pages < 5:
            _, page = await mia.get(path)
            assert len(page) < 150_000
            found |= set(re.findall(r'data-case="([^"]+)"', page))
            onward = re.search(r'href="/desk(\?[^"]*after=[^"]*)"', page)
            path, pages = (onward[1].replace("&amp;", "&") if onward else None), pages + 1
        assert (len(found), pages) == (120, 3)


async def test_figures_are_drawn(site: DeskSite) -> None:
    await a_morning(site)
    async with visiting(site, "lea") as lea:
        _, page = await lea.get("/figures?since=all")
        assert "2 of 2 confirmed" in page
        assert "0 of 1 confirmed" in page
        assert page.count("<rect") > 10
        assert len(page) < 150_000


async def test_live_updates_say_that_something_changed_but_not_what(site: DeskSite) -> None:
    await site.room.opened()
    async with visiting(site, "mia") as mia:
        async with mia.http.get(site.url + "/events?after=0") as stream:
            head = [await stream.content.readline() for _ in range(3)]
            assert head == [b"id: 1\n", b"event: changed\n", b"data: {}\n"]
        site.clock.advance(31 * MINUTE)
        async with mia.http.get(site.url + "/events?after=0") as refused:
            assert refused.status == 401


async def test_a_stream_ends_with_its_session(site: DeskSite) -> None:
    async with visiting(site, "mia") as mia, mia.http.get(site.url + "/events?after=0") as stream:
        await mia.post("/logout")
        assert await stream.content.readline() == b"event: signed-out\n"
