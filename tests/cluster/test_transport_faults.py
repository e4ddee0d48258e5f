"""What the client says and does when the network, a proxy or the server misbehaves.

A proxy between kmagic and a real server breaks one answer in one way. Every test asserts the class of the error,
the sentence, how often the request was sent, and that it took no longer than it may. Pauses are recorded, not slept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.errors import KubeError
from tests.cluster.faultbench import (
    BOUND,
    JSON_TYPE,
    OBJECT,
    PAGE,
    RETRIES,
    answer,
    bench,
    create,
    disconnected,
    get,
    list_all,
    remove,
    replace,
)
from tests.cluster.fixture import ExternalCluster
from tests.faultproxy import Fault, Seen, status_reply

# -- broken connections: reads are repeated, changes are not ------------------------------------------------------

CUTS = [
    pytest.param(Fault(after=0, end="reset"), id="reset before the answer"),
    pytest.param(Fault(after=0, end="close"), id="close before the answer"),
    pytest.param(Fault(after=30, end="reset"), id="reset in the head"),
    pytest.param(Fault(after=30, end="close"), id="close in the head"),
]
BODY_CUTS = [
    pytest.param(Fault(after=600, end="reset"), id="reset in the body"),
    pytest.param(Fault(after=600, end="close"), id="half the body"),
    pytest.param(answer(OBJECT, JSON_TYPE, length=5000), id="a length that is too long"),
]


@pytest.mark.parametrize("fault", CUTS)
async def test_a_read_survives_one_broken_connection(cluster: ExternalCluster, tmp_path: Path, fault: Any) -> None:
    async with bench(cluster, tmp_path) as b:
        b.breaks(lambda number: fault if number == 0 else None)
        with anyio.fail_after(BOUND):
            assert (await get(b.client))["metadata"]["name"] == "kube-root-ca.crt"
        assert b.sent == 2
        assert b.clock.pauses == [1.0]


@pytest.mark.parametrize("fault", CUTS)
async def test_a_read_gives_up_after_ten_broken_connections(
    cluster: ExternalCluster, tmp_path: Path, fault: Any
) -> None:
    async with bench(cluster, tmp_path) as b:
        b.breaks(fault)
        with anyio.fail_after(BOUND), pytest.raises(errors.TransportError, match="broke during: get configmaps/kube"):
            await get(b.client)
        assert b.sent == RETRIES + 1
        assert b.clock.pauses == [1.0] * RETRIES


@pytest.mark.parametrize("fault", CUTS)
@pytest.mark.parametrize("change", [create, replace, remove])
async def test_a_change_is_never_sent_twice(cluster: ExternalCluster, tmp_path: Path, fault: Any, change: Any) -> None:
    async with bench(cluster, tmp_path) as b:
        b.breaks(fault)
        with anyio.fail_after(BOUND), pytest.raises(errors.TransportError, match="broke during"):
            await change(b.client)
        assert b.sent == 1
        b.proxy.rule = lambda seen: None
        assert await get(b.client)  # the client goes on working


@pytest.mark.parametrize("fault", BODY_CUTS)
@pytest.mark.parametrize("read", [get, list_all])
async def test_an_answer_that_ends_early_is_an_error(
    cluster: ExternalCluster, tmp_path: Path, fault: Any, read: Any
) -> None:
    async with bench(cluster, tmp_path) as b:
        b.breaks(fault)
        with (
            anyio.fail_after(BOUND),
            pytest.raises(errors.TransportError, match=r"broke during: (get|list) configmaps"),
        ):
            await read(b.client)
        b.proxy.rule = lambda seen: None
        assert await get(b.client)


async def test_a_server_that_refuses_is_reported_at_once(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with bench(cluster, tmp_path) as b:
        port = b.proxy.port
        config = msgspec.structs.replace(b.client.config, server=f"http://127.0.0.1:{port + 1 if port < 65535 else 1}")
        async with AsyncClient(config=config, clock=b.clock) as client:
            with anyio.fail_after(BOUND), pytest.raises(errors.ConnectError, match="refused the connection") as caught:
                await client.discovery.version()
        assert "is the cluster running?" in caught.value.hint
        assert b.clock.pauses == []


async def test_a_server_that_hangs_up_on_everybody(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with bench(cluster, tmp_path) as b:
        b.proxy.refusing = True
        with anyio.fail_after(BOUND), pytest.raises(errors.TransportError):
            await create(b.client)
        b.proxy.refusing = False
        assert await get(b.client)


# -- silence and slowness -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [0, 30, 600], ids=["no answer", "half a head", "half a body"])
@pytest.mark.parametrize("call", [get, create, list_all])
async def test_a_stalled_answer_times_out(cluster: ExternalCluster, tmp_path: Path, after: int, call: Any) -> None:
    async with bench(cluster, tmp_path, change={"timeout": 0.4}) as b:
        b.breaks(Fault(after=after, stall=True))
        with anyio.fail_after(BOUND), pytest.raises(errors.TimeoutError, match=r"within 0\.4 s for") as caught:
            await call(b.client)
        assert "look before you repeat" in caught.value.hint
        assert b.sent == 1


async def test_a_slow_answer_within_the_time_is_fine(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with bench(cluster, tmp_path, change={"timeout": BOUND}) as b:
        b.breaks(Fault(bytes_per_second=20_000))
        assert (await get(b.client))["kind"] == "ConfigMap"


async def test_a_slow_answer_beyond_the_time_is_not(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with bench(cluster, tmp_path, change={"timeout": 0.4}) as b:
        b.breaks(Fault(bytes_per_second=100))
        with anyio.fail_after(BOUND), pytest.raises(errors.TimeoutError):
            await get(b.client)


async def test_leaving_a_stalled_request_closes_its_connection(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with bench(cluster, tmp_path) as b:
        b.breaks(Fault(after=10, stall=True))
        with anyio.move_on_after(0.3) as scope:
            await get(b.client)
        assert scope.cancelled_caught
        await disconnected(b.proxy)


# -- bytes that are not HTTP, or not what was asked for -------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(b"\x00\x01\x02garbage\r\n\r\n", id="no http"),
        pytest.param(b"HTTP/1.1 abc OK\r\n\r\n", id="no code"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}", id="no length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", id="no chunk size"),
        pytest.param(b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n", id="no header"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000, id="an endless head"),
    ],
)
async def test_an_answer_that_is_no_http(cluster: ExternalCluster, tmp_path: Path, reply: Any) -> None:
    async with bench(cluster, tmp_path) as b:
        b.breaks(Fault(reply=reply))
        with anyio.fail_after(BOUND), pytest.raises(errors.ProtocolError, match="cannot be read"):
            await create(b.client)
        assert b.sent == 1


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        pytest.param(answer(b"", JSON_TYPE), "answer is empty", id="nothing"),
        pytest.param(answer(OBJECT[:20], JSON_TYPE), "not readable", id="half an object"),
        pytest.param(answer(PAGE, "Content-Type: text/html"), "not readable", id="a page"),
        pytest.param(answer(b"[1, 2]", JSON_TYPE), "a JSON list, not an object", id="a list"),
        pytest.param(answer(b"\xff\xfe\x00", JSON_TYPE), "not readable", id="no text"),
        pytest.param(answer(OBJECT, JSON_TYPE, length=20), "not readable", id="a length that is too short"),
    ],
)
async def test_an_answer_that_is_no_object(cluster: ExternalCluster, tmp_path: Path, reply: Any, message: str) -> None:
    async with bench(cluster, tmp_path) as b:
        b.breaks(reply)
        with anyio.fail_after(BOUND), pytest.raises(errors.DecodeError, match=message) as caught:
            await get(b.client)
        assert "<html" not in str(caught.value)
        assert b.sent == 1


async def test_a_list_damaged_in_the_middle(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with bench(cluster, tmp_path, change={"disable_compression": True}) as b:
        b.breaks(Fault(after=800, insert=b'"}}]\x00', end="close"))
        with anyio.fail_after(BOUND), pytest.raises((errors.DecodeError, errors.TransportError)):
            await list_all(b.client)


async def test_a_broken_gzip_body(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with bench(cluster, tmp_path) as b:
        b.breaks(answer(b"\x1f\x8b\x08\x00nonsense", JSON_TYPE, "Content-Encoding: gzip"))
        with anyio.fail_after(BOUND), pytest.raises(errors.DecodeError):
            await get(b.client)


# -- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("call", [get, create])
async def test_RE_15_a_storm_with_retry_after_is_ridden_out(
    cluster: ExternalCluster, tmp_path: Path, code: int, call: Any
) -> None:
    async with bench(cluster, tmp_path) as b:
        storm = status_reply(code, "", "later", retry_after=2)
        b.breaks(lambda number: storm if number < 5 else None)
        with anyio.fail_after(BOUND):
            assert (await call(b.client))["kind"] == "ConfigMap"
        assert b.clock.pauses == [2.0] * 5


async def test_RE_15_a_storm_that_does_not_end(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with bench(cluster, tmp_path) as b:
        b.breaks(status_reply(429, "TooManyRequests", "too many", retry_after=1))
        with anyio.fail_after(BOUND), pytest.raises(errors.TooManyRequestsError, match="too many") as caught:
            await get(b.client)
        assert caught.value.retry_after == 1.0
        assert b.sent == RETRIES + 1


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (400, "BadRequest", errors.BadRequestError),
        (401, "Unauthorized", errors.UnauthorizedError),
        (403, "Forbidden", errors.ForbiddenError),
        (404, "NotFound", errors.NotFoundError),
        (405, "MethodNotAllowed", errors.MethodNotAllowedError),
        (406, "NotAcceptable", errors.NotAcceptableError),
        (409, "AlreadyExists", errors.AlreadyExistsError),
        (409, "Conflict", errors.ConflictError),
        (410, "Gone", errors.ExpiredError),
        (410, "Expired", errors.ExpiredError),
        (413, "RequestEntityTooLarge", errors.RequestEntityTooLargeError),
        (415, "UnsupportedMediaType", errors.UnsupportedMediaTypeError),
        (422, "Invalid", errors.InvalidError),
        (429, "TooManyRequests", errors.TooManyRequestsError),
        (500, "InternalError", errors.InternalServerError),
        (503, "ServiceUnavailable", errors.ServiceUnavailableError),
        (504, "ServerTimeout", errors.ServerTimeoutError),
        (504, "Timeout", errors.GatewayTimeoutError),
        (418, "Teapot", errors.StatusError),
        (409, "", errors.ConflictError),
        (503, "SomethingNew", errors.ServiceUnavailableError),
    ],
)
async def test_a_refusal_with_a_status_is_sent_once_and_has_its_class(
    cluster: ExternalCluster, tmp_path: Path, code: int, reason: str, kind: type[KubeError]
) -> None:
    async with bench(cluster, tmp_path) as b:
        b.breaks(status_reply(code, reason, "the words of the server", name="kube-root-ca.crt"))
        with anyio.fail_after(BOUND), pytest.raises(kind, match="the words of the server") as caught:
            await get(b.client)
        assert type(caught.value) is kind
        assert caught.value.status["code"] == code
        assert caught.value.request.path.endswith("/configmaps/kube-root-ca.crt")
        assert (b.sent, b.clock.pauses) == (1, [])


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("302 Found", errors.StatusError),
        ("400 Bad Request", errors.BadRequestError),
        ("401 Unauthorized", errors.UnauthorizedError),
        ("403 Forbidden", errors.ForbiddenError),
        ("404 Not Found", errors.NotFoundError),
        ("413 Too Large", errors.RequestEntityTooLargeError),
        ("500 Oops", errors.InternalServerError),
        ("502 Bad Gateway", errors.StatusError),
        ("503 Unavailable", errors.ServiceUnavailableError),
        ("504 Gateway Timeout", errors.GatewayTimeoutError),
    ],
)
async def test_RE_18_a_page_of_a_proxy_becomes_a_sentence(
    cluster: ExternalCluster, tmp_path: Path, status: str, kind: type[KubeError]
) -> None:
    async with bench(cluster, tmp_path) as b:
        b.breaks(answer(PAGE, "Content-Type: text/html", status=status))
        with anyio.fail_after(BOUND), pytest.raises(kind) as caught:
            await get(b.client)
        assert "get configmaps/kube-root-ca.crt" in caught.value.message
        assert "<" not in str(caught.value)


async def test_a_short_text_is_shown(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with bench(cluster, tmp_path) as b:
        b.breaks(answer(b"no upstream is healthy", "Content-Type: text/plain", status="503 Unavailable"))
        with anyio.fail_after(BOUND), pytest.raises(errors.ServiceUnavailableError, match="no upstream is healthy"):
            await get(b.client)


async def test_a_refusal_whose_body_breaks_off_is_still_one(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with bench(cluster, tmp_path) as b:
        b.breaks(answer(b'{"kind":"Sta', JSON_TYPE, status="403 Forbidden", length=500))
        with anyio.fail_after(BOUND), pytest.raises(errors.ForbiddenError):
            await get(b.client)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_many_requests_at_once_survive_cuts(cluster: ExternalCluster, tmp_path: Path, tls: bool) -> None:
    async with bench(cluster, tmp_path, tls=tls) as b:

        def every_third(seen: Seen) -> Fault | None:
            return Fault(after=20, end="reset") if seen.number % 3 == 0 else None

        b.proxy.rule = every_third
        found: list[str] = []

        async def one() -> None:
            found.append((await get(b.client))["kind"])

        with anyio.fail_after(3 * BOUND):
            async with anyio.create_task_group() as group:
                for _ in range(30):
                    group.start_soon(one)
        assert found == ["ConfigMap"] * 30
