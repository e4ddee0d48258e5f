"""A kind that is defined by its model, on both servers."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from kmagic import errors
from kmagic.api.model import Model
from kmagic.client import definition_of
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from kmagic.models.meta_v1 import ObjectMeta
from tests.conformance.conftest import established

MARK = uuid.uuid4().hex[:8]
GROUP = f"g{MARK}.example.com"


class Port(Model, kw_only=True):
    """One port."""

    port: int
    name: str = "main"


class GizmoSpec(Model, kw_only=True):
    """What is wished."""

    size: Annotated[int, Meta(ge=1, le=10)]
    colour: Literal["red", "green"] = "red"
    replicas: int = 1
    either: int | str | None = None
    ports: Annotated[
        list[Port],
        Meta(extra_json_schema={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port"]}),
    ] = []
    tags: Annotated[set[str], Meta(max_length=5)] = msgspec.field(default_factory=set)
    free: dict[str, Any] = {}


class GizmoStatus(Model, kw_only=True):
    """What there is."""

    replicas: int = 0
    phase: str | None = None


class Gizmo(Model, kw_only=True):
    """A gizmo."""

    resource_info = (GROUP, "v1", f"gizmos{MARK}", True)

    api_version: str = msgspec.field(default_factory=lambda: f"{GROUP}/v1")
    kind: str = msgspec.field(default_factory=lambda: "Gizmo")
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)
    spec: GizmoSpec
    status: GizmoStatus = msgspec.field(default_factory=GizmoStatus)


@pytest.fixture
async def gizmos(client: AsyncClient, ns: str) -> AsyncIterator[AsyncResource[Gizmo]]:
    """The kind, installed and served; for one test, since a definition that is going is not made again at once."""
    definition = definition_of(
        Gizmo,
        columns={"Size": ".spec.size", "Colour": ".spec.colour", "Age": ".metadata.creationTimestamp"},
        scale=(".spec.replicas", ".status.replicas"),
    )
    await client.apply(definition)
    try:
        await established(client, definition["metadata"]["name"])
        yield client.of(Gizmo, ns)
    finally:
        await client.delete(definition)


async def test_a_kind_is_installed_by_its_model_and_used(
    client: AsyncClient, ns: str, gizmos: AsyncResource[Gizmo]
) -> None:
    definition = await client.resource("customresourcedefinitions").get(f"gizmos{MARK}.{GROUP}")
    conditions = {each["type"]: each["status"] for each in definition["status"]["conditions"]}
    assert conditions.get("NonStructuralSchema", "False") == "False"
    made = await gizmos.create(Gizmo(metadata=ObjectMeta(name="a"), spec=GizmoSpec(size=3, ports=[Port(port=80)])))
    assert made.spec == GizmoSpec(size=3, ports=[Port(port=80)])
    plain = await client.resource(f"gizmos{MARK}.{GROUP}", ns).get("a")
    assert plain["spec"]["colour"] == "red"  # the class's default is the server's
    assert plain["spec"]["ports"] == [{"port": 80, "name": "main"}]
    table = await client.tables.get(await gizmos.resolve(), ns)
    assert [column.name for column in table.columns] == ["Name", "Size", "Colour", "Age"]
    assert table.rows[0].cells[:3] == ("a", 3, "red")
    made.status.phase = "Up"
    assert (await gizmos.update_status(made)).status.phase == "Up"
    assert (await client.scales(ns).patch(f"gizmos{MARK}.{GROUP}", "a", replicas=4)).replicas == 4
    applied = await gizmos.apply(
        {"metadata": {"name": "a"}, "spec": {"size": 3, "ports": [{"port": 81, "name": "b"}]}}, field_manager="other"
    )
    assert [each.port for each in applied.spec.ports] == [80, 81]  # a map by port, as its Meta says
    for spec in ({"size": 11}, {"size": "3"}, {}, {"size": 3, "colour": "blue"}):
        with pytest.raises(errors.InvalidError):
            await gizmos.create({"metadata": {"name": "wrong"}, "spec": spec})
    for either, found in (([], "array"), ({}, "object"), (True, "boolean"), (1.5, "number")):
        with pytest.raises(errors.InvalidError, match=f'spec.either in body must be of type integer,string: "{found}"'):
            await gizmos.create({"metadata": {"name": "wrong"}, "spec": {"size": 3, "either": either}})
    for kept in (5, "50%"):
        made = await gizmos.create({"metadata": {"generateName": "e-"}, "spec": {"size": 1, "either": kept}})
        assert made.spec.either == kept
