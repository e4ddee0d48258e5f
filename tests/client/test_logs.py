from __future__ import annotations

from typing import Any

import httpx
import pytest
from httpx import Response

from kmagic import errors
from kmagic.client import logs
from kmagic.client.logs import LogOptions
from kmagic.client.rest import RESTClient
from kmagic.rest.resource import APIResource
from tests.transport.servers import InstantClock, ScriptedServer, status, streaming

PODS = APIResource("", "v1", "pods", "Pod", True)
RUNNING = httpx.Response(
    200, json={"spec": {}, "status": {"containerStatuses": [{"name": "c", "state": {"running": {}}}]}}
)
DONE = {"phase": "Succeeded"}


def line(second: int, text: str) -> bytes:
    return f"2026-01-01T00:00:{second:02d}.5Z {text}\n".encode()


def ended(policy: str = "Never", code: int = 0, phase: str = "Running") -> Response:
    state = {"terminated": {"exitCode": code}}
    return httpx.Response(
        200,
        json={
            "spec": {"restartPolicy": policy},
            "status": {"phase": phase, "containerStatuses": [{"name": "c", "state": state}]},
        },
    )


def rest(*answers: Any) -> tuple[ScriptedServer, InstantClock, RESTClient]:
    server, clock = ScriptedServer(*answers), InstantClock()
    return server, clock, RESTClient(server.transport(), clock=clock, max_retries=0)


async def follow(client: RESTClient, **options: Any) -> list[str]:
    return [item.decode() async for item in logs.follow(client, PODS, "a", "p", LogOptions(**options))]


async def test_the_whole_log() -> None:
    server, _, client = rest(httpx.Response(200, content=b"a\nb\n"))
    assert await logs.read(client, PODS, "a", "p", LogOptions(container="c", tail_lines=0, previous=True)) == b"a\nb\n"
    assert dict(server.requests[0].url.params) == {"container": "c", "previous": "true", "tailLines": "0"}


async def test_a_log_that_ends_with_its_container() -> None:
    server, _, client = rest(streaming(line(1, "a"), line(2, "b")), ended())
    assert await follow(client) == ["a", "b"]
    assert dict(server.requests[0].url.params) == {"timestamps": "true", "follow": "true"}


async def test_lines_in_pieces_and_a_last_line_without_end() -> None:
    body = line(1, "first") + line(2, "second")[:-1]
    _, _, client = rest(streaming(*(body[at : at + 3] for at in range(0, len(body), 3))), ended())
    assert await follow(client) == ["first", "second"]


async def test_a_cut_log_goes_on_without_a_lost_or_doubled_line() -> None:
    first = streaming(line(1, "a"), line(2, "b"), line(2, "b"), line(3, "torn")[:-2], httpx.ReadError("cut"))
    second = streaming(line(2, "b"), line(2, "b"), line(3, "torn"), line(4, "c"))
    server, clock, client = rest(first, RUNNING, second, ended())
    assert await follow(client, tail_lines=5) == ["a", "b", "b", "torn", "c"]
    again = dict(server.requests[2].url.params)
    assert again == {"sinceTime": "2026-01-01T00:00:02Z", "timestamps": "true", "follow": "true"}
    assert clock.slept == [1.0]


async def test_a_stream_that_ends_in_silence_is_opened_again_while_the_container_runs() -> None:
    # The server's four hours, or a load balancer that closes in order.
    _, _, client = rest(streaming(line(1, "a")), RUNNING, streaming(line(1, "a"), line(2, "b")), ended())
    assert await follow(client) == ["a", "b"]


async def test_a_torn_line_at_an_orderly_end_comes_once_and_whole() -> None:
    _, _, client = rest(
        streaming(line(1, "a"), line(2, "whole")[:-4]), RUNNING, streaming(line(1, "a"), line(2, "whole")), ended()
    )
    assert await follow(client) == ["a", "whole"]


async def test_a_restarted_container_is_followed() -> None:
    waiting = status("BadRequest", 400, 'container "c" in pod "p" is waiting to start: CrashLoopBackOff')
    _, _, client = rest(
        streaming(line(1, "a")), ended("Always", 1), waiting, RUNNING, streaming(line(9, "b")), ended("Never")
    )
    assert await follow(client) == ["a", "b"]


@pytest.mark.parametrize(
    ("answer", "over"),
    [
        (ended("Never", 1), True),
        (ended("OnFailure", 0), True),
        (ended("Always", 0, phase="Failed"), True),
        (status("NotFound", 404), True),
    ],
)
async def test_when_a_log_is_over(answer: Any, over: bool) -> None:
    server, _, client = rest(streaming(line(1, "a")), answer)
    assert await follow(client) == ["a"]
    assert len(server.requests) == 2


async def test_the_first_refusal_is_raised() -> None:
    _, _, client = rest(status("NotFound", 404, 'pods "p" not found'))
    with pytest.raises(errors.NotFoundError):
        await follow(client)
    _, _, client = rest(httpx.ConnectError("refused"))
    with pytest.raises(errors.ConnectError):
        await follow(client)


async def test_a_server_that_is_away_for_a_moment() -> None:
    answers = [
        streaming(line(1, "a"), httpx.ReadError("x")),
        httpx.ConnectError("refused"),
        httpx.ConnectError("refused"),
    ]
    _, clock, client = rest(*answers, RUNNING, streaming(line(1, "a"), line(2, "b")), ended())
    assert await follow(client) == ["a", "b"]
    assert clock.slept == [1.0, 1.0]


async def test_timestamps_only_where_asked_for() -> None:
    _, _, client = rest(streaming(line(1, "a")), ended())
    assert await follow(client, timestamps=True) == ["2026-01-01T00:00:01.5Z a"]


def statuses(kind: str, code: int = 0, **spec: Any) -> Any:
    status = {kind: [{"name": "c", "state": {"terminated": {"exitCode": code}}}]}
    return httpx.Response(200, json={"spec": spec, "status": status})


INIT, SIDECAR = {"initContainers": [{"name": "c"}]}, {"initContainers": [{"name": "c", "restartPolicy": "Always"}]}


@pytest.mark.parametrize(
    ("answer", "over"),
    [
        pytest.param(statuses("initContainerStatuses", **INIT), True, id="an init container that succeeded"),
        pytest.param(statuses("initContainerStatuses", 1, **INIT), False, id="one that will be tried again"),
        pytest.param(statuses("initContainerStatuses", 1, restartPolicy="Never", **INIT), True, id="one that will not"),
        pytest.param(statuses("initContainerStatuses", **SIDECAR), False, id="a sidecar"),
        pytest.param(
            statuses("ephemeralContainerStatuses", 1, ephemeralContainers=[{"name": "c"}]), True, id="an ephemeral one"
        ),
    ],
)
async def test_when_the_log_of_another_kind_of_container_is_over(answer: Any, over: bool) -> None:
    server, _, client = rest(streaming(line(1, "a")), answer, streaming(line(1, "a")), status("NotFound", 404))
    assert await follow(client, container="c") == ["a"]
    assert len(server.requests) == (2 if over else 4)
