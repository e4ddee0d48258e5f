from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from kmagic.client.client import AsyncClient
from kmagic.client.mapped import path_is_gone
from kmagic.errors import NotFoundError
from tests.client.worlds import group, resource, world
from tests.transport.servers import InstantClock, ScriptedServer


@pytest.mark.parametrize(
    ("status", "gone"),
    [
        pytest.param({}, True, id="B14 no details"),
        pytest.param({"details": {"group": "example.com", "kind": "foos"}}, True, id="B14 the path alone"),
        pytest.param({"details": {"name": "a", "kind": "foos"}}, False, id="B14 the object"),
        pytest.param(
            {"details": {"name": "a", "causes": [{"reason": "UnexpectedServerResponse"}]}}, True, id="B14 not a Status"
        ),
    ],
)
def test_what_a_404_is_about(status: dict[str, Any], gone: bool) -> None:
    assert path_is_gone(NotFoundError("none", status=status)) is gone


def served(scope: str) -> Callable[..., Any]:
    foos = resource("foos", "Foo", scope=scope)
    return world([group("example.com", ("v1", "Current", [foos]))])


async def test_a_request_is_made_anew_once_and_only_where_it_goes_elsewhere() -> None:
    answers = {"world": served("Namespaced"), "at": "/apis/example.com/v1/namespaces/shop/foos/a"}

    def answer(request: Any) -> Any:
        path = request.url.path
        if path == answers["at"]:
            return httpx.Response(200, json={"kind": "Foo", "metadata": {"name": "a"}})
        return answers["world"](request)

    server, clock = ScriptedServer(answer), InstantClock()
    client = AsyncClient(transport=server.transport(), clock=clock)
    foos = client.resource("foos", "shop")
    await foos.get("a")
    answers["at"] = ""
    asked = len(server.requests)
    with pytest.raises(NotFoundError):
        await foos.get("a")
    assert [request.url.path.rpartition("/")[2] for request in server.requests[asked:]] == ["a", "api", "apis"]
    answers |= {"world": served("Cluster"), "at": "/apis/example.com/v1/foos/a"}
    assert (await foos.get("a"))["metadata"]["name"] == "a"
