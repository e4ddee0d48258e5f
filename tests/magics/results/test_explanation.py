"""Finding what a word means: types with and without their group, versions, and schemas published a moment later."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kmagic.client.client import AsyncClient
from kmagic.errors import NoMatchError, NotFoundError
from kmagic.magics.results.explanation import NoFieldError, explain
from tests.client.worlds import NAMED, WIDGETS, world
from tests.transport.servers import InstantClock, ScriptedServer


def schema(group: str, version: str, kind: str, **properties: Any) -> dict[str, Any]:
    return {
        "properties": {"kind": {"type": "string"}} | properties,
        "x-kubernetes-group-version-kind": [{"group": group, "version": version, "kind": kind}],
    }


EVENTS = schema(
    "events.k8s.io", "v1", "Event", regarding={"type": "object", "properties": {"name": {"type": "string"}}}
)
DOCUMENTS = {
    "api/v1": [schema("", "v1", "Event", involvedObject={"type": "object"})],
    "apis/events.k8s.io/v1": [EVENTS],
    "apis/autoscaling/v1": [schema("autoscaling", "v1", "HorizontalPodAutoscaler", old={"type": "string"})],
    "apis/autoscaling/v2": [schema("autoscaling", "v2", "HorizontalPodAutoscaler", new={"type": "string"})],
    "apis/example.com/v1": [schema("example.com", "v1", "Widget", **{"example.com/size": {"type": "integer"}})],
}


class Publishing(ScriptedServer):
    """A server with schemas; that of Widget is there from the third look on."""

    def __init__(self, *, widgets: bool = True) -> None:
        super().__init__(self.answer)
        self.discovery = world([*NAMED, WIDGETS])
        self.widgets = widgets
        self.looks = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/openapi/v3":
            self.looks += 1
            there = [path for path in DOCUMENTS if "example" not in path or (self.widgets and self.looks > 2)]
            return httpx.Response(
                200, json={"paths": {path: {"serverRelativeURL": f"/{path}?hash=A"} for path in there}}
            )
        if (path := request.url.path.strip("/")) in DOCUMENTS:
            schemas = {f"s{at}": each for at, each in enumerate(DOCUMENTS[path])}
            return httpx.Response(200, json={"components": {"schemas": schemas}})
        found: httpx.Response = self.discovery(request)
        return found


def client_of(server: ScriptedServer) -> AsyncClient:
    return AsyncClient(transport=server.transport(), clock=InstantClock())


@pytest.mark.parametrize(
    ("word", "version", "path", "fields"),
    [
        pytest.param("events", "", "events", ["involvedObject", "kind"], id="the core group first"),
        pytest.param("ev.", "", "events", ["involvedObject", "kind"], id="a short name and a dot too many"),
        pytest.param("events.events.k8s.io", "", "events", ["kind", "regarding"], id="with its group"),
        pytest.param("events.events.k8s.io.regarding", "", "events.regarding", ["name"], id="group and field"),
        pytest.param("Event.regarding", "events.k8s.io/v1", "events.regarding", ["name"], id="a kind of a version"),
        pytest.param("hpa", "", "horizontalpodautoscalers", ["kind", "new"], id="the preferred version"),
        pytest.param("hpa", "autoscaling/v1", "horizontalpodautoscalers", ["kind", "old"], id="another version"),
        pytest.param("widgets.example\\.com/size", "", "widgets.example.com/size", [], id="a dot in a name"),
    ],
)
async def test_a_word_is_a_type_and_a_path(word: str, version: str, path: str, fields: list[str]) -> None:
    kind, asked = await explain(client_of(Publishing()), word, version)
    assert asked.path == path
    assert list(asked.fields) == fields
    assert kind.name == ""
    assert kind.api_version == asked.api_version


async def test_a_schema_that_is_published_a_moment_later_is_waited_for() -> None:
    server = Publishing()
    _, asked = await explain(client_of(server), "wi")
    assert asked.kind == "Widget"
    assert server.looks == 3


@pytest.mark.parametrize(
    ("word", "version", "error", "says"),
    [
        (
            "events.regardin",
            "events.k8s.io/v1",
            NoFieldError,
            r"events has no field 'regardin'; did you mean regarding\?",
        ),
        ("events.zzz", "", NoFieldError, "events has no field 'zzz'; there are involvedObject, kind"),
        ("events.kind.zzz", "", NoFieldError, "events.kind is of type string and has no fields below it"),
        ("hpa", "autoscaling/v9", NoMatchError, 'for "autoscaling/v9, Resource=horizontalpod'),
        ("evnts", "", NoMatchError, "evnts"),
        ("nodes", "", NotFoundError, "no schema for Node in v1"),
        ("widgets", "", NotFoundError, "no OpenAPI document for example.com/v1"),
    ],
)
async def test_what_is_not_there_is_said(word: str, version: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        await explain(client_of(Publishing(widgets=False)), word, version)
