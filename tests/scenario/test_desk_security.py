"""The desk against those who should not get in, over real connections: what OWASP's lists ask of such a page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from adapters.stores.memory_cards import MemoryPostings
from adapters.web.desk import DeskAddress
from adapters.web.desk.door import PER_ACCOUNT
from bot.errors import SettingsError
from bot.identity import DIRECT, ConversationKey, Person
from bot.private import Private
from bot.review.cases import Action, CaseState, NoteKind
from bot.review.chat.channel import Channel
from bot.review.moderators import EVERYWHERE, Moderator, Role
from tests.support.desk_site import PASSWORD, DeskSite, a_morning, desk_site, forgotten
from tests.support.people import ANN_DIRECT, HOUR, NOW
from tests.support.reviewing import MIA, MINUTE, NOAH

SCRIPT = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"


@pytest.fixture
async def site() -> AsyncIterator[DeskSite]:
    async with desk_site() as site:
        yield site


class Browser:
    """One visitor: keeps cookies, sends the Origin a browser would, knows its form token."""

    def __init__(self, site: DeskSite, http: aiohttp.ClientSession) -> None:
        self.site = site
        self.http = http
        self.csrf = ""

    async def get(self, path: str = "", **options: Any) -> tuple[int, str]:
        async with self.http.get(self.site.url + path, allow_redirects=False, **options) as answer:
            text = await answer.text()
            token = re.search(r'name="csrf" value="([^"]+)"', text)
            self.csrf = token[1] if token else self.csrf
            return answer.status, text

    async def post(
        self, path: str, headers: dict[str, str] | None = None, **fields: str
    ) -> tuple[int, dict[str, Any], aiohttp.ClientResponse]:
        """A form as the page's script sends it, unless ``headers`` say otherwise."""
        sent = {"Origin": self.site.url.removesuffix("/desk"), "X-Desk": "pressed"} if headers is None else headers
        form = {"csrf": self.csrf, **fields}
        async with self.http.post(self.site.url + path, data=form, headers=sent, allow_redirects=False) as answer:
            said = await answer.json() if answer.content_type == "application/json" else {}
            return answer.status, said, answer

    async def log_in(self, name: str = "mia", password: str = PASSWORD) -> int:
        status, said, _ = await self.post("/login", name=name, password=password)
        self.csrf = said.get("csrf", "")
        return status


@asynccontextmanager
async def visiting(site: DeskSite, name: str | None = None) -> AsyncIterator[Browser]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=20)) as http:
        browser = Browser(site, http)
        if name is not None:
            assert await browser.log_in(name) == 200
        yield browser


# -- getting in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["", "/cases/case-000001", "/figures", "/referrals.csv", "/who", "/events", "/nothing"]
)
async def test_nothing_is_shown_without_a_session(site: DeskSite, path: str) -> None:
    await site.room.opened()
    async with visiting(site) as browser:
        status, text = await browser.get(path)
        assert status == (401 if path == "/events" else 303)
        assert "case-000001" not in text.replace("/cases/case-000001", "")


async def test_no_form_is_taken_without_a_session(site: DeskSite) -> None:
    case = await site.room.opened()
    async with visiting(site) as browser:
        for step in ("claim", "decide", "reveal", "note", "message", "hand-over", "undo"):
            status, said, _ = await browser.post(f"/cases/{case.id}/{step}", text="x", ruling="no_risk")
            assert (status, said["error"]["code"]) == (401, "signed_out")
    assert await site.room.store.find(case.id) == case


async def test_wrong_names_and_wrong_passwords_read_the_same(site: DeskSite) -> None:
    async with visiting(site) as browser:
        answers = [await browser.post("/login", name=name, password=f"not {PASSWORD}") for name in ("mia", "nobody")]
        assert [status for status, _, _ in answers] == [401, 401]
        assert answers[0][1] == answers[1][1]
        assert await browser.log_in("mia", "x" * 300) == 401


async def test_guessing_is_slowed_down_even_for_the_right_password(site: DeskSite) -> None:
    async with visiting(site) as browser:
        tries = [await browser.log_in("mia", f"guess number {number}") for number in range(int(PER_ACCOUNT.burst))]
        assert set(tries) == {401}
        assert await browser.log_in("mia") == 429
        assert await browser.log_in("noah") == 200
        site.clock.advance(HOUR)
        assert await browser.log_in("mia") == 200


async def test_guessing_at_many_names_is_slowed_down(site: DeskSite) -> None:
    async with visiting(site) as browser:
        tries = [await browser.log_in(f"name{number}", "some password") for number in range(30)]
        assert tries[0] == 401
        assert tries[-1] == 429


async def test_the_cookie_is_for_this_site_and_not_for_scripts(site: DeskSite) -> None:
    async with visiting(site) as browser:
        _, _, answer = await browser.post("/login", name="mia", password=PASSWORD)
        cookie = answer.headers["Set-Cookie"]
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
        assert "Secure" not in cookie
        _, _, again = await browser.post("/login", name="mia", password=PASSWORD)
        assert again.headers["Set-Cookie"] != cookie


async def test_after_logging_in_one_goes_on_within_the_desk_only(site: DeskSite) -> None:
    origin = {"Origin": site.url.removesuffix("/desk")}
    for wanted, given in (
        ("/desk/cases/x", "/desk/cases/x"),
        ("//evil.example", "/desk"),
        ("https://evil.example/desk", "/desk"),
        ("/desk/../x", "/desk"),
    ):
        async with visiting(site) as browser:
            status, _, answer = await browser.post("/login", headers=origin, name="mia", password=PASSWORD, next=wanted)
            assert (status, answer.headers["Location"]) == (303, given)


# -- staying in ------------------------------------------------------------------------------------------------------


async def test_a_stale_session_does_nothing(site: DeskSite) -> None:
    case = await site.room.opened()
    async with visiting(site, "mia") as browser:
        site.clock.advance(30 * MINUTE)
        status, said, _ = await browser.post(f"/cases/{case.id}/claim")
        assert (status, said["error"]["code"]) == (401, "signed_out")
        assert (await browser.get())[0] == 303


async def test_logging_out_ends_the_session_on_the_server(site: DeskSite) -> None:
    async with visiting(site, "mia") as browser:
        kept = {cookie.key: cookie.value for cookie in browser.http.cookie_jar}
        status, _, _ = await browser.post("/logout")
        assert status == 303
        assert (await browser.get(cookies=kept))[0] == 303


async def test_a_new_password_or_a_removed_account_ends_sessions(site: DeskSite) -> None:
    async with visiting(site, "mia") as mia, visiting(site, "noah") as noah:
        site.clock.advance(1)
        await site.accounts.save(MIA, Private("another long password"), site.clock.now())
        await site.accounts.remove("noah")
        assert (await mia.get())[0] == 303
        assert (await noah.get())[0] == 303


async def test_a_role_that_was_taken_away_is_gone_at_once(site: DeskSite) -> None:
    case = await site.room.opened()
    async with visiting(site, "mia") as mia:
        await site.accounts.save(Moderator("mia", Role.OPERATOR, EVERYWHERE), Private(PASSWORD), NOW)
        assert (await mia.get(f"/cases/{case.id}"))[0] == 403


async def test_a_forged_form_does_nothing(site: DeskSite) -> None:
    case = await site.room.opened()
    own = site.url.removesuffix("/desk")
    async with visiting(site, "mia") as mia, visiting(site, "noah") as noah:
        for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": own + ".evil.example"}):
            status, said, _ = await mia.post(f"/cases/{case.id}/claim", headers=headers)
            assert (status, said["error"]["code"]) == (403, "wrong_origin")
        for token in ("", "guess", noah.csrf):
            status, said, _ = await mia.post(f"/cases/{case.id}/claim", csrf=token)
            assert (status, said["error"]["code"]) == (403, "forged")
        assert await site.room.store.find(case.id) == case
        assert (await mia.post(f"/cases/{case.id}/claim"))[0] == 200


async def test_another_name_for_this_machine_is_refused(site: DeskSite) -> None:
    async with visiting(site, "mia") as browser:
        assert (await browser.get(headers={"Host": "evil.example"}))[0] == 421


async def test_every_answer_has_its_security_headers(site: DeskSite) -> None:
    case = await site.room.opened()
    async with visiting(site, "mia") as browser:
        for path in ("", f"/cases/{case.id}", "/figures", "/login", "/nothing", "/../static/desk/case.js"):
            async with browser.http.get(site.url + path, allow_redirects=False) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert "aiohttp" not in answer.headers["Server"]
                text = await answer.text()
                assert not re.search(r"<script(?! type=\"module\" src=)|\son[a-z]+=|\sstyle=", text)
                assert answer.headers["Cache-Control"] == ("no-cache" if "static" in path else "no-store")


# -- who may what ----------------------------------------------------------------------------------------------------


async def test_cases_of_another_workspace_do_not_exist(site: DeskSite) -> None:
    case = await site.room.opened()
    async with visiting(site, "eve") as eve:
        status, queue = await eve.get()
        assert status == 200
        assert case.id not in queue
        missing = await eve.get("/cases/none-such")
        status, page = await eve.get(f"/cases/{case.id}")
        assert (status, page.replace(case.id, "none-such")) == missing
        assert status == 404
        for step in ("claim", "decide", "reveal", "note", "opinion", "undo", "release", "hand-back", "message"):
            status, _, _ = await eve.post(f"/cases/{case.id}/{step}", text="x", reason="x", ruling="no_risk")
            assert status == 404
        assert (await eve.post("/next"))[1]["said"].startswith("There is nothing")
    assert await site.room.store.find(case.id) == case


async def test_operators_see_figures_and_nobody(site: DeskSite) -> None:
    case = await site.room.opened()
    async with visiting(site, "otto") as otto:
        assert (await otto.get())[0] == 303
        assert (await otto.get(f"/cases/{case.id}"))[0] == 403
        assert (await otto.post(f"/cases/{case.id}/claim"))[0] == 403
        status, figures = await otto.get("/figures")
        assert status == 200
        assert "Crisis referrals" in figures
        status, table = await otto.get("/referrals.csv")
        assert (status, table.splitlines()[0]) == (200, "month,category,count")
    async with visiting(site, "mia") as mia:
        assert (await mia.get("/referrals.csv"))[0] == 403


async def test_only_the_holder_or_a_lead_reveals_and_with_a_reason(site: DeskSite) -> None:
    case = await a_morning(site)
    async with visiting(site, "mia") as mia, visiting(site, "noah") as noah, visiting(site, "lea") as lea:
        await noah.post(f"/cases/{case.id}/claim")
        assert "My name is Ann" not in (await mia.get(f"/cases/{case.id}"))[1]
        assert (await mia.post(f"/cases/{case.id}/reveal", reason="curious"))[0] == 409
        assert (await noah.post(f"/cases/{case.id}/reveal", reason=" "))[0] == 400
        async with lea.http.post(
            site.of(case) + "/reveal",
            data={"csrf": lea.csrf, "reason": "To call for help"},
            headers={"Origin": site.url.removesuffix("/desk")},
        ) as answer:
            page = await answer.text()
        assert "My name is Ann" in page
        assert "slack user U1" in page
    notes = await site.room.store.notes(case)
    assert [(note.kind, note.by) for note in notes] == [(NoteKind.REVEAL, "lea")]
    assert Action.REVEALED in [entry.event.action for entry in await site.room.store.history(case.id)]


async def test_a_decision_on_a_case_that_was_released_or_decided_is_refused(site: DeskSite) -> None:
    case = await site.room.opened()
    async with visiting(site, "mia") as mia, visiting(site, "noah") as noah:
        await mia.post(f"/cases/{case.id}/claim")
        status, said, _ = await noah.post(f"/cases/{case.id}/decide", ruling="no_risk")
        assert (status, "held by mia" in said["error"]["message"]) == (409, True)
        assert (await mia.post(f"/cases/{case.id}/decide", ruling="erase"))[0] == 400
        assert (await mia.post(f"/cases/{case.id}/decide", ruling="watch", hours="5"))[0] == 400
        assert (await mia.post(f"/cases/{case.id}/decide", ruling="contact", text="  "))[0] == 400
        await mia.post(f"/cases/{case.id}/release")
        assert (await mia.post(f"/cases/{case.id}/decide", ruling="no_risk"))[0] == 409
        await noah.post(f"/cases/{case.id}/claim")
        assert (await noah.post(f"/cases/{case.id}/decide", ruling="watch", hours="4"))[0] == 200
        assert (await noah.post(f"/cases/{case.id}/decide", ruling="no_risk"))[0] == 409
    decided = await site.room.store.find(case.id)
    assert decided is not None
    assert decided.decision is not None
    assert (decided.state, decided.decision.follow_up_at) == (CaseState.DECIDED, NOW + 4 * HOUR)


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


# -- behind a proxy --------------------------------------------------------------------------------------------------

PROXIED = DeskAddress(port=0, hosts=("desk.example.org",), secret="a long secret of the proxy")


async def test_behind_a_proxy_nobody_comes_past_it() -> None:
    async with desk_site(address=PROXIED) as site, visiting(site) as browser:
        assert (await browser.get("/login"))[0] == 403
        through = {
            "Host": "desk.example.org",
            "Origin": "https://desk.example.org",
            "X-Raise-Proxy": PROXIED.secret,
            "X-Desk": "pressed",
        }
        status, _, answer = await browser.post("/login", headers=through, name="mia", password=PASSWORD)
        assert status == 200
        assert answer.headers["Set-Cookie"].startswith("__Host-desk=")
        assert "Secure" in answer.headers["Set-Cookie"]
        assert "max-age" in answer.headers["Strict-Transport-Security"]


async def test_behind_a_proxy_addresses_are_throttled_one_by_one() -> None:
    async with desk_site(address=PROXIED) as site, visiting(site) as browser:
        through = {"Host": "desk.example.org", "Origin": "https://desk.example.org", "X-Raise-Proxy": PROXIED.secret}
        through["X-Desk"] = "pressed"
        seen = []
        for number in range(30):
            headers = {**through, "X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
            seen.append((await browser.post("/login", headers=headers, name=f"n{number}", password="wrong"))[0])
        other = {**through, "X-Forwarded-For": "203.0.113.9, 198.51.100.8"}
        assert seen[-1] == 429
        assert (await browser.post("/login", headers=other, name="mia", password=PASSWORD))[0] == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "10.0.0.1"},
        {"host": "10.0.0.1", "hosts": ("a.example",)},
        {"host": "10.0.0.1", "secret": "x" * 20},
        {"secret": "short"},
    ],
)
def test_the_desk_is_not_opened_to_others_by_accident(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        DeskAddress(**wrong)


async def test_conversations_stay_out_of_addresses_and_logs(site: DeskSite, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    site.room.said.person("my secret is turquoise")
    case = await site.room.opened(conversation=ANN_DIRECT)
    async with visiting(site, "mia") as mia:
        await mia.post(f"/cases/{case.id}/claim")
        await mia.post(f"/cases/{case.id}/note", text="turquoise indeed")
        _, page = await mia.get(f"/cases/{case.id}")
        assert "my secret is turquoise" in page
        assert not re.search(r'(href|action|src)="[^"]*(turquoise|U1\b)', page)
    assert "turquoise" not in caplog.text
    assert NOAH.name not in caplog.text


async def test_what_keeps_cards_from_a_channel_is_said_to_those_who_may_see_it() -> None:
    postings, channel = MemoryPostings(), Channel("slack", "T1", "CMODS")
    await postings.want("slack", {"c1": channel}, 1, NOW)
    (posting,) = await postings.take("slack", NOW, NOW, 1)
    await postings.settle(replace(posting, failures=1, problem=SCRIPT), NOW, NOW)
    async with desk_site(postings=postings) as site:
        for name, told in (("mia", True), ("eve", False), ("lea", True)):
            async with visiting(site, name) as browser:
                _, page = await browser.get()
            assert ("Cards do not show in the channel slack:T1:CMODS." in page) is told
            assert SCRIPT not in page
