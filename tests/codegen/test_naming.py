"""From the server's names to Python's."""

from __future__ import annotations

import keyword

import pytest

from kmagic.codegen import snapshot
from kmagic.codegen.naming import camel, class_name, group_class, module_name, snake


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("apiVersion", "api_version"), ("clusterIP", "cluster_ip"), ("clusterIPs", "cluster_ips"), ("podCIDRs", "pod_cidrs"),
        ("hostIPC", "host_ipc"), ("fieldsV1", "fields_v1"), ("downwardAPI", "downward_api"), ("from", "from_"),
        ("continue", "continue_"), ("$ref", "ref"), ("x-kubernetes-int-or-string", "x_kubernetes_int_or_string"),
        ("minReadySeconds", "min_ready_seconds"), ("awsElasticBlockStore", "aws_elastic_block_store"), ("name", "name"),
    ],
)  # fmt: skip
def test_fields(wire: str, name: str) -> None:
    assert snake(wire) == name


def test_every_field_name_of_the_api_is_a_usable_one() -> None:
    for schema in snapshot.load().schemas.values():
        wires = list(schema.get("properties", ()))
        names = [snake(wire) for wire in wires]
        assert len(set(names)) == len(wires), names
        assert all(name.isidentifier() and not keyword.iskeyword(name) for name in names)


def test_camel_is_what_msgspec_does() -> None:
    import msgspec

    class Names(msgspec.Struct, rename="camel"):
        min_ready_seconds: int = 0
        fields_v1: int = 0
        a: int = 0

    assert Names.__struct_encode_fields__ == tuple(map(camel, Names.__struct_fields__))


def test_modules_and_classes() -> None:
    assert module_name("", "v1") == "core_v1"
    assert module_name("rbac.authorization.k8s.io", "v1") == "rbac_v1"
    assert group_class("apps_v1") == "AppsV1"
    assert class_name("io.k8s.api.apps.v1.Deployment") == "Deployment"
