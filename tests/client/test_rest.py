from __future__ import annotations

from typing import Any

import httpx
import pytest

from kmagic import errors
from kmagic.api.options import ListOptions
from kmagic.client.hooks import Hooks
from kmagic.client.rest import RESTClient
from kmagic.config.client_config import AuthConfig, ClientConfig, ExecConfig
from kmagic.rest import verbs
from kmagic.rest.resource import APIResource
from kmagic.rest.throttle import Limiter
from tests.transport.servers import InstantClock, ScriptedServer, status, streaming

PODS = APIResource("", "v1", "pods", "Pod", True)
GET = verbs.get(PODS, "a", "x")
POST = verbs.create(PODS, "a", b"{}")
WATCH = verbs.watch(PODS, "a", ListOptions())
OK = httpx.Response(200, json={"a": 1})
BUSY = {"retry-after": "3"}


def client(*answers: Any, config: Any = None, **more: Any) -> tuple[ScriptedServer, InstantClock, RESTClient]:
    server = ScriptedServer(*answers)
    clock = InstantClock()
    return server, clock, RESTClient(server.transport(config), clock=clock, **more)


@pytest.mark.parametrize(
    "request_", [pytest.param(GET, id="RE-04 get"), pytest.param(POST, id="RE-04 RE-06 post is sent again")]
)
@pytest.mark.parametrize("code", [429, 500, 503, 504])
async def test_RE_04_a_busy_server_is_asked_again(request_: Any, code: int) -> None:
    server, clock, rest = client(status("TooManyRequests", code, headers=BUSY), OK)
    assert (await rest.execute(request_)).status == 200
    assert clock.slept == [3.0]
    assert len({sent.content for sent in server.requests}) == 1


async def test_RE_03_after_ten_retries_the_last_refusal_is_raised() -> None:
    server, clock, rest = client(status("TooManyRequests", 429, headers=BUSY))
    with pytest.raises(errors.TooManyRequestsError):
        await rest.execute(GET)
    assert (len(server.requests), len(clock.slept)) == (11, 10)


async def test_RE_04_without_retry_after_a_refusal_is_final() -> None:
    server, _, rest = client(status("InternalError", 500))
    with pytest.raises(errors.InternalServerError):
        await rest.execute(GET)
    assert len(server.requests) == 1


async def test_RE_05_a_read_survives_a_reset_and_a_write_does_not() -> None:
    server, clock, rest = client(httpx.ReadError("reset"), OK)
    assert (await rest.execute(GET)).status == 200
    assert clock.slept == [1.0]
    server, _, rest = client(httpx.ReadError("reset"), OK)
    with pytest.raises(errors.TransportError):
        await rest.execute(POST)
    assert len(server.requests) == 1


async def test_RE_05_a_refused_connection_is_reported_at_once() -> None:
    server, _, rest = client(httpx.ConnectError("refused"))
    with pytest.raises(errors.ConnectError):
        await rest.execute(GET)
    assert len(server.requests) == 1


async def test_RE_08_an_error_after_a_retry_says_what_was_before() -> None:
    _, _, rest = client(status("TooManyRequests", 429, "slow down", headers=BUSY), status("NotFound", 404, "gone"))
    with pytest.raises(errors.NotFoundError, match="gone - error from a previous attempt: slow down"):
        await rest.execute(GET)


async def test_RE_02_a_watch_does_not_wait_for_the_limiter_but_its_retries_do() -> None:
    server, clock, rest = client(
        status("TooManyRequests", 429, headers=BUSY), streaming(b""), limiter=Limiter(qps=1, burst=1)
    )
    rest._limiter.reserve(clock.now())
    async with rest.stream(WATCH):
        pass
    assert clock.slept == [3.0]
    assert len(server.requests) == 2


async def test_RE_01_the_limiter_spaces_requests() -> None:
    throttled = []
    hooks = Hooks(on_throttled=lambda request, seconds: throttled.append(seconds))
    _, clock, rest = client(OK, limiter=Limiter(qps=2, burst=1), hooks=hooks)
    for _ in range(3):
        await rest.execute(GET)
    assert clock.slept == throttled == [0.5, 0.5]


async def test_RE_01_without_a_limiter_nothing_waits() -> None:
    _, clock, rest = client(OK)
    for _ in range(50):
        await rest.execute(GET)
    assert clock.slept == []


async def test_RE_07_hooks_are_called_in_order() -> None:
    seen = []
    hooks = Hooks(
        on_sent=lambda request: seen.append("sent"),
        on_result=lambda request, code, seconds, attempt: seen.append(("result", code, attempt)),
        on_retry=lambda request, code, seconds, attempt: seen.append(("retry", code, seconds, attempt)),
    )
    _, _, rest = client(status("TooManyRequests", 429, headers=BUSY), OK, hooks=hooks)
    await rest.execute(GET)
    assert seen == ["sent", ("result", 429, 0), ("retry", 429, 3.0, 0), "sent", ("result", 200, 1)]


async def test_a_hook_that_guards_may_refuse_before_anything_is_sent() -> None:
    def guard(request: Any) -> None:
        if request.changes:
            raise errors.ProtectedError("this target is read-only")

    server, _, rest = client(OK, hooks=Hooks(guard=guard))
    await rest.execute(GET)
    with pytest.raises(errors.ProtectedError):
        await rest.execute(POST)
    assert len(server.requests) == 1


async def test_RE_20_warnings_come_once_each_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    answer = httpx.Response(200, json={}, headers={"Warning": '299 - "v1beta1 is deprecated"'})
    _, _, rest = client(answer)
    await rest.execute(GET)
    await rest.execute(GET)
    assert [record.message for record in caplog.records] == ["v1beta1 is deprecated"]


async def test_RE_20_a_handler_gets_every_warning() -> None:
    texts = []
    answer = httpx.Response(200, json={}, headers={"Warning": '299 - "a", 299 - "b"'})
    _, _, rest = client(answer, hooks=Hooks(on_warning=texts.append))
    await rest.execute(GET)
    assert texts == ["a", "b"]


@pytest.mark.parametrize(
    ("auth", "hint"),
    [
        (AuthConfig(token="t"), 'the credentials of user "jane" are wrong or expired: log in again'),
        (
            AuthConfig(exec=ExecConfig(command="/usr/bin/aws", api_version="client.authentication.k8s.io/v1", interactive_mode="Never")),
            "log in again with aws",
        ),
        (AuthConfig(), 'the configuration of user "jane" holds no credentials'),
    ],
)  # fmt: skip
async def test_an_expired_login_says_how_to_log_in(auth: Any, hint: str) -> None:
    from kmagic.transport.auth import FixedHeader
    from kmagic.transport.http import Transport

    config = ClientConfig(server="http://server", auth=auth, user_name="jane")
    server = ScriptedServer(status("Unauthorized", 401, "Unauthorized"))
    rest = RESTClient(Transport(config, http=server, authenticator=FixedHeader("Bearer secret-token")))
    with pytest.raises(errors.UnauthorizedError) as caught:
        await rest.execute(GET)
    assert hint in caught.value.hint
    assert "secret-token" not in str(caught.value)


async def test_RE_10_a_timeout_bounds_all_attempts() -> None:
    import anyio

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: Any) -> None:
            await anyio.sleep_forever()

    from kmagic.transport.http import Transport

    config = ClientConfig(server="http://server", timeout=0.05)
    rest = RESTClient(Transport(config, http=Slow()))
    with pytest.raises(errors.TimeoutError, match=r"no answer from http://server within 0\.05 s for: get pods/x"):
        await rest.execute(GET)


async def test_WS_01_a_stream_that_is_refused_raises_before_its_first_chunk() -> None:
    _, _, rest = client(status("Expired", 410))
    with pytest.raises(errors.ExpiredError):
        async with rest.stream(WATCH):
            pytest.fail("it is not open")


async def test_a_refusal_whose_body_breaks_off_is_still_a_refusal() -> None:
    _, _, rest = client(streaming(b'{"kind":', httpx.ReadError("x"), code=404))
    with pytest.raises(errors.NotFoundError):
        await rest.execute(GET)


async def test_a_refusal_without_an_end_is_still_a_refusal() -> None:
    endless = streaming(*[b"x" * (1 << 20)] * 5, httpx.ReadError("read too far"), code=403)
    _, _, rest = client(endless)
    with pytest.raises(errors.ForbiddenError):
        await rest.execute(GET)
    assert endless.stream.closed


async def test_a_refusal_whose_compressed_body_is_broken_is_still_a_refusal() -> None:
    _, _, rest = client(streaming(b"nonsense", code=403, headers={"content-encoding": "gzip"}))
    with pytest.raises(errors.ForbiddenError):
        await rest.execute(GET)


async def test_RE_09_a_watch_that_is_never_answered_is_an_error_and_not_an_empty_stream() -> None:
    # client-go gives an empty watch after EOF; here whoever follows decides, and the reflector does.
    for answer, kind in (
        (status("Forbidden", 403), errors.ForbiddenError),
        (httpx.ReadError("EOF"), errors.TransportError),
    ):
        _, _, rest = client(answer, max_retries=1)
        with pytest.raises(kind):
            async with rest.stream(WATCH):
                pytest.fail("it is not open")
