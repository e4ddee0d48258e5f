from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from kmagic.client.client import AsyncClient
from kmagic.client.pods import AsyncPods
from kmagic.config.client_config import AuthConfig, ClientConfig
from kmagic.errors import ConfigError
from kmagic.models.apps_v1 import Deployment
from kmagic.models.core_v1 import PodSpec
from tests.client.worlds import world
from tests.transport.servers import ScriptedServer

CONFIG = ClientConfig(server="http://server", namespace="shop", auth=AuthConfig(token="hunter2"), context_name="dev")


def client(handler: Callable[..., Any] | None = None) -> tuple[ScriptedServer, AsyncClient]:
    server = ScriptedServer(handler or world())
    return server, AsyncClient(transport=server.transport(CONFIG))


def test_making_a_client_sends_nothing_and_hides_its_credentials() -> None:
    server, made = client()
    made.resource("deploy")
    _ = made.core_v1.pods
    assert server.requests == []
    assert repr(made) == "<AsyncClient of http://server, context dev>"
    assert "hunter2" not in repr(made) + repr(made.config)


def test_namespaces_of_resources() -> None:
    _, made = client()
    assert made.resource("pods").namespace == "shop"
    assert made.resource("pods", namespace=None).namespace is None
    assert made.resource("pods", namespace="x").namespace == "x"
    assert made.core_v1.pods.namespace == "shop"
    assert made.core_v1.pods("x").namespace == "x"
    assert isinstance(made.core_v1.pods("x"), AsyncPods)
    assert made.of(Deployment).namespace == "shop"
    with pytest.raises(TypeError, match="is a part of an object"):
        made.of(PodSpec)


async def test_a_name_is_looked_up_at_the_first_await() -> None:
    def answer(request: Any) -> Any:
        if request.url.path == "/apis/apps/v1/namespaces/shop/deployments/web":
            return httpx.Response(200, json={"kind": "Deployment", "metadata": {"name": "web"}})
        return world()(request)

    server, made = client(answer)
    deployments = made.resource("deploy")
    assert (await deployments.get("web"))["metadata"]["name"] == "web"
    assert len(server.requests) == 3
    await deployments.get("web")
    assert len(server.requests) == 4


async def test_leaving_a_client_closes_it() -> None:
    server, made = client()
    async with made as entered:
        assert entered is made
    assert server.closed == 1


def test_a_kubeconfig_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        AsyncClient(str(tmp_path / "missing"))
