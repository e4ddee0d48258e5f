"""Schemas to classes, and what the generated classes do with real objects."""

from __future__ import annotations

import importlib
from typing import Any

import msgspec
import pytest

from kmagic.api.model import Model
from kmagic.codegen import models, naming, snapshot
from kmagic.codegen.models import Field, ModelSpec, render_model
from kmagic.models.apps_v1 import Deployment
from kmagic.models.core_v1 import Pod, Secret, Service

SNAPSHOT = snapshot.load()
REF = "#/components/schemas/"


def class_of(schema_name: str) -> type[Model] | None:
    package = SNAPSHOT.package_of(schema_name)
    if package is None:
        return None
    module = importlib.import_module(f"kmagic.models.{naming.module_name(*package)}")
    found: type[Model] | None = getattr(module, naming.class_name(schema_name), None)
    return found


KINDS = {
    f"{kind['group']}/{kind['version']}/{kind['kind']}": name
    for name, schema in SNAPSHOT.schemas.items()
    for kind in schema.get("x-kubernetes-group-version-kind", ())
    if len(schema["x-kubernetes-group-version-kind"]) == 1 and class_of(name)
}


def example(schema: dict[str, Any], inside: tuple[str, ...] = ()) -> Any:
    """An object with every field of the schema said; a schema that holds itself is said once."""
    schema = models._unwrapped(schema)
    if reference := schema.get("$ref"):
        name = reference.removeprefix(REF)
        target = SNAPSHOT.schemas[name]
        if name.endswith("IntOrString"):
            return "50%"
        if name.endswith((".JSON", "RawExtension", "FieldsV1")):
            return {"free": [1, None, {"form": "x"}]}
        if name.endswith("Quantity"):
            return "1500m"
        if target.get("type") != "object":
            return "x" if target.get("type") == "string" else {"x": 1}
        return {} if name in inside else example(target, (*inside, name))
    match schema.get("type"):
        case "array":
            return [example(schema["items"], inside)]
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return {"key": example(schema["additionalProperties"], inside)}
        case "object":
            return {wire: example(inner, inside) for wire, inner in schema.get("properties", {}).items()}
        case "integer":
            return 0
        case "number":
            return 0.5
        case "boolean":
            return False
        case "string":
            return "2026-01-01T00:00:00Z" if schema.get("format") == "date-time" else "eA=="
    return {"any": None}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_field_of_every_kind_comes_back(kind: str) -> None:
    name = KINDS[kind]
    cls = class_of(name)
    assert cls is not None
    group, version, kind_name = kind.split("/")
    wire = example(SNAPSHOT.schemas[name])
    wire |= {"apiVersion": f"{group}/{version}" if group else version, "kind": kind_name}
    assert cls.from_dict(wire).to_dict() == wire


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_empty_object_of_every_kind_has_its_kind(kind: str) -> None:
    cls = class_of(KINDS[kind])
    assert cls is not None
    group, version, kind_name = kind.split("/")
    empty: Any = cls.from_json(b"{}")
    assert (empty.kind, empty.api_version) == (kind_name, f"{group}/{version}" if group else version)
    for name in ("metadata", "spec", "status"):
        # A Status has a status that is a word.
        if kind_name != "Status" or name == "metadata":
            assert getattr(empty, name, "there is no such field") is not None
    for field in msgspec.structs.fields(cls):
        value = getattr(empty, field.name)
        if "list[" in str(field.type) or "dict[" in str(field.type):
            assert value in ([], {}), field.name


def test_every_resource_has_its_model() -> None:
    for resource in SNAPSHOT.resources:
        module = naming.module_name(resource.group, resource.version)
        cls = getattr(importlib.import_module(f"kmagic.models.{module}"), resource.kind)
        assert cls.resource_info[0] == resource.group


def test_a_field_that_counts_by_being_there_stays_away() -> None:
    assert Pod.from_dict({"spec": {"containers": [{"name": "a"}], "volumes": [{"name": "v"}]}}).to_dict()["spec"] == {
        "containers": [{"name": "a"}],
        "volumes": [{"name": "v"}],
    }


def test_selectors_and_templates_are_never_none() -> None:
    deployment = Deployment()
    deployment.spec.selector.match_labels["app"] = "web"
    deployment.spec.template.metadata.labels["app"] = "web"
    assert deployment.to_manifest()["spec"] == {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}},
    }


def test_names_are_pythons_and_the_wire_kubernetes() -> None:
    service = Service.from_dict({"spec": {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ipFamilies": ["IPv4"]}})
    assert (service.spec.cluster_ip, service.spec.cluster_ips, service.spec.ip_families) == (
        "10.0.0.1",
        ["10.0.0.1"],
        ["IPv4"],
    )


def test_secrets_are_masked() -> None:
    assert Secret.__masked__ == ("data", "stringData")


@pytest.mark.parametrize(
    ("field", "line"),
    [
        (Field("replicas", "replicas", "int | None", "None"), "    replicas: int | None = None"),
        (
            Field("cluster_ips", "clusterIPs", "list[str]", "[]"),
            '    cluster_ips: list[str] = msgspec.field(name="clusterIPs", default_factory=list)',
        ),
        (
            Field("containers", "containers", "list[Container]", "factory:lambda: []"),
            "    containers: list[Container] = msgspec.field(default_factory=lambda: [])",
        ),
    ],
)
def test_a_field_is_one_line(field: Field, line: str) -> None:
    assert field.render() == line


def test_a_class_without_fields_is_a_class() -> None:
    namespace: dict[str, Any] = {"Model": Model}
    exec(render_model(ModelSpec("Empty", "Nothing.", ())), namespace)
    assert namespace["Empty"]().to_dict() == {}
