"""Logging in to the desk through an OpenID provider, over real connections, and everything that must not work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from joserfc.jwk import RSAKey

from adapters.web.desk.openid import Client, OpenId
from adapters.web.desk.signon import LASTS, ProviderDown, grants
from bot.assembly.examining import examine
from bot.clock import ManualClock
from bot.errors import SettingsError
from bot.private import Private
from bot.review.moderators import EVERYWHERE, Role
from bot.settings import Settings
from tests.support.desk_sign_on import signing_on
from tests.support.desk_site import PASSWORD, DeskSite, desk_site
from tests.support.openid_server import Idp, idp
from tests.support.people import HOUR, NOW


@asynccontextmanager
async def a_desk(**person: Any) -> AsyncIterator[tuple[DeskSite, Idp, aiohttp.ClientSession]]:
    """A desk, its provider, and a browser."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with signing_on(**person) as (site, provider), aiohttp.ClientSession(cookie_jar=jar) as http:
        yield site, provider, http


async def come(site: DeskSite, http: aiohttp.ClientSession, following: str = "/desk") -> tuple[int, str]:
    """All the way: the link on the page, the provider, back."""
    async with http.get(f"{site.url}/login/elsewhere", params={"next": following}) as answer:
        return answer.status, await answer.text()


async def seen(site: DeskSite, http: aiohttp.ClientSession, path: str = "") -> tuple[int, str]:
    async with http.get(site.url + path, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def test_a_group_gives_a_role_and_an_account_of_its_own() -> None:
    async with a_desk(groups=["staff", "desk-t1"]) as (site, provider, http):
        assert "single sign-on" in (await seen(site, http, "/login"))[1]
        status, text = await come(site, http, "/desk/figures")
        assert (status, 'content="0;url=/desk/figures"' in text) == (200, True)
        assert (await seen(site, http))[0] == 200
        [name] = [each.name for each in await site.accounts.everybody() if each.name.startswith("ada-")]
        account = await site.accounts.account(name)
        assert account is not None
        assert (account.moderator.role, account.moderator.workspaces) == (Role.MODERATOR, frozenset({"slack:T1"}))
        assert {"state", "nonce", "code_challenge"} <= provider.asked[0].keys()


async def test_the_first_group_that_has_a_role_decides_and_roles_follow_the_groups() -> None:
    async with a_desk(groups=["figures", "desk-leads"]) as (site, provider, http):
        await come(site, http)
        [account] = [each for each in await site.accounts.everybody() if each.name.startswith("ada-")]
        assert (account.role, account.workspaces) == (Role.LEAD, EVERYWHERE)
        provider.person["groups"] = "figures"
        await come(site, http)
        [account] = [each for each in await site.accounts.everybody() if each.name.startswith("ada-")]
        assert account.role is Role.OPERATOR


async def test_groups_may_stand_in_the_user_info_only() -> None:
    async with a_desk(groups=["desk-leads"]) as (site, provider, http):
        provider.in_user_info = True
        assert (await come(site, http))[0] == 200


async def test_without_a_role_nobody_gets_in_and_a_role_taken_away_ends_the_session() -> None:
    async with a_desk(groups=["desk-t1"]) as (site, provider, http):
        await come(site, http)
        provider.person["groups"] = ["staff"]
        status, text = await come(site, http)
        assert (status, "no role at this desk" in text) == (403, True)
        assert (await seen(site, http))[0] == 303
        assert not any(each.name.startswith("ada-") for each in await site.accounts.everybody())


async def test_names_never_meet_those_of_local_accounts_and_these_stay() -> None:
    async with a_desk(preferred_username="lea", groups=["desk-t1"]) as (site, _, http):
        await come(site, http)
        names = [each.name for each in await site.accounts.everybody()]
        assert "lea" in names
        assert sum(name.startswith("lea-") for name in names) == 1
        assert (await site.accounts.proven("lea", Private(PASSWORD))) is not None


async def test_logging_out_ends_the_session() -> None:
    async with a_desk(groups=["desk-t1"]) as (site, _, http):
        await come(site, http)
        async with http.get(f"{site.url}/who") as answer:
            csrf = (await answer.json())["csrf"]
        sent = {"Origin": site.url.removesuffix("/desk")}
        async with http.post(f"{site.url}/logout", data={"csrf": csrf}, headers=sent, allow_redirects=False) as answer:
            assert answer.status == 303
        assert (await seen(site, http))[0] == 303


@pytest.mark.parametrize(
    "spoilt",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another desk"},
        {"aud": ["desk", "another"], "azp": "another"},
        {"iss": "https://elsewhere.example"},
        {"exp": int(NOW) - 1000},
        {"sub": "another"},
    ],
    ids=str,
)
async def test_a_token_that_is_not_for_this_login_is_refused(spoilt: dict[str, Any]) -> None:
    async with a_desk(groups=["desk-leads"]) as (site, provider, http):
        provider.spoilt = spoilt
        status, text = await come(site, http)
        assert (status, "could not be trusted" in text) == (401, True)
        assert (await seen(site, http))[0] == 303


async def test_a_token_signed_by_somebody_else_is_refused_and_a_new_key_is_found() -> None:
    async with a_desk(groups=["desk-leads"]) as (site, provider, http):
        provider.signing = RSAKey.generate_key(2048, {"kid": "one"})
        assert (await come(site, http))[0] == 401
        provider.key, provider.signing = RSAKey.generate_key(2048, {"kid": "two"}), None
        assert (await come(site, http))[0] == 200


async def test_a_code_works_once_in_the_browser_that_asked_and_in_time() -> None:
    async with a_desk(groups=["desk-leads"]) as (site, _, http):
        async with http.get(f"{site.url}/login/elsewhere", allow_redirects=False) as answer:
            there = answer.headers["Location"]
        async with http.get(there, allow_redirects=False) as answer:
            back = answer.headers["Location"]
        async with aiohttp.ClientSession() as another, another.get(back) as answer:
            assert answer.status == 400  # planted: a link somebody else began
        async with http.get(f"{back}x") as answer:
            assert answer.status == 400  # another state, and the trip is used up
        async with http.get(back) as answer:
            assert answer.status == 400
        async with http.get(f"{site.url}/login/elsewhere", allow_redirects=False) as answer:
            there = answer.headers["Location"]
        async with http.get(there, allow_redirects=False) as answer:
            back = answer.headers["Location"]
        site.clock.advance(LASTS + 1)
        async with http.get(back) as answer:
            assert (answer.status, "begin again" in await answer.text()) == (400, True)


async def test_a_provider_that_is_down_or_says_no_is_told_in_plain_words() -> None:
    async with a_desk(groups=["desk-leads"]) as (site, provider, http):
        provider.denies = True
        status, text = await come(site, http)
        assert (status, "did not let you in" in text) == (401, True)
        provider.issuer = "http://127.0.0.1:1"
        site.clock.advance(2 * HOUR)
        status, text = await come(site, http)
        assert (status, "cannot be reached" in text) == (503, True)


async def test_the_way_on_stays_on_this_site() -> None:
    async with a_desk(groups=["desk-leads"]) as (site, _, http):
        _, text = await come(site, http, "https://elsewhere.example/desk")
        assert 'content="0;url=/desk"' in text


async def test_without_a_provider_there_is_no_such_page() -> None:
    async with desk_site() as site, aiohttp.ClientSession() as http:
        assert (await seen(site, http, "/login/elsewhere"))[0] == 404
        assert "single sign-on" not in (await seen(site, http, "/login"))[1]


@pytest.mark.parametrize("text", ["", "lead", "=lead", "desk=chief", "desk=moderator@T1"])
def test_roles_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="RAISE_OIDC_ROLES"):
        grants(text)


@pytest.mark.parametrize(
    ("issuer", "client"), [("http://idp.example", "desk"), ("https://idp.example", ""), ("x", "d")]
)
def test_a_provider_without_tls_or_a_client_without_a_name_is_refused(issuer: str, client: str) -> None:
    with pytest.raises(SettingsError, match="RAISE_OIDC"):
        Client(issuer, client, Private("secret"))


@pytest.mark.parametrize("name", ["jwks_uri", "token_endpoint", "userinfo_endpoint", "authorization_endpoint"])
@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/keys", "file:///etc/passwd", "https:///keys", "//idp/keys"]
)
async def test_a_provider_that_leads_elsewhere_without_tls_is_not_followed(name: str, address: str) -> None:
    async with idp(lambda: 0.0) as provider:
        provider.elsewhere = {name: address}
        with pytest.raises(ProviderDown, match=f"expected an https address as the provider's {name}"):
            await OpenId(Client(provider.issuer, "desk", Private("s")), ManualClock()).reachable()


async def test_doctor_says_whether_the_provider_answers_and_what_is_missing() -> None:
    async with a_desk() as (_, provider, _):
        good = Settings(
            oidc_issuer=provider.issuer, oidc_client_id="desk", oidc_client_secret="s", oidc_roles="desk-leads=lead"
        )
        assert await doctor(good) == ("ok", "the provider answers; groups with a role: 1")
        state, found = await doctor(replace(good, oidc_roles=""))
        assert (state, "RAISE_OIDC_ROLES" in found) == ("problem", True)
        state, found = await doctor(replace(good, oidc_issuer="http://127.0.0.1:1"))
        assert (state, "cannot be reached" in found) == ("problem", True)
    assert await doctor(Settings()) == ("ok", "not configured")


async def doctor(settings: Settings) -> tuple[str, str]:
    [finding] = [each for each in await examine(settings) if each.what == "single sign-on"]
    return finding.state, finding.found
