from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from kmagic.client.client import AsyncClient
from kmagic.client.scale import scale_from
from kmagic.errors import DecodeError
from tests.client.worlds import world
from tests.transport.servers import ScriptedServer

SCALE = {
    "kind": "Scale",
    "apiVersion": "autoscaling/v1",
    "metadata": {"name": "web", "namespace": "shop", "resourceVersion": "7"},
    "spec": {"replicas": 3},
    "status": {"replicas": 2, "selector": "app=web"},
}


def client() -> tuple[ScriptedServer, AsyncClient]:
    def answer(request: Any) -> Any:
        if request.url.path.endswith("/scale"):
            return httpx.Response(200, json=SCALE)
        return world()(request)

    server = ScriptedServer(answer)
    return server, AsyncClient(transport=server.transport())


async def test_MI_01_get() -> None:
    server, made = client()
    scale = await made.scales("shop").get("deploy", "web")
    assert (scale.name, scale.namespace, scale.replicas, scale.current, scale.selector) == (
        "web",
        "shop",
        3,
        2,
        "app=web",
    )
    assert server.requests[-1].url.path == "/apis/apps/v1/namespaces/shop/deployments/web/scale"


async def test_MI_01_update_names_the_version_it_was_made_for() -> None:
    server, made = client()
    scales = made.scales("shop")
    await scales.update("deploy", await scales.get("deploy", "web"), replicas=5)
    sent = server.requests[-1]
    assert sent.method == "PUT"
    body = json.loads(sent.content)
    assert (body["spec"], body["metadata"]["resourceVersion"]) == ({"replicas": 5}, "7")


async def test_MI_01_patch() -> None:
    server, made = client()
    await made.scales("shop").patch("deploy", "web", replicas=0, dry_run=True)
    sent = server.requests[-1]
    assert (sent.method, json.loads(sent.content)) == ("PATCH", {"spec": {"replicas": 0}})
    assert sent.url.params["dryRun"] == "All"


@pytest.mark.parametrize(
    ("status", "selector"),
    [
        pytest.param({"selector": "a=b"}, "a=b", id="MI-01 autoscaling"),
        pytest.param({"targetSelector": "a=b", "selector": {"a": "b"}}, "a=b", id="MI-01 extensions and apps beta"),
        pytest.param({"selector": {"b": "2", "a": "1"}}, "a=1,b=2", id="MI-01 a map"),
        pytest.param(None, "", id="MI-01 none"),
    ],
)
def test_kinds_of_scales(status: dict[str, Any] | None, selector: str) -> None:
    assert scale_from({**SCALE, "status": status}).selector == selector


def test_MI_01_another_kind_is_an_error() -> None:
    with pytest.raises(DecodeError, match="expected a Scale and got Pod"):
        scale_from({"kind": "Pod"})
