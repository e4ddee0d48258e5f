from __future__ import annotations

import json
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from kmagic import errors
from kmagic.client.codec import DictCodec
from kmagic.client.resource import AsyncResource
from kmagic.client.rest import RESTClient
from kmagic.client.retry_watcher import RetryWatcher
from kmagic.rest.resource import APIResource
from tests.transport.servers import InstantClock, ScriptedServer, status, streaming

PODS = APIResource("", "v1", "pods", "Pod", True)


def event(kind: str, version: str = "", **obj: Any) -> bytes:
    return json.dumps({"type": kind, "object": {"metadata": {"resourceVersion": version}, **obj}}).encode() + b"\n"


def gone() -> bytes:
    return (
        json.dumps({"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}}).encode() + b"\n"
    )


def watcher(*answers: Any, version: str = "5") -> tuple[ScriptedServer, InstantClock, RetryWatcher[Any]]:
    server, clock = ScriptedServer(*answers), InstantClock()
    rest = RESTClient(server.transport(), clock=clock, max_retries=0)
    return server, clock, RetryWatcher(AsyncResource(rest, PODS, DictCodec(), "a"), version)


async def collect(made: RetryWatcher[Any], count: int = 99) -> list[tuple[str, ...]]:
    seen = []
    async with aclosing(made.events()) as events:
        async for item in events:
            seen.append((item.type, item.object["metadata"]["resourceVersion"]))
            if len(seen) == count:
                break
    return seen


def versions(server: ScriptedServer) -> list[str]:
    return [sent.url.params["resourceVersion"] for sent in server.requests]


@pytest.mark.parametrize("version", ["", "0"])
def test_MI_06_a_real_version_is_needed(version: str) -> None:
    with pytest.raises(ValueError, match=f'initial RV "{version}" is not supported'):
        watcher(httpx.Response(200), version=version)


async def test_MI_06_a_watch_that_ends_goes_on_from_the_last_event() -> None:
    server, _, made = watcher(streaming(event("ADDED", "6"), event("MODIFIED", "7")), streaming(event("DELETED", "8")))
    assert await collect(made, 3) == [("ADDED", "6"), ("MODIFIED", "7"), ("DELETED", "8")]
    assert versions(server) == ["5", "7"]


async def test_MI_06_bookmarks_move_on_and_are_not_forwarded() -> None:
    server, _, made = watcher(streaming(event("BOOKMARK", "9")), streaming(event("ADDED", "10")))
    assert await collect(made, 1) == [("ADDED", "10")]
    assert versions(server) == ["5", "9"]
    assert server.requests[0].url.params["allowWatchBookmarks"] == "true"


async def test_MI_06_410_ends_it_wherever_it_comes() -> None:
    _, _, made = watcher(streaming(event("ADDED", "6"), gone()))
    with pytest.raises(errors.ExpiredError):
        await collect(made)
    server, _, made = watcher(status("Expired", 410))
    with pytest.raises(errors.ExpiredError):
        await collect(made)
    assert len(server.requests) == 1


@pytest.mark.parametrize(("reason", "code"), [("Unauthorized", 401), ("Forbidden", 403), ("NotFound", 404)])
async def test_MI_06_refusals_end_it(reason: str, code: int) -> None:
    _, _, made = watcher(status(reason, code))
    with pytest.raises(errors.StatusError) as caught:
        await collect(made)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(httpx.ConnectError("refused"), id="MI-06 refused"),
        pytest.param(httpx.ReadTimeout("slow"), id="MI-06 timeout"),
        pytest.param(status("InternalError", 500), id="MI-06 500"),
        pytest.param(status("TooManyRequests", 429), id="MI-06 429"),
    ],
)
async def test_passing_failures_are_retried(failure: Any) -> None:
    server, clock, made = watcher(failure, streaming(event("ADDED", "6")))
    assert await collect(made, 1) == [("ADDED", "6")]
    assert versions(server) == ["5", "5"]
    assert clock.slept == [1.0]


async def test_MI_06_an_error_event_is_retried_after_its_time() -> None:
    busy = {"kind": "Status", "code": 500, "reason": "InternalError", "details": {"retryAfterSeconds": 7}}
    body = json.dumps({"type": "ERROR", "object": busy}).encode() + b"\n"
    _, clock, made = watcher(streaming(body), streaming(event("ADDED", "6")))
    assert await collect(made, 1) == [("ADDED", "6")]
    assert clock.slept == [7.0]


async def test_MI_06_watches_begin_at_least_a_second_apart() -> None:
    _, clock, made = watcher(streaming(b""), streaming(b""), streaming(event("ADDED", "6")))
    await collect(made, 1)
    assert clock.slept == [1.0, 1.0]
