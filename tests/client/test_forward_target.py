from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from httpx import Request, Response

from kmagic.client.forward_target import OnePod, SelectedPods, forward_target
from kmagic.client.rest import RESTClient
from kmagic.errors import NotFoundError, StreamError
from tests.transport.servers import InstantClock, ScriptedServer, status

WEB = {"app": "web"}


def pod(
    name: str, *, ready: bool = True, born: str = "2026-01-01T00:00:00Z", port: int = 8080, deleted: bool = False
) -> dict[str, Any]:
    found = {
        "metadata": {"name": name, "creationTimestamp": born},
        "spec": {
            "containers": [{"name": "c", "ports": [{"name": "http", "containerPort": port}, {"containerPort": 1}]}]
        },
        "status": {"conditions": [{"type": "Ready", "status": "True" if ready else "False"}]},
    }
    if deleted:
        found["metadata"]["deletionTimestamp"] = born
    return found


def service(*ports: Any, selector: Any = WEB) -> dict[str, Any]:
    return {"kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": selector, "ports": list(ports)}}


class World:
    """Owners by path, and Pods that come and go."""

    def __init__(self, *pods: Any, **owners: Any) -> None:
        self.pods = {item["metadata"]["name"]: item for item in pods}
        self.owners = owners
        self.server = ScriptedServer(self.answer)
        self.rest = RESTClient(self.server.transport(), clock=InstantClock())

    def answer(self, request: Request) -> Response:
        name = request.url.path.rpartition("/")[2]
        if "/pods" not in request.url.path:
            return httpx.Response(200, json=self.owners[name])
        if request.url.path.endswith("/pods"):
            return httpx.Response(200, json={"kind": "PodList", "metadata": {}, "items": list(self.pods.values())})
        return httpx.Response(200, json=self.pods[name]) if name in self.pods else status("NotFound", 404)

    def target(self, name: str) -> OnePod | SelectedPods:
        return forward_target(self.rest, "shop", name)


async def test_a_pod_is_itself_and_its_ports_have_names() -> None:
    target = World(pod("web-0")).target("web-0")
    assert await target.prepare([":http", 5000]) == (":8080", 5000)
    assert await target.pick(8080) == ("web-0", 8080)
    with pytest.raises(NotFoundError):
        await World().target("pod/web-0").prepare([80])


async def test_a_services_port_leads_to_its_target_port() -> None:
    world = World(
        pod("a", port=9000),
        web=service(
            {"port": 80, "targetPort": "http", "name": "main"}, {"port": 443, "targetPort": 8443}, {"port": 53}
        ),
    )
    target = world.target("svc/web")
    assert await target.prepare([":main", 443, 53]) == (":80", 443, 53)
    assert [await target.pick(port) for port in (80, 443, 53)] == [("a", 9000), ("a", 8443), ("a", 53)]
    assert world.server.requests[1].url.params["labelSelector"] == "app=web"
    with pytest.raises(ValueError, match='Service "web" has no port 81, only: 80, 443, 53'):
        await world.target("service/web").prepare([81])


async def test_the_pod_stays_while_it_is_ready_and_is_picked_again_when_it_goes() -> None:
    world = World(
        pod("b", born="2026-01-01T00:00:02Z"), pod("a", born="2026-01-01T00:00:01Z"), web=service({"port": 80})
    )
    target = world.target("svc/web")
    await target.prepare([80])
    assert await target.pick(80) == ("a", 80)
    world.pods["0"] = pod("0", born="2025-01-01T00:00:00Z")
    assert await target.pick(80) == ("a", 80)
    del world.pods["a"], world.pods["0"]
    assert await target.pick(80) == ("b", 80)
    world.pods = {"b": pod("b", ready=False), "c": pod("c")}
    assert await target.pick(80) == ("c", 80)
    world.pods = {"b": pod("b"), "c": pod("c", deleted=True)}
    assert await target.pick(80) == ("b", 80)
    world.pods = {"b": pod("b", ready=False)}
    with pytest.raises(NotFoundError, match=re.escape('none of the 1 Pods behind "web" (app=web) is ready')):
        await target.pick(80)


async def test_what_is_not_ready_says_why() -> None:
    waiting = {"containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff"}}}], "phase": "Pending"}
    unplaced = {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]}
    pods = [pod(f"web-{number}", ready=False) for number in range(5)]
    pods[0]["status"], pods[1]["status"], pods[2]["status"] = waiting, unplaced, {"phase": "Running"}
    world = World(*pods, web=service({"port": 80}))
    said = "web-0 ImagePullBackOff, web-1 Unschedulable, web-2 Running, not ready, …"
    with pytest.raises(NotFoundError, match=re.escape(f'none of the 5 Pods behind "web" (app=web) is ready: {said}')):
        await world.target("svc/web").prepare([80])
    with pytest.raises(StreamError, match=r'Pod "web-0" is not running.*: ImagePullBackOff'):
        await world.target("web-0").prepare([80])


async def test_a_deployments_ports_are_its_pods() -> None:
    selector = {"matchLabels": WEB, "matchExpressions": [{"key": "tier", "operator": "In", "values": ["x", "y"]}]}
    world = World(pod("a"), web={"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"selector": selector}})
    target = world.target("deploy/web")
    assert await target.prepare([":http"]) == (":8080",)
    assert await target.pick(8080) == ("a", 8080)
    assert world.server.requests[0].url.path == "/apis/apps/v1/namespaces/shop/deployments/web"
    assert world.server.requests[1].url.params["labelSelector"] == "app=web,tier in (x,y)"


async def test_what_selects_no_pods() -> None:
    world = World(web=service({"port": 80}, selector=None))
    with pytest.raises(ValueError, match='Service "web" selects no Pods'):
        await world.target("svc/web").prepare([80])
    for name in ("secret/web", "svc/", "a/b/c"):
        with pytest.raises(ValueError, match="is neither a Pod nor <type>/<name>"):
            world.target(name)
