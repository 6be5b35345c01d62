"""The desk behind a proxy with TLS, and what stays out of addresses, logs and other people's sight."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.stores.memory_cards import MemoryPostings
from adapters.web.desk import DeskAddress
from bot.errors import SettingsError
from bot.review.chat.channel import Channel
from tests.support.desk_site import PASSWORD, DeskSite, desk_site
from tests.support.desk_visitor import visiting
from tests.support.people import ANN_DIRECT, NOW
from tests.support.reviewing import NOAH

SCRIPT = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"


@pytest.fixture
async def site() -> AsyncIterator[DeskSite]:
    async with desk_site() as site:
        yield site


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
