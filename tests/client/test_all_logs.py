from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from kmagic import errors
from kmagic.client import all_logs
from kmagic.client.logs import LogOptions
from kmagic.client.pods import AsyncPods
from kmagic.client.rest import RESTClient
from kmagic.models.core_v1 import Pod
from kmagic.rest.resource import APIResource
from tests.cluster.kwok_config import LOG_LINES
from tests.transport.servers import InstantClock, ScriptedServer, status, streaming

PODS = APIResource("", "v1", "pods", "Pod", True)
WAITING = status("BadRequest", 400, 'container "late" in pod "p" is waiting to start: PodInitializing')
SUCCEEDED = httpx.Response(200, json={"spec": {}, "status": {"phase": "Succeeded"}})


def line(second: int, text: str) -> bytes:
    return f"2026-01-01T00:00:{second:02d}.5Z {text}\n".encode()


def world(*, pod: Callable[..., Any] | None = None, **logs: Any) -> RESTClient:
    """Each container's answers in order; the Pod has ended when it is looked at, if it does not say otherwise."""

    def answer(request: Any) -> Any:
        if not request.url.path.endswith("/log"):
            return pod(request) if pod else SUCCEEDED
        answers = logs[request.url.params["container"]]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    return RESTClient(ScriptedServer(answer).transport(), clock=InstantClock(), max_retries=0)


async def read(client: RESTClient, *containers: Any, **options: Any) -> list[str]:
    log = await all_logs.read_all(client, PODS, "a", "p", containers, LogOptions(**options))
    return log.decode().splitlines()


async def follow(client: RESTClient, *containers: Any) -> list[bytes]:
    return [item async for item in all_logs.follow_all(client, PODS, "a", "p", containers, LogOptions())]


async def test_logs_are_merged_by_time() -> None:
    client = world(
        a=[httpx.Response(200, content=line(1, "one") + b"  no time\n" + line(4, "four"))],
        b=[httpx.Response(200, content=line(2, "two") + line(3, "three")[:-1])],
    )
    marked = ["[pod/p/a] one", "[pod/p/a]   no time", "[pod/p/b] two", "[pod/p/b] three", "[pod/p/a] four"]
    assert await read(client, "a", "b") == marked
    assert (await read(client, "a", "b", timestamps=True))[0] == "[pod/p/a] 2026-01-01T00:00:01.5Z one"


async def test_a_container_that_waits_has_no_log_yet_but_any_other_refusal_is_told() -> None:
    client = world(a=[httpx.Response(200, content=line(1, "one"))], late=[WAITING], no=[status("Forbidden", 403)])
    assert await read(client, "a", "late") == ["[pod/p/a] one"]
    with pytest.raises(errors.ForbiddenError):
        await read(client, "a", "no")
    with pytest.raises(errors.ForbiddenError):
        await follow(client, "late", "no")


async def test_all_are_followed_and_one_that_did_not_start_is_waited_for() -> None:
    looked = []

    def pod(request: Any) -> Any:
        looked.append(request)
        started = {"name": "late", "state": {"waiting": {}} if len(looked) == 1 else {"terminated": {"exitCode": 0}}}
        ended = {"name": "a", "state": {"terminated": {"exitCode": 0}}}
        spec = {"initContainers": [{"name": "a"}, {"name": "late"}]}
        return httpx.Response(200, json={"spec": spec, "status": {"initContainerStatuses": [ended, started]}})

    client = world(a=[streaming(line(1, "one"), line(2, "two"))], late=[WAITING, streaming(line(3, "three"))], pod=pod)
    assert sorted(await follow(client, "late", "a")) == [b"[pod/p/a] one", b"[pod/p/a] two", b"[pod/p/late] three"]


def test_containers_in_the_order_they_start() -> None:
    spec = {
        "containers": [{"name": "b"}, {"name": "c"}],
        "initContainers": [{"name": "a"}],
        "ephemeralContainers": [{"name": "d"}],
    }
    assert all_logs.container_names(Pod.from_dict({"spec": spec})) == ("a", "b", "c", "d")


async def test_both_containers_of_a_real_pod(pods: AsyncPods) -> None:
    wanted = [f"[pod/web-0/{container}] {text}" for text in LOG_LINES for container in ("main", "side")]
    assert sorted((await pods.logs("web-0", all_containers=True)).splitlines()) == sorted(wanted)
    seen = []
    async with aclosing(pods.logs("web-0", all_containers=True, follow=True)) as lines:
        async for text in lines:
            seen.append(text)
            if len(seen) == len(wanted):
                break
    assert sorted(seen) == sorted(wanted)
    with pytest.raises(ValueError, match="exclude each other"):
        pods.logs("web-0", container="main", all_containers=True)
