"""The desk against those who should not get in, over real connections: what OWASP's lists ask of such a page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from adapters.web.desk.door import PER_ACCOUNT
from bot.private import Private
from bot.review.cases import Action, CaseState, NoteKind
from bot.review.moderators import EVERYWHERE, Moderator, Role
from tests.support.desk_site import PASSWORD, DeskSite, a_morning, desk_site
from tests.support.desk_visitor import visiting
from tests.support.people import HOUR, NOW
from tests.support.reviewing import MIA, MINUTE


@pytest.fixture
async def site() -> AsyncIterator[DeskSite]:
    async with desk_site() as site:
        yield site


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
