"""Which Pod is taken: kubectl's own order, asked for in a Go program's words where it is not obvious."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from httpx import Request, Response

from kmagic.client.client import AsyncClient
from kmagic.client.pods_of import (
    by_activity,
    by_logging,
    is_ready,
    most_active,
    pod_named,
    pod_selector,
    pods_of,
    require_some,
    selecting,
    state_of,
)
from kmagic.client.rest import RESTClient
from kmagic.errors import BadRequestError, NotFoundError
from tests.transport.servers import InstantClock, ScriptedServer


def pod(
    name: str,
    phase: str = "Running",
    *,
    node: str = "n",
    ready: str = "",
    born: str = "2026-01-01T00:00:00Z",
    deleted: str = "",
    restarts: int = 0,
    reason: str = "",
) -> dict[str, Any]:
    metadata = {"name": name, "creationTimestamp": born} | ({"deletionTimestamp": deleted} if deleted else {})
    conditions = [{"type": "Ready", "status": "True", "lastTransitionTime": ready}] if ready else []
    status = {"phase": phase, "conditions": conditions, "containerStatuses": [{"restartCount": restarts}]}
    return {
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"nodeName": node},
        "status": status | ({"reason": reason} if reason else {}),
    }


EARLY, LATE = "2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z"

# In the order in which one goes into them; each differs from the next in what kubectl looks at next.
ACTIVE = [
    pod("ready for long", ready=EARLY),
    pod("ready", ready=LATE),
    pod("ready, restarted", ready=LATE, restarts=1),
    pod("ready, younger", ready=LATE, restarts=1, born=LATE),
    pod("ready, going late", ready=EARLY, deleted=LATE),
    pod("ready, going soon", ready=EARLY, deleted=EARLY),
    pod("running"),
    pod("running, going", deleted=EARLY),
    pod("unknown", "Unknown"),
    pod("pending", "Pending"),
    pod("evicted", "Failed", restarts=3),
    pod("on no node", "Pending", node=""),
]
TELLING = [
    pod("ready for long", ready=EARLY),
    pod("ready, restarted", ready=LATE, restarts=2),
    pod("ready", ready=LATE),
    pod("crashing", restarts=9),
    pod("failed", "Failed"),
    pod("failed later", "Failed", born=LATE),
    pod("unknown", "Unknown"),
    pod("pending", "Pending"),
    pod("on no node", "Pending", node=""),
]


@pytest.mark.parametrize(("order", "expected"), [(by_activity, ACTIVE), (by_logging, TELLING)])
def test_the_order_is_kubectls(order: Callable[..., Any], expected: list[dict[str, Any]]) -> None:
    names = [each["metadata"]["name"] for each in expected]
    for left, right in itertools.combinations(expected, 2):
        assert order([right, left]) == [left, right]
    assert [each["metadata"]["name"] for each in order(reversed(expected))] == names


def test_nobody_goes_into_a_pod_that_has_ended() -> None:
    evicted, running = pod("old", "Failed", reason="Evicted"), pod("new")
    assert most_active([evicted, running], "enter") is running
    said = r"cannot enter a completed pod; current phase is Failed \(Evicted\): old"
    with pytest.raises(BadRequestError, match=said):
        most_active([evicted], "enter")


def test_who_selects_pods() -> None:
    def owner(kind: str, **spec: Any) -> dict[str, Any]:
        return {"kind": kind, "metadata": {"name": "x"}, "spec": spec}

    assert pod_selector(owner("Service", selector={"app": "web", "b": "c"})) == "app=web,b=c"
    assert pod_selector(owner("Deployment", selector={"matchLabels": {"app": "web"}})) == "app=web"
    assert pod_selector(owner("Rollout", selector={"matchLabels": {"app": "web"}}, template={})) == "app=web"
    for nothing in (
        owner("Service"),
        owner("ConfigMap"),
        owner("PersistentVolumeClaim", selector={"matchLabels": {"disk": "fast"}}),
    ):
        with pytest.raises(ValueError, match="selects no Pods"):
            pod_selector(nothing)


@pytest.mark.parametrize(
    ("name", "resource"),
    [("web-0", "pods"), ("po/web-0", "pods"), ("deploy/web-0", "deployments"), ("rc/web-0", "replicationcontrollers")],
)
def test_names_are_read_as_kubectl_reads_them(name: str, resource: str) -> None:
    found, own = selecting(name)
    assert (found.resource, own) == (resource, "web-0")


@pytest.mark.parametrize("name", ["cm/a", "deploy/", "/a", "a/b/c"])
def test_what_is_no_pod_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is neither a Pod nor <type>/<name>"):
        selecting(name)


def test_states_in_a_word() -> None:
    assert state_of(pod("a", "Failed", reason="Evicted")) == "Evicted"
    assert state_of(pod("a", "Pending")) == "Pending, not ready"
    assert state_of(pod("a", deleted=EARLY)) == "Terminating"
    assert (is_ready(pod("a", ready=EARLY)), is_ready(pod("a", ready=EARLY, deleted=EARLY))) == (True, False)


class World:
    def __init__(self, *pods: Any) -> None:
        self.pods = pods
        self.server = ScriptedServer(self.answer)
        self.rest = RESTClient(self.server.transport(), clock=InstantClock())

    def answer(self, request: Request) -> Response:
        if request.url.path.endswith("/pods"):
            return httpx.Response(200, json={"kind": "PodList", "metadata": {}, "items": list(self.pods)})
        owner = {
            "kind": "Deployment",
            "metadata": {"name": "web"},
            "spec": {"selector": {"matchLabels": {"app": "web"}}},
        }
        return httpx.Response(200, json=owner)


async def test_a_workload_is_its_most_active_pod_and_a_pod_is_not_looked_at() -> None:
    world = World(pod("old", "Failed"), pod("new", ready=LATE))
    assert await pod_named(world.rest, "shop", "deploy/web", "enter") == "new"
    asked = len(world.server.requests)
    assert await pod_named(world.rest, "shop", "pod/any", "enter") == "any"
    assert len(world.server.requests) == asked
    with pytest.raises(NotFoundError, match="no Pods match app=web in namespace shop"):
        await pod_named(World().rest, "shop", "deploy/web", "enter")


async def test_exec_attach_and_copy_take_a_workload() -> None:
    world = World(pod("old", "Failed", reason="Evicted"))
    pods = AsyncClient(transport=world.server.transport(), clock=InstantClock()).core_v1.pods("shop")
    with pytest.raises(BadRequestError, match="cannot exec into a container in a completed pod"):
        await pods.exec("deploy/web", ["id"])
    with pytest.raises(BadRequestError, match="cannot exec into a container in a completed pod"):
        await pods.copy_from("deploy/web", "/etc/hosts", "x")
    with pytest.raises(BadRequestError, match="cannot attach a container in a completed pod"):
        async with pods.attach("deploy/web"):
            pass


async def test_pods_of_a_pod_are_itself_and_none_is_an_error() -> None:
    one = pod("a")
    assert await pods_of(
        AsyncClient(transport=World().server.transport(), clock=InstantClock()).resource("pods", "shop"), one
    ) == [one]
    with pytest.raises(NotFoundError, match="no Pods match app=x\n"):
        require_some([], "app=x", None)
