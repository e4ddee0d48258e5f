import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Never

import httpx
import pytest
import yaml

from kmagic.config.loader import load_config
from kmagic.errors import AuthError, ConfigError
from kmagic.transport.credentials import authenticator_for
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


def provider(*answers: Any) -> Any:
    return ScriptedServer(WELL_KNOWN, *answers)


async def test_EX_13_a_good_token_is_used_as_it_is() -> None:
    server = provider(httpx.Response(500))
    oidc = OIDC({**CONFIG, "id-token": NEW}, CLOCK, http=server)
    assert await oidc.authorization() == f"Bearer {NEW}"
    assert server.requests == []
    assert await oidc.certificate() is None


@pytest.mark.parametrize("token", [OLD, jwt(NOW + 9), "nonsense", ""])
async def test_EX_13_a_token_that_ends_within_ten_seconds_is_renewed(token: Any) -> None:
    server = provider(httpx.Response(200, json={"id_token": NEW, "refresh_token": "r2"}))
    oidc = OIDC({**CONFIG, "id-token": token}, CLOCK, http=server)
    assert await oidc.authorization() == f"Bearer {NEW}"
    form = httpx.QueryParams(server.requests[1].content.decode())
    assert dict(form) == {"grant_type": "refresh_token", "refresh_token": "r1", "client_id": "me", "client_secret": "s"}
    await oidc.authorization()
    assert len(server.requests) == 2


async def test_EX_13_nothing_to_renew_with() -> None:
    config = {key: value for key, value in CONFIG.items() if key != "refresh-token"}
    with pytest.raises(AuthError, match="No valid id-token, and cannot refresh without refresh-token"):
        await OIDC(config, CLOCK).authorization()


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(400, json={"error": "invalid_grant"}), httpx.Response(200, json={}), httpx.Response(200, text="x")],
)
async def test_EX_13_a_refusal_says_log_in_and_no_secret(answer: Any) -> None:
    with pytest.raises(AuthError, match="failed to refresh") as caught:
        await OIDC(CONFIG, CLOCK, http=provider(answer)).authorization()
    assert caught.value.hint == "log in again"
    assert "r1" not in str(caught.value)


async def test_EX_13_a_provider_that_is_away() -> None:
    with pytest.raises(AuthError, match="did not answer: "):
        await OIDC(CONFIG, CLOCK, http=ScriptedServer(httpx.ConnectError("no"))).authorization()


async def test_a_401_renews_once() -> None:
    other = jwt(NOW + 7200)
    server = provider(httpx.Response(200, json={"id_token": other}))
    oidc = OIDC({**CONFIG, "id-token": NEW}, CLOCK, http=server)
    assert await oidc.renew(f"Bearer {NEW}")
    assert await oidc.renew(f"Bearer {NEW}")
    assert len(server.requests) == 2
    assert await oidc.authorization() == f"Bearer {other}"


async def test_EX_13_new_tokens_are_saved_once() -> None:
    saved = []
    server = provider(httpx.Response(200, json={"id_token": NEW, "refresh_token": "r2"}))
    oidc = OIDC({**CONFIG, "id-token": OLD}, CLOCK, save=saved.append, http=server)
    await oidc.authorization()
    assert saved == [{"id-token": NEW, "refresh-token": "r2"}]
    await oidc.authorization()
    assert len(saved) == 1


async def test_EX_13_a_provider_that_keeps_the_refresh_token() -> None:
    saved = []
    server = provider(httpx.Response(200, json={"id_token": NEW}))
    await OIDC(CONFIG, CLOCK, save=saved.append, http=server).authorization()
    assert saved == [{"id-token": NEW, "refresh-token": "r1"}]


async def test_EX_13_a_refusal_saves_nothing() -> None:
    saved = []
    oidc = OIDC(CONFIG, CLOCK, save=saved.append, http=provider(httpx.Response(400, json={})))
    with pytest.raises(AuthError):
        await oidc.authorization()
    assert saved == []


@pytest.mark.parametrize(
    "error", [ConfigError("unable to lock config: config.lock exists"), PermissionError(13, "Permission denied")]
)
async def test_EX_13_tokens_that_cannot_be_saved_are_used_all_the_same(
    error: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def save(settings: Any) -> Never:
        raise error

    server = provider(httpx.Response(200, json={"id_token": NEW, "refresh_token": "r2-secret"}))
    oidc = OIDC({**CONFIG, "refresh-token": "r1-secret"}, CLOCK, save=save, http=server)
    with caplog.at_level(logging.DEBUG):
        assert await oidc.authorization() == f"Bearer {NEW}"
        assert await oidc.authorization() == f"Bearer {NEW}"
    (record,) = [record for record in caplog.records if record.name == "kmagic.auth"]
    assert record.levelno == logging.WARNING
    assert str(error) in record.getMessage()
    assert not any(secret in caplog.text for secret in (NEW, "r1-secret", "r2-secret"))


@pytest.fixture
async def issuer() -> AsyncIterator[Any]:
    """An identity provider on loopback: its address, and the refresh tokens it was given."""
    given = []

    async def answer(reader: Any, writer: Any) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        body = {"token_endpoint": f"{address}/token"}
        if head.startswith("post /token"):
            length = int(head.split("content-length:")[1].split("\r\n")[0])
            form = httpx.QueryParams((await reader.readexactly(length)).decode())
            given.append(form["refresh_token"])
            body = {"id_token": NEW, "refresh_token": f"r{len(given) + 1}"}
        payload = json.dumps(body).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(payload) + payload)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield address, given


def kubeconfig(folder: Any, settings: Any) -> Any:
    path = folder / "config"
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "me"}}],
        "clusters": [{"name": "k", "cluster": {"server": "https://k", "certificate-authority": "ca.crt"}}],
        "users": [{"name": "me", "user": {"auth-provider": {"name": "oidc", "config": settings}}}],
    }
    (folder / "ca.crt").write_text("")
    path.write_text(yaml.safe_dump(content))
    return path, content


async def test_EX_13_the_next_process_logs_in_with_the_new_tokens(tmp_path: Path, issuer: Any) -> None:
    address, given = issuer
    path, before = kubeconfig(tmp_path, {**CONFIG, "idp-issuer-url": address, "id-token": OLD})
    assert await authenticator_for(load_config(path), CLOCK).authorization() == f"Bearer {NEW}"
    assert given == ["r1"]

    before["users"][0]["user"]["auth-provider"]["config"] |= {"id-token": NEW, "refresh-token": "r2"}
    assert yaml.safe_load(path.read_text()) == before, "only the tokens are new"
    assert sorted(found.name for found in tmp_path.iterdir()) == ["ca.crt", "config"]

    again = authenticator_for(load_config(path), CLOCK)
    assert await again.authorization() == f"Bearer {NEW}"
    assert given == ["r1"], "nothing to renew"
    assert await again.renew(f"Bearer {NEW}") is False, "the provider gave the same token"
    assert given == ["r1", "r2"]


async def test_EX_13_a_locked_kubeconfig_is_left_alone(
    tmp_path: Path, issuer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    path, before = kubeconfig(tmp_path, {**CONFIG, "idp-issuer-url": issuer[0], "id-token": OLD})
    (tmp_path / "config.lock").touch()
    assert await authenticator_for(load_config(path), CLOCK).authorization() == f"Bearer {NEW}"
    assert yaml.safe_load(path.read_text()) == before
    assert "could not be written" in caplog.text


@pytest.mark.parametrize("missing", ["idp-issuer-url", "client-id"])
def test_what_must_be_there(missing: str) -> None:
    with pytest.raises(AuthError, match=f"must provide {missing}"):
        OIDC({key: value for key, value in CONFIG.items() if key != missing}, CLOCK)


def test_token_expiry() -> None:
    assert token_expiry(jwt(12.5)) == 12.5
    assert token_expiry("a.b.c") == 0.0
