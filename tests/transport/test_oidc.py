import base64
import json

import httpx
import pytest

from kmagic.errors import AuthError
from kmagic.transport.oidc import OIDC, token_expiry
from tests.transport.servers import InstantClock, ScriptedServer


def jwt(expires: float) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"exp": expires}).encode()).rstrip(b"=").decode()
    return f"e30.{payload}.sig"


CLOCK = InstantClock()
NOW = CLOCK.wall().timestamp()
OLD, NEW = jwt(NOW - 1), jwt(NOW + 3600)
CONFIG = {"idp-issuer-url": "https://issuer", "client-id": "me", "client-secret": "s", "refresh-token": "r1"}
WELL_KNOWN = httpx.Response(200, json={"token_endpoint": "https://issuer/token"})


def provider(*answers):
    return ScriptedServer(WELL_KNOWN, *answers)


async def test_EX_13_a_good_token_is_used_as_it_is():
    server = provider(httpx.Response(500))
    oidc = OIDC({**CONFIG, "id-token": NEW}, CLOCK, http=server)
    assert await oidc.authorization() == f"Bearer {NEW}"
    assert server.requests == []
    assert await oidc.certificate() is None


@pytest.mark.parametrize("token", [OLD, jwt(NOW + 9), "nonsense", ""])
async def test_EX_13_a_token_that_ends_within_ten_seconds_is_renewed(token):
    server = provider(httpx.Response(200, json={"id_token": NEW, "refresh_token": "r2"}))
    oidc = OIDC({**CONFIG, "id-token": token}, CLOCK, http=server)
    assert await oidc.authorization() == f"Bearer {NEW}"
    form = httpx.QueryParams(server.requests[1].content.decode())
    assert dict(form) == {"grant_type": "refresh_token", "refresh_token": "r1", "client_id": "me", "client_secret": "s"}
    await oidc.authorization()
    assert len(server.requests) == 2


async def test_EX_13_nothing_to_renew_with():
    config = {key: value for key, value in CONFIG.items() if key != "refresh-token"}
    with pytest.raises(AuthError, match="No valid id-token, and cannot refresh without refresh-token"):
        await OIDC(config, CLOCK).authorization()


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(400, json={"error": "invalid_grant"}), httpx.Response(200, json={}), httpx.Response(200, text="x")],
)
async def test_EX_13_a_refusal_says_log_in_and_no_secret(answer):
    with pytest.raises(AuthError, match="failed to refresh") as caught:
        await OIDC(CONFIG, CLOCK, http=provider(answer)).authorization()
    assert caught.value.hint == "log in again"
    assert "r1" not in str(caught.value)


async def test_EX_13_a_provider_that_is_away():
    with pytest.raises(AuthError, match="did not answer well: ConnectError"):
        await OIDC(CONFIG, CLOCK, http=ScriptedServer(httpx.ConnectError("no"))).authorization()


async def test_a_401_renews_once():
    other = jwt(NOW + 7200)
    server = provider(httpx.Response(200, json={"id_token": other}))
    oidc = OIDC({**CONFIG, "id-token": NEW}, CLOCK, http=server)
    assert await oidc.renew(f"Bearer {NEW}")
    assert await oidc.renew(f"Bearer {NEW}")
    assert len(server.requests) == 2
    assert await oidc.authorization() == f"Bearer {other}"


@pytest.mark.parametrize("missing", ["idp-issuer-url", "client-id"])
def test_what_must_be_there(missing):
    with pytest.raises(AuthError, match=f"must provide {missing}"):
        OIDC({key: value for key, value in CONFIG.items() if key != missing}, CLOCK)


def test_token_expiry():
    assert token_expiry(jwt(12.5)) == 12.5
    assert token_expiry("a.b.c") == 0.0
