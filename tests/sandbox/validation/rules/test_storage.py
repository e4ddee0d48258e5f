"""ConfigMaps, Secrets, claims, quotas and limit ranges."""

from typing import Any

import pytest

from kmagic.sandbox.validation.rules import storage

CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "volumeMode": "Filesystem"}


def named(**fields: Any) -> Any:
    return {"metadata": {"name": "x", "namespace": "d"}, **fields}


@pytest.mark.parametrize(
    ("check", "obj", "field"),
    [
        (storage.config_map, named(data={"a.b": "x"}), None),
        (storage.config_map, named(data={"a/b": "x"}), "data[a/b]"),
        (storage.config_map, named(data={"a": "x"}, binaryData={"a": "eA=="}), "data[a]"),
        (storage.secret, named(type="Opaque", data={"k": "eA=="}), None),
        (storage.secret, named(type="kubernetes.io/dockerconfigjson", data={}), "data[.dockerconfigjson]"),
        (storage.claim, named(spec=CLAIM), None),
        (storage.claim, named(spec={**CLAIM, "accessModes": []}), "spec.accessModes"),
        (storage.claim, named(spec={**CLAIM, "resources": {}}), "spec.resources[storage]"),
        (storage.quota, named(spec={"hard": {"pods": "3"}}), None),
        (storage.quota, named(spec={"hard": {"pods": "-3"}}), "spec.hard[pods]"),
        (storage.limit_range, named(spec={"limits": [{"type": "Container", "max": {"cpu": "1"}, "min": {"cpu": "2"}}]}), "spec.limits[0].min[cpu]"),
    ],
)  # fmt: skip
def test_what_is_wrong(check: Any, obj: Any, field: Any) -> None:
    assert [cause.field for cause in check(obj)][:1] == ([field] if field else [])


def test_a_sealed_object_and_a_secrets_type_do_not_change() -> None:
    old = named(type="Opaque", data={"a": "eA=="}, immutable=True)
    assert [*storage.secret_change(old, named(type="other", data={"a": "eA=="}, immutable=True))]
    assert [*storage.sealed_change(old, named(data={"a": "eQ=="}, immutable=True))]
    assert [*storage.sealed_change(old, named(data=old["data"], immutable=False))]
    assert not [*storage.sealed_change(old, {**old, "metadata": {"name": "x", "labels": {"a": "b"}}})]


@pytest.mark.parametrize(("size", "allowed"), [("2Gi", True), ("1Gi", True), ("500Mi", False)])
def test_a_bound_claim_only_grows(size: int, allowed: Any) -> None:
    bound = {**CLAIM, "volumeName": "v"}
    old = named(spec=bound, status={"phase": "Bound", "capacity": {"storage": "1Gi"}})
    new = named(spec={**bound, "resources": {"requests": {"storage": size}}}, status=old["status"])
    assert bool([*storage.claim_change(old, new)]) is not allowed
