"""Speaking with an OpenID provider: where to send a browser, and who came back (OpenID Connect Core 1.0, code flow).

Authlib checks the claims and makes the PKCE challenge (RFC 7636); joserfc, its own part, checks the signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]  # Authlib has no types
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # Authlib has no types
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from adapters.web.desk.signon import ProviderDown, Trip, Untrusted
from adapters.web.guard import is_loopback
from bot.clock import Clock, Seconds
from bot.errors import SettingsError
from bot.private import Private

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a public key only: ``none``, and a secret taken for a key, are refused."""
TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
KEPT: Final = 3600.0
"""Seconds for which the provider's addresses and keys are remembered."""
LEEWAY: Final = 60
_BASIC: Final = "client_secret_basic"
SCOPE: Final = "openid profile email"


@dataclass(frozen=True, slots=True)
class Client:
    """This desk, as registered with the provider at ``issuer``. Raises SettingsError where that is not https (loopback
    aside) or no client id is given."""

    issuer: str
    client_id: str
    secret: Private[str]

    def __post_init__(self) -> None:
        if not _trustworthy(self.issuer, self.issuer):
            raise SettingsError((f"RAISE_OIDC_ISSUER: expected an https address, got {self.issuer[:80]!r}",))
        if not self.client_id:
            raise SettingsError(("RAISE_OIDC_CLIENT_ID: expected the client id the provider gave this desk",))


@dataclass(slots=True)
class _Provider:
    addresses: Mapping[str, Any]
    keys: KeySet
    read_at: Seconds


@dataclass(slots=True)
class OpenId:
    """Asks the provider of ``client``. All methods raise ProviderDown."""

    client: Client
    clock: Clock
    _known: _Provider | None = field(init=False, default=None)

    async def address(self, trip: Trip) -> str:
        """Where the browser has to go."""
        provider = await self._provider()
        asked = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": trip.back,
            "scope": SCOPE,
            "state": trip.state,
            "nonce": trip.nonce,
            "code_challenge": create_s256_code_challenge(trip.verifier),
            "code_challenge_method": "S256",
        }
        start = str(provider.addresses["authorization_endpoint"])
        return f"{start}{'&' if '?' in start else '?'}{urlencode(asked)}"

    async def claims(self, trip: Trip, code: str) -> Mapping[str, Any]:
        """Who came back with ``code``: the claims of the id token and of the provider's user info. Raises Untrusted."""
        provider = await self._provider()
        tokens = await self._tokens(provider, trip, code)
        token, access = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(token, str):
            raise Untrusted("expected an id token from the OpenID provider, got none")
        claims = await self._proven(token, trip, access)
        more = provider.addresses.get("userinfo_endpoint")
        if not isinstance(more, str) or not isinstance(access, str):
            return claims
        async with _session() as session:
            user = await _json(session, "GET", more, headers={"Authorization": f"Bearer {access}"})
        if user.get("sub") != claims["sub"]:
            raise Untrusted("expected the user info of the one who logged in, got another's")
        return {**user, **claims}

    async def reachable(self) -> None:
        """Ask the provider for its addresses and keys."""
        await self._provider(fresh=True)

    async def _tokens(self, provider: _Provider, trip: Trip, code: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": trip.back,
            "code_verifier": trip.verifier,
        }
        name, secret, headers = self.client.client_id, self.client.secret.reveal(), {}
        if _BASIC in provider.addresses.get("token_endpoint_auth_methods_supported", (_BASIC,)):
            headers["Authorization"] = aiohttp.encode_basic_auth(quote_plus(name), quote_plus(secret))
        else:
            form |= {"client_id": name, "client_secret": secret}
        async with _session() as session:
            return await _json(session, "POST", str(provider.addresses["token_endpoint"]), data=form, headers=headers)

    async def _proven(self, token: str, trip: Trip, access: object) -> Mapping[str, Any]:
        """The claims of an id token, when its signature, issuer, audience, time and nonce are right."""
        for fresh in (False, True):  # the provider may have begun to sign with a key of which we do not know yet
            provider = await self._provider(fresh=fresh)
            try:
                read = jwt.decode(token, provider.keys, algorithms=list(ALGORITHMS))
                break
            except (JoseError, ValueError) as problem:
                if fresh:
                    raise Untrusted(
                        f"the id token is not signed as it should be: {type(problem).__name__}"
                    ) from problem
        client = self.client.client_id
        wanted = {
            "iss": {"essential": True, "value": provider.addresses["issuer"]},
            "aud": {"essential": True, "value": client},
            "nonce": {"essential": True},
        }
        params = {"nonce": trip.nonce, "client_id": client, "access_token": access}
        claims = CodeIDToken(read.claims, read.header, wanted, params)
        try:
            claims.validate(now=int(self.clock.now()), leeway=LEEWAY)
        except (JoseError, ValueError) as problem:
            raise Untrusted(f"the id token was refused: {type(problem).__name__}") from problem
        return dict(claims)

    async def _provider(self, *, fresh: bool = False) -> _Provider:
        now = self.clock.now()
        if self._known is None or fresh or now - self._known.read_at > KEPT:
            async with _session() as session:
                place = f"{self.client.issuer.rstrip('/')}/.well-known/openid-configuration"
                addresses = await _json(session, "GET", place)
                needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
                if missing := [name for name in needed if not isinstance(addresses.get(name), str)]:
                    raise ProviderDown(f"expected {missing[0]} in the provider's configuration, got none")
                if addresses["issuer"].rstrip("/") != self.client.issuer.rstrip("/"):
                    raise ProviderDown("expected the provider to call itself RAISE_OIDC_ISSUER, it has another name")
                for name in (*needed[1:], "userinfo_endpoint"):
                    if not _trustworthy(addresses.get(name, self.client.issuer), self.client.issuer):
                        raise ProviderDown(f"expected an https address as the provider's {name}, got another")
                found = await _json(session, "GET", addresses["jwks_uri"])
            try:
                keys = KeySet.import_key_set(found)  # type: ignore[arg-type]  # joserfc checks what it is given
            except (JoseError, ValueError, KeyError, TypeError) as problem:
                raise ProviderDown("expected keys from the OpenID provider, got something else") from problem
            self._known = _Provider(addresses, keys, now)
        return self._known


def _trustworthy(url: object, issuer: str) -> bool:
    """Whether an address may be called: https, or http on this machine where the issuer is there too."""
    try:
        parts, home = urlsplit(str(url)), urlsplit(issuer)
    except ValueError:
        return False
    here = is_loopback(parts.hostname or "") and is_loopback(home.hostname or "")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and here))


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=TIMEOUT, trust_env=True)


async def _json(session: aiohttp.ClientSession, method: str, url: str, **request: Any) -> Mapping[str, Any]:
    """The JSON object at ``url``. No answer, an error and anything else are ProviderDown; what it said is not kept."""
    try:
        async with session.request(method, url, allow_redirects=False, **request) as answer:
            if answer.status >= 400 and answer.status < 500 and method == "POST":
                raise Untrusted(f"the OpenID provider refused the code with status {answer.status}")
            if answer.status != 200:
                raise ProviderDown(f"expected an answer of the OpenID provider, got status {answer.status}")
            found = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as problem:
        raise ProviderDown(f"the OpenID provider cannot be reached: {type(problem).__name__}") from problem
    if not isinstance(found, dict):
        raise ProviderDown("expected a JSON object from the OpenID provider, got something else")
    return found
