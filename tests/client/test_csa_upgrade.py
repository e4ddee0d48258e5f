from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api.patch import json_patch
from kmagic.client.csa_upgrade import find_field_owners, upgrade_managed_fields, upgrade_managed_fields_patch
from kmagic.models.core_v1 import ConfigMap

CSA = "kubectl-client-side-apply"


def entry(
    manager: str,
    operation: str,
    fields: dict[str, Any],
    *,
    version: str = "v1",
    subresource: str = "",
    time: str = "2026-01-01T00:00:00Z",
) -> dict[str, Any]:
    made = {
        "apiVersion": version,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
        "manager": manager,
        "operation": operation,
    }
    if subresource:
        made["subresource"] = subresource
    if time:
        made["time"] = time
    return made


def configmap(*entries: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "shop", "resourceVersion": "7", "managedFields": list(entries)},
        "data": {},
    }


def data(*names: Any, dot: bool = False) -> dict[str, Any]:
    return {"f:data": {**({".": {}} if dot else {}), **{f"f:{name}": {} for name in names}}}


CASES = [
    pytest.param(
        [CSA],
        [entry(CSA, "Update", data("x", dot=True))],
        [entry("me", "Apply", data("x", dot=True))],
        id="MI_11 without an apply entry the update entry becomes it A40",
    ),
    pytest.param(
        [CSA],
        [entry("me", "Apply", data("x")), entry(CSA, "Update", data("x", dot=True))],
        [entry("me", "Apply", data("x", dot=True))],
        id="MI_11 fields of both are there once A40",
    ),
    pytest.param(
        [CSA],
        [entry("me", "Apply", data("x"), time=""), entry(CSA, "Update", data("y"))],
        [entry("me", "Apply", data("x", "y"), time="")],
        id="MI_11 fields of the update entry are added and the time stays A40",
    ),
    pytest.param(
        [CSA],
        [
            entry("me", "Apply", data("x"), version="v5"),
            entry(CSA, "Update", data("y"), version="v1"),
            entry(CSA, "Update", data("z"), version="v2"),
        ],
        [entry("me", "Apply", data("x"), version="v5")],
        id="MI_11 entries of other versions are dropped A40",
    ),
    pytest.param(
        [CSA],
        [
            entry("me", "Apply", data("x"), version="v5"),
            entry(CSA, "Update", data("y"), version="v1"),
            entry(CSA, "Update", data("z"), version="v5"),
        ],
        [entry("me", "Apply", data("x", "z"), version="v5")],
        id="MI_11 the entry of the same version is merged A40",
    ),
    pytest.param(
        [CSA],
        [entry("you", "Apply", data("x")), entry("me", "Update", data("y"))],
        [entry("you", "Apply", data("x")), entry("me", "Update", data("y"))],
        id="MI_11 nothing to do A40",
    ),
    pytest.param([CSA], [], [], id="MI_11 nothing managed"),
    pytest.param(
        ["scheduler", CSA],
        [
            entry("me", "Apply", data("x")),
            entry("scheduler", "Update", {"f:status": {"f:phase": {}}}),
            entry(CSA, "Update", data("y")),
        ],
        [entry("me", "Apply", {**data("x", "y"), "f:status": {"f:phase": {}}})],
        id="MI_11 several managers go into one entry A40",
    ),
    pytest.param(
        [CSA, "scheduler"],
        [
            entry("you", "Apply", data("x")),
            entry("scheduler", "Update", {"f:status": {"f:phase": {}}}, time="2026-01-02T00:00:00Z"),
            entry(CSA, "Update", data("y")),
        ],
        [entry("you", "Apply", data("x")), entry("me", "Apply", {**data("y"), "f:status": {"f:phase": {}}})],
        id="MI_11 several managers become a new entry A40",
    ),
    pytest.param(
        [CSA],
        [
            entry(CSA, "Update", data("x")),
            entry(CSA, "Update", data("y")),
            entry(CSA, "Update", data("z"), version="v2"),
        ],
        [entry("me", "Apply", data("x", "y"))],
        id="MI_11 the first update entry is the new one",
    ),
    pytest.param(
        [CSA],
        [entry("me", "Apply", {"f:spec": {"f:a": {}}}), entry(CSA, "Update", {"f:spec": {"f:a": {"f:b": {}}}})],
        [entry("me", "Apply", {"f:spec": {"f:a": {".": {}, "f:b": {}}}})],
        id="MI_11 an owned leaf stays owned when it gets children",
    ),
    pytest.param(
        [CSA],
        [entry("me", "Apply", {}), entry(CSA, "Update", data("x"))],
        [entry("me", "Apply", data("x"))],
        id="MI_11 the root is no field",
    ),
]


@pytest.mark.parametrize(("managers", "before", "after"), CASES)
def test_upgrade(managers: list[str], before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    obj = configmap(*before)
    kept = copy.deepcopy(obj)
    upgraded = upgrade_managed_fields(obj, managers, "me")
    assert upgraded == configmap(*after)
    assert obj == kept
    patch = upgrade_managed_fields_patch(obj, managers, "me")
    if before == after:
        assert patch is None
    else:
        assert json_patch(obj, patch) == upgraded


def test_MI_11_A40_only_entries_of_the_subresource() -> None:
    status = {"f:status": {"f:phase": {}}}
    obj = configmap(entry(CSA, "Update", data("x")), entry(CSA, "Update", status, subresource="status"))
    assert upgrade_managed_fields(obj, [CSA], "me", subresource="status") == configmap(
        entry(CSA, "Update", data("x")), entry("me", "Apply", status, subresource="status")
    )
    assert upgrade_managed_fields(obj, [CSA], "me") == configmap(
        entry("me", "Apply", data("x")), entry(CSA, "Update", status, subresource="status")
    )


def test_MI_11_the_patch_names_the_version_it_was_made_for() -> None:
    patch = upgrade_managed_fields_patch(configmap(entry(CSA, "Update", data("x"))), [CSA], "me")
    assert patch == [
        {"op": "replace", "path": "/metadata/managedFields", "value": [entry("me", "Apply", data("x"))]},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"},
    ]


def test_MI_11_an_object_without_metadata_has_nothing_to_do() -> None:
    assert upgrade_managed_fields({"kind": "ConfigMap"}, [CSA], "me") == {"kind": "ConfigMap"}
    assert upgrade_managed_fields_patch({"kind": "ConfigMap"}, [CSA], "me") is None


def test_MI_11_one_name_is_not_taken_letter_by_letter() -> None:
    obj = configmap(entry(CSA, "Update", data("x")))
    assert upgrade_managed_fields(obj, CSA, "me") == upgrade_managed_fields(obj, [CSA], "me")


def test_MI_11_a_model_gives_a_model() -> None:
    plain = configmap(entry(CSA, "Update", data("x", dot=True)))
    upgraded = upgrade_managed_fields(ConfigMap.from_dict(plain), [CSA], "me")
    assert type(upgraded) is ConfigMap
    assert upgraded.to_dict()["metadata"]["managedFields"] == [entry("me", "Apply", data("x", dot=True))]
    assert upgrade_managed_fields_patch(ConfigMap.from_dict(plain), [CSA], "me") == upgrade_managed_fields_patch(
        plain, [CSA], "me"
    )


OWNERS = configmap(
    entry("you", "Apply", data("x")),
    entry(CSA, "Update", {**data("x", "y", dot=True), "f:metadata": {"f:annotations": {".": {}, "f:last": {}}}}),
    entry("other", "Update", data("x")),
    entry("parent", "Update", {"f:data": {}}),
)


@pytest.mark.parametrize(
    ("operation", "fields", "owners"),
    [
        pytest.param("Update", {"f:data": {}}, [CSA, "parent"], id="MI_11 the field itself A40"),
        pytest.param("Update", {"f:data": {".": {}}}, [CSA, "parent"], id="MI_11 the field itself with its dot A40"),
        pytest.param("Update", {"f:metadata": {"f:annotations": {"f:last": {}}}}, [CSA], id="MI_11 nested A40"),
        pytest.param("Update", data("x"), [CSA, "other"], id="MI_11 several owners A40"),
        pytest.param("Update", data("x", "y"), [CSA], id="MI_11 all of several fields A40"),
        pytest.param("Apply", data("x"), ["you"], id="MI_11 the operation counts A40"),
        pytest.param("Apply", data("y"), [], id="MI_11 nobody A40"),
        pytest.param("Update", data("x", "z"), [], id="MI_11 one field is missing A40"),
    ],
)
def test_find_field_owners(operation: str, fields: dict[str, Any], owners: list[str]) -> None:
    assert find_field_owners(OWNERS, operation, fields) == owners
    assert find_field_owners(ConfigMap.from_dict(OWNERS), operation, fields) == owners


# A field set the plain way: the paths that are owned.
PATHS = st.frozensets(st.lists(st.sampled_from(["f:a", "f:b", 'k:{"n":"x"}']), min_size=1, max_size=3).map(tuple))


def tree(paths: frozenset[tuple[str, ...]]) -> dict[str, Any]:
    root = {}
    for path in paths:
        node = root
        for part in path:
            node = node.setdefault(part, {})
    for path in paths:
        node = root
        for part in path:
            node = node[part]
        if node:
            node["."] = {}
    return root


@given(PATHS, PATHS)
def test_MI_11_the_union_is_the_union_of_the_paths(left: Any, right: Any) -> None:
    obj = configmap(entry("me", "Apply", tree(left)), entry(CSA, "Update", tree(right)))
    (merged,) = upgrade_managed_fields(obj, [CSA], "me")["metadata"]["managedFields"]
    assert merged["fieldsV1"] == tree(left | right)


@given(PATHS, PATHS)
def test_MI_11_an_owner_owns_every_path(owned: Any, asked: Any) -> None:
    found = find_field_owners(configmap(entry("me", "Apply", tree(owned))), "Apply", tree(asked))
    assert found == (["me"] if asked <= owned else [])
