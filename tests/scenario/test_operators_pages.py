"""The operators' pages over a running application: who may see them, what they show, what they change."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.policy.loader import load
from bot.review.operating import DAY, Spent
from tests.support.desk_visitor import Browser, visiting
from tests.support.operating import EXAM, Operated, operated

pytestmark = pytest.mark.asyncio(loop_scope="module")
LARGEST = 150_000
ON_TRIAL = """rules:
  - id: walrus
    status: shadow
    severity: concern
    why: tried beside the others
    phrases: [the purple walrus]
    exemplars: [the purple walrus is back]
"""
PAGES = ("/policy", "/policy/file?name=defaults.yaml", "/policy/file?name=risk/self_harm.yaml", "/try", "/decisions")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Operated]:
    async with operated(tmp_path_factory.mktemp("operated")) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def site(started: Operated) -> AsyncIterator[Operated]:
    """As if just started: what earlier tests did is too long ago for every page, and the policy is the shipped one."""
    await started.afresh()
    yield started


async def test_only_operators_see_them(site: Operated) -> None:
    first = site.app.rules().policy.id
    async with visiting(site) as nobody:
        for page in PAGES:
            assert (await nobody.get(page))[0] == 303
    for name in ("mia", "lea"):
        async with visiting(site, name) as browser:
            for page in (*PAGES, f"/policy/rollback?id={first}"):
                status, text = await browser.get(page)
                assert status == 403
                assert "defaults.yaml" not in text
            for form in ("/policy/reload", "/policy/rollback", "/try"):
                assert (await browser.post(form, id=first, text="x"))[0] == 403
            assert "/desk/policy" not in (await browser.get("/figures"))[1]


async def test_no_form_is_taken_without_its_token(site: Operated) -> None:
    site.edit("defaults.yaml", "price: 0.06", "price: 0.16")
    before = site.app.rules().policy.id
    async with visiting(site, "otto") as browser:
        browser.csrf = "guessed"
        for form in ("/policy/reload", "/policy/rollback", "/try"):
            status, said, _ = await browser.post(form, id=before, text="x")
            assert (status, said["error"]["code"]) == (403, "forged")
    assert site.app.rules().policy.id == before


async def test_pages_are_small_and_whole_before_anything_happened(site: Operated) -> None:
    async with visiting(site, "otto") as browser:
        for page in PAGES:
            status, text = await browser.get(page)
            assert status == 200, page
            assert len(text.encode()) < LARGEST, page
        decisions = (await browser.get("/decisions"))[1]
        for empty in (
            "Nothing was decided in this time",
            "No question was put",
            "No rule found",
            "No model was called",
        ):
            assert empty in decisions
        assert (await browser.get("/policy/file?name=../../etc/passwd"))[0] == 404
        assert (await browser.get("/decisions?since=7000"))[0] == 400


async def test_a_mistake_is_shown_in_its_line_and_a_refused_reload_is_told(site: Operated) -> None:
    before = site.app.rules().policy.id
    site.edit("domains/education.yaml", "gain: 1.0", "gian: <b>1.0</b>")
    async with visiting(site, "otto") as browser:
        page = (await browser.get("/policy"))[1]
        assert "did you mean &#39;gain&#39;?" in page
        line = int(re.search(r"education\.yaml:(\d+):", page)[1])  # type: ignore[index]  # None fails the test as well
        shown = (await browser.get(f"/policy/file?name=domains/education.yaml&line={line}"))[1]
        within = shown[shown.index(f'id="l{line}"') : shown.index(f'id="l{line + 1}"')]
        assert "gian: &lt;b&gt;" in within
        assert "did you mean" in within
        await browser.post("/policy/reload")
        page = (await browser.get("/policy"))[1]
        assert "Refused, " in page
        assert "The last reload was refused" in page
    assert site.app.rules().policy.id == before


async def test_reload_and_rollback_with_confirmation(site: Operated) -> None:
    first = site.app.rules().policy.id
    site.edit("defaults.yaml", "price: 0.06", "price: 0.16")
    async with visiting(site, "otto") as browser:
        await browser.get("/policy")
        await browser.post("/policy/reload")
        second = site.app.rules().policy.id
        page = (await browser.get("/policy"))[1]
        assert f"{second} serves now" in page or "nothing changed" in page  # where the watch was faster
        assert "desk:otto" in page or "files" in page
        confirm = (await browser.get(f"/policy/rollback?id={first}"))[1]
        assert "0.16" in confirm
        assert load(site.folder).id == second
        await browser.post("/policy/rollback", id=first)
        page = (await browser.get("/policy"))[1]
        assert f"{first} serves again" in page
        assert "rollback by otto" in page
        assert site.app.rules().policy.id == first == load(site.folder).id
        for wrong in ("nothing", ""):
            assert (await browser.post("/policy/rollback", id=wrong))[0] == 400
    async with visiting(site, "olga") as browser:
        assert "Put back" not in (await browser.get("/policy"))[1].replace('col">Put back', "")
        assert (await browser.post("/policy/rollback", id=second))[0] == 403
    assert site.app.rules().policy.id == first


async def test_a_message_is_tried_and_not_kept(site: Operated) -> None:
    async with visiting(site, "otto") as browser:
        await browser.get("/try")
        answers = {}
        for text in (EXAM, "I want to kill myself tonight"):
            form = {"csrf": browser.csrf, "text": text, "workspace": "slack:T1", "channel": "", "locale": "en-US"}
            origin = {"Origin": site.url.removesuffix("/desk")}
            async with browser.http.post(f"{site.url}/try", data=form, headers=origin) as answer:
                answers[text] = (answer.status, await answer.text(), str(answer.url))
        exam, grave = answers.values()
        assert exam[0] == 200
        assert "It would ask for education level" in exam[1]
        assert "What would change it" in exam[1]
        assert re.search(r"if [a-z_.]+.* were (below|above|at least)", exam[1])
        assert "exam" not in exam[2]
        assert "It would show crisis help at once" in grave[1]
        assert "Nothing was decided" in (await browser.get("/decisions"))[1]
        for wrong in ({"text": ""}, {"text": "x" * 5_000}, {"text": "x", "workspace": "slack"}, {"locale": "xx"}):
            fields = {"text": EXAM, "workspace": "slack:T1", "channel": "", "locale": "en-US"} | wrong
            assert (await browser.post("/try", **fields))[0] == 400


async def tried(browser: Browser, text: str, version: str) -> str:
    fields = {"text": text, "workspace": "slack:T1", "channel": "", "locale": "en-US", "version": version}
    status, page = await browser.filled("/try", fields)
    assert status == 200, page
    return page


async def test_a_message_is_tried_on_other_versions_with_what_differs(site: Operated) -> None:
    first = site.app.rules().policy.id
    shutil.copytree(site.folder, site.folder / "spring", ignore=shutil.ignore_patterns("spring"))
    site.edit("spring/domains/education.yaml", "gain: 1.0", "gain: 0.0")
    site.edit("index.yaml", "title:", "next: {folder: spring, share: 10%}\ntitle:")
    site.edit("risk/harassment.yaml", "rules:\n", ON_TRIAL)
    await site.reloaded()
    site.edit("defaults.yaml", "price: 0.06", "price: 0.16", unseen=True)
    waiting = load(site.folder).id
    async with visiting(site, "otto") as browser:
        page = (await browser.get("/try"))[1]
        for named in ("for 10% of the people", "as if its rules on trial decided", f"in the folder ({waiting})", first):
            assert named in page
        assert "Beside the version that serves" not in await tried(browser, EXAM, "serving")
        following = await tried(browser, EXAM, "next")
        assert "It would ask for emotional state" in following
        assert "Asked for</th><td>education level</td><td>emotional state</td>" in following
        assert "<li>education_level in education: knowing it brings 0.0 instead of 1.0</li>" in following
        shadow = await tried(browser, "the purple walrus follows me home", "shadow")
        assert "Rule</th><td>none</td><td>walrus</td>" in shadow
        assert "0.16" in await tried(browser, EXAM, "folder")
        earlier = await tried(browser, EXAM, first)
        assert "It comes to the same." in earlier
        assert f"<code>{first}</code>" in earlier
        for wrong in ("nothing", "../x"):
            fields = {"text": EXAM, "workspace": "slack:T1", "channel": "", "locale": "en-US", "version": wrong}
            assert (await browser.post("/try", **fields))[0] == 400


async def test_decisions_are_counted_by_rule_and_policy_and_place(site: Operated) -> None:
    await site.ask(EXAM)
    await site.ask(EXAM, then="education_level:skip")
    await site.ask("I want to kill myself tonight")
    assert site.app.stores.costs is not None
    day = site.clock.now() // DAY * DAY
    await site.app.stores.costs.add([Spent(day, "some-model", 3, 1_200, 0.25, 0)])
    await site.app.stores.costs.add([Spent(day, "some-model", 1, 300, 0.25, 0), Spent(day, "odd", 1, 7, 0.0, 1)])
    async with visiting(site, "otto") as browser:
        page = (await browser.get("/decisions?since=7"))[1]
        assert re.search(r"Questions</dt><dd>[23]</dd>", page)
        assert "<dt>Declined</dt><dd>1</dd>" in page
        assert "<dt>Crisis replies</dt><dd>1</dd>" in page
        assert re.search(r'<th scope="row">education level</th><td>2</td><td>1</td><td class="share">50 %</td>', page)
        assert re.search(r'aria-label="Asked for education level\. By day from .* highest 2 on', page)
        assert f"<code>{site.app.rules().policy.id}</code>" in page
        assert re.search(r"some-model</th><td>4</td><td>1500</td><td>0.50</td>", page)
        assert re.search(r"odd</th><td>1</td><td>7</td><td>price not known</td>", page)
        assert len(page.encode()) < LARGEST
    async with visiting(site, "olga") as browser:
        page = (await browser.get("/decisions?since=7"))[1]
        assert "Nothing was decided in this time" in page
        assert "some-model" not in page
