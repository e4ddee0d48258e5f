from __future__ import annotations

import gzip
import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kmagic import errors
from kmagic.api.options import ListOptions
from kmagic.api.secrecy import SecretText
from kmagic.config.client_config import AuthConfig, ClientConfig, Impersonation, TLSConfig
from kmagic.rest import verbs
from kmagic.rest.request import Request
from kmagic.rest.resource import APIResource
from kmagic.transport.auth import Anonymous
from kmagic.transport.http import Transport
from tests.transport.servers import InstantClock, ScriptedServer, status, streaming

PODS = APIResource("", "v1", "pods", "Pod", True)
GET = verbs.get(PODS, "a", "x")
OK = httpx.Response(200, json={"a": 1}, headers={"X-Two": "1"})


async def test_a_request_arrives_as_it_is() -> None:
    server = ScriptedServer(OK)
    config = ClientConfig(server="https://host:6443/prefix/", auth=AuthConfig(token="t"))
    request = verbs.list_(PODS, "a", ListOptions(label_selector="a=b c"))
    answer = await server.transport(config).send(request)
    assert (answer.status, answer.body, answer.headers["x-two"]) == (200, b'{"a":1}', "1")
    (sent,) = server.requests
    assert str(sent.url) == "https://host:6443/prefix/api/v1/namespaces/a/pods?labelSelector=a%3Db+c"
    assert sent.headers["authorization"] == "Bearer t"
    assert sent.headers["host"] == "host:6443"
    assert sent.headers["user-agent"].startswith("kmagic/")
    assert sent.headers["accept"] == "application/json"


async def test_lists_accept_gzip_and_watches_do_not() -> None:
    server = ScriptedServer(lambda request: httpx.Response(200, json={}))
    transport = server.transport()
    await transport.send(verbs.list_(PODS, "a", ListOptions()))
    await transport.send(verbs.watch(PODS, "a", ListOptions()))
    assert [sent.headers["accept-encoding"] for sent in server.requests] == ["gzip", "identity"]


async def test_disabled_compression_asks_for_none() -> None:
    server = ScriptedServer(OK)
    await server.transport(ClientConfig(server="http://s", disable_compression=True)).send(GET)
    assert server.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_every_member_of_a_gzip_body_is_read(size: int) -> None:
    body = gzip.compress(b"first ") + gzip.compress(b"second ") + gzip.compress(b"third")
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    server = ScriptedServer(streaming(*pieces, headers={"content-encoding": "gzip"}))
    assert (await server.transport().send(GET)).body == b"first second third"


async def test_a_broken_gzip_body_is_a_decode_error() -> None:
    server = ScriptedServer(streaming(b"nonsense", headers={"content-encoding": "gzip"}))
    with pytest.raises(errors.DecodeError, match="compressed answer is broken"):
        await server.transport().send(GET)


async def test_a_request_without_a_body_that_could_have_one_says_so() -> None:
    server = ScriptedServer(OK)
    await server.transport().send(Request("POST", "/x"))
    await server.transport().send(GET)
    assert [sent.headers.get("content-length") for sent in server.requests] == ["0", None]


async def test_a_stream_is_closed_when_it_is_left() -> None:
    answer = streaming(b"a", b"b")
    server = ScriptedServer(answer)
    async with server.transport().stream(GET) as stream:
        async for chunk in stream.chunks():
            assert chunk == b"a"
            break
    assert answer.stream.closed


async def test_a_connection_that_breaks_in_the_middle() -> None:
    server = ScriptedServer(streaming(b"a", httpx.ReadError("reset")))
    with pytest.raises(errors.TransportError, match="broke during: get pods/x") as caught:
        await server.transport().send(GET)
    assert not isinstance(caught.value, errors.ConnectError)
    assert caught.value.request is GET
    assert isinstance(caught.value.__cause__, httpx.ReadError)


async def test_repeated_headers_are_joined() -> None:
    response = httpx.Response(200, headers=[("Warning", '299 - "a"'), ("Warning", '299 - "b"')])
    answer = await ScriptedServer(response).transport().send(GET)
    assert answer.headers["warning"] == '299 - "a", 299 - "b"'


async def test_RE_22_a_given_authorization_header_is_never_replaced() -> None:
    server = ScriptedServer(OK)
    config = ClientConfig(server="http://s", auth=AuthConfig(token="t"))
    await server.transport(config).send(GET.with_headers([("Authorization", "Bearer mine")]))
    assert server.requests[0].headers["authorization"] == "Bearer mine"


async def test_RE_23_impersonation_headers_are_sent() -> None:
    server = ScriptedServer(OK)
    who = Impersonation(user="jane", groups=("a", "b"), extra={"Scope": ("x",)})
    await server.transport(ClientConfig(server="http://s", impersonate=who)).send(GET)
    headers = server.requests[0].headers
    assert headers["impersonate-user"] == "jane"
    assert headers.get_list("impersonate-group") == ["a", "b"]
    assert headers["impersonate-extra-scope"] == "x"


class Renewing(Anonymous):
    """Credentials that become good by renewal."""

    def __init__(self, renewals: int = 1) -> None:
        self.token, self.renewals, self.refused = 1, renewals, []

    async def authorization(self) -> str:
        return f"Bearer {self.token}"

    async def renew(self, refused: SecretText) -> bool:
        self.refused.append(refused)
        if not self.renewals:
            return False
        self.renewals -= 1
        self.token += 1
        return True


async def test_EX_04_a_401_renews_once_and_repeats_what_is_safe() -> None:
    server = ScriptedServer(status("Unauthorized", 401), OK)
    who = Renewing()
    answer = await server.transport(authenticator=who).send(GET)
    assert answer.status == 200
    assert [sent.headers["authorization"] for sent in server.requests] == ["Bearer 1", "Bearer 2"]
    assert who.refused == ["Bearer 1"]


async def test_EX_04_a_second_401_is_final() -> None:
    server = ScriptedServer(status("Unauthorized", 401))
    answer = await server.transport(authenticator=Renewing(renewals=9)).send(GET)
    assert answer.status == 401
    assert len(server.requests) == 2


async def test_EX_04_a_create_is_not_repeated_but_the_next_request_is_good() -> None:
    server = ScriptedServer(status("Unauthorized", 401), OK)
    transport = server.transport(authenticator=Renewing())
    assert (await transport.send(verbs.create(PODS, "a", b"{}"))).status == 401
    await transport.send(GET)
    assert [sent.headers["authorization"] for sent in server.requests] == ["Bearer 1", "Bearer 2"]


async def test_a_401_without_new_credentials_is_the_answer() -> None:
    server = ScriptedServer(status("Unauthorized", 401))
    assert (await server.transport(authenticator=Renewing(renewals=0)).send(GET)).status == 401
    assert len(server.requests) == 1


async def test_nothing_is_opened_before_the_first_request() -> None:
    transport = Transport(ClientConfig(server="https://host", tls=TLSConfig(ca_file="/missing")))
    with pytest.raises(errors.ConfigError, match="unable to read the certificate authority /missing"):
        await transport.send(GET)
    await transport.aclose()


async def test_a_closed_transport_says_so() -> None:
    transport = Transport(ClientConfig(server="http://127.0.0.1:1"))
    await transport.aclose()
    with pytest.raises(errors.TransportError, match="is closed"):
        await transport.send(GET)


async def test_a_refused_connection_is_named() -> None:
    async with Transport(ClientConfig(server="http://127.0.0.1:1"), environ={}) as transport:
        with pytest.raises(errors.ConnectError, match=r"127\.0\.0\.1:1 refused the connection") as caught:
            await transport.send(GET)
    assert "is the cluster running?" in caught.value.hint


async def test_RE_25_plain_http_where_tls_was_expected_is_explained() -> None:
    async def talk_http(stream: Any) -> None:
        async with stream:
            await stream.receive()
            await stream.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        async with anyio.create_task_group() as group:
            group.start_soon(listener.serve, talk_http)
            async with Transport(ClientConfig(server=f"https://127.0.0.1:{port}"), environ={}) as transport:
                with pytest.raises(errors.ConnectError, match="no TLS connection") as caught:
                    await transport.send(GET)
            group.cancel_scope.cancel()
    assert "plain HTTP" in caught.value.hint
    assert isinstance(caught.value.__cause__, httpx.HTTPError | ssl.SSLError)


async def test_a_silent_stream_is_given_up_after_its_idle_time() -> None:
    async def say_nothing(stream: Any) -> None:
        async with stream:
            await stream.receive()
            await stream.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            await anyio.sleep_forever()

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        async with anyio.create_task_group() as group:
            group.start_soon(listener.serve, say_nothing)
            async with Transport(ClientConfig(server=f"http://127.0.0.1:{port}"), environ={}) as transport:
                watch = verbs.watch(PODS, "a", ListOptions(), idle_timeout=0.05)
                with pytest.raises(errors.TimeoutError, match="no answer from"):
                    await transport.send(watch)
            group.cancel_scope.cancel()


@pytest.mark.parametrize("path", ["/\x00", "/a b", "/a\r\nb", "/api/../x", "/api/./x", "/a#b", "/{a}", "/ä", "api"])
async def test_what_would_go_out_in_another_way_than_it_was_judged_is_refused(path: str) -> None:
    server = ScriptedServer(OK)
    with pytest.raises(errors.ConnectError, match="is no server address"):
        await server.transport(ClientConfig(server="http://server:1/prefix")).send(Request("GET", path))
    assert not server.requests


@pytest.mark.parametrize("path", ["/a/%2e%2e/b", "/a//b?x=../y", "/a%2Fb%25?x=%7B'(a)", "/a:b@c?y"])
async def test_what_goes_out_is_what_was_asked(path: str) -> None:
    server = ScriptedServer(OK)
    await server.transport(ClientConfig(server="http://server:1/prefix")).send(Request("GET", path))
    assert server.requests[0].url.raw_path == b"/prefix" + path.encode()


async def test_the_repr_of_an_answer_hides_its_body() -> None:
    answer = await ScriptedServer(httpx.Response(200, text="secret")).transport().send(GET)
    assert "secret" not in repr(answer)


@pytest.mark.parametrize("tls", [TLSConfig(ca_data=b"x"), TLSConfig(insecure=True)])
def test_RE_27_a_given_transport_and_tls_options_exclude_each_other(tls: TLSConfig) -> None:
    with pytest.raises(errors.ConfigError, match="using a custom transport with TLS certificate options"):
        ScriptedServer(OK).transport(ClientConfig(server="https://s", tls=tls))


class Rotating(Anonymous):
    """A client certificate that changes, and a token that does."""

    def __init__(self, pair: Any) -> None:
        self.pair, self.token = pair, 0

    async def certificate(self) -> tuple[bytes, ...]:
        return self.pair

    async def authorization(self) -> str:
        self.token += 1
        return f"Bearer {self.token}"


def pair(name: str) -> tuple[bytes, ...]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(subject, subject, key.public_key(), 1, now, now + timedelta(days=36500))
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.sign(key, hashes.SHA256()).public_bytes(pem), private


async def test_EX_10_a_new_certificate_opens_new_connections_and_a_new_token_does_not() -> None:
    clock, who = InstantClock(), Rotating(pair("a"))
    async with Transport(ClientConfig(server="https://s"), clock=clock, authenticator=who) as transport:
        first = await transport.current()
        await transport.authorized_headers()
        clock.seconds += 2
        assert await transport.current() is first
        who.pair = pair("b")
        clock.seconds += 2
        assert await transport.current() is not first
