"""Strategic merge patches, directive by directive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from kmagic.errors import StatusError
from tests.conformance.objects import configmap, deployment, pod

TAINTS = [{"key": "a", "operator": "Exists", "effect": "NoSchedule"}]


def template(**spec: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": spec}}}


def of_main(**fields: Any) -> Any:
    return template(containers=[{"name": "main", **fields}])


def main(obj: dict[str, Any]) -> dict[str, Any]:
    return obj["spec"]["template"]["spec"]["containers"][0]


def pod_spec(obj: dict[str, Any]) -> dict[str, Any]:
    return obj["spec"]["template"]["spec"]


@pytest.fixture
async def deployments(client: AsyncClient, ns: str) -> Any:
    resource = client.resource("deploy", namespace=ns)
    made = deployment("d")
    made["spec"]["template"]["spec"]["containers"][0]["env"] = [
        {"name": "A", "value": "1"},
        {"name": "B", "value": "2"},
    ]
    made["spec"]["template"]["spec"]["containers"][0]["args"] = ["x", "y"]
    made["spec"]["template"]["spec"]["volumes"] = [{"name": "v", "emptyDir": {}}]
    made["spec"]["template"]["spec"]["tolerations"] = TAINTS
    made["spec"]["template"]["spec"]["nodeSelector"] = {"a": "1", "b": "2"}
    await resource.create(made)
    return resource


@pytest.mark.parametrize(
    ("patch", "read", "expected"),
    [
        pytest.param(of_main(env=[{"name": "A", "value": "9"}]), lambda o: main(o)["env"], [{"name": "A", "value": "9"}, {"name": "B", "value": "2"}], id="merge by key"),
        pytest.param(of_main(env=[{"name": "C", "value": "3"}]), lambda o: [e["name"] for e in main(o)["env"]], ["C", "A", "B"], id="a new element comes first"),
        pytest.param(of_main(env=[{"name": "A", "$patch": "delete"}]), lambda o: [e["name"] for e in main(o)["env"]], ["B"], id="delete an element"),
        pytest.param(of_main(env=[{"$patch": "replace"}, {"name": "Z", "value": "0"}]), lambda o: main(o)["env"], [{"name": "Z", "value": "0"}], id="replace a list"),
        pytest.param(of_main(**{"$setElementOrder/env": [{"name": "B"}, {"name": "A"}]}), lambda o: [e["name"] for e in main(o)["env"]], ["B", "A"], id="order a list"),
        pytest.param(of_main(args=["z"]), lambda o: main(o)["args"], ["z"], id="an atomic list of scalars"),
        pytest.param(of_main(args=None), lambda o: main(o).get("args"), None, id="null removes"),
        pytest.param(template(tolerations=[]), lambda o: pod_spec(o).get("tolerations"), None, id="an atomic list emptied"),
        pytest.param(template(tolerations=[{"key": "b", "operator": "Exists"}]), lambda o: [t["key"] for t in pod_spec(o)["tolerations"]], ["b"], id="an atomic list of objects"),
        pytest.param(template(nodeSelector={"a": "9"}), lambda o: pod_spec(o)["nodeSelector"], {"a": "9", "b": "2"}, id="merge a map"),
        pytest.param(template(nodeSelector={"$patch": "replace", "c": "3"}), lambda o: pod_spec(o)["nodeSelector"], {"c": "3"}, id="replace a map"),
        pytest.param(template(nodeSelector={"a": None}), lambda o: pod_spec(o)["nodeSelector"], {"b": "2"}, id="null removes from a map"),
        pytest.param(template(nodeSelector=None), lambda o: pod_spec(o).get("nodeSelector"), None, id="null removes a map"),
        pytest.param(template(volumes=[{"name": "v", "$retainKeys": ["name", "secret"], "secret": {"secretName": "s"}}]), lambda o: sorted(pod_spec(o)["volumes"][0]), ["name", "secret"], id="retain keys"),
        pytest.param(template(volumes=[{"name": "w", "emptyDir": {}}]), lambda o: [v["name"] for v in pod_spec(o)["volumes"]], ["w", "v"], id="another volume"),
        pytest.param(of_main(ports=[{"containerPort": 80, "name": "web"}]), lambda o: [(p["containerPort"], p["name"]) for p in main(o)["ports"]], [(80, "web")], id="ports by number"),
        pytest.param({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}, lambda o: o["spec"]["strategy"], {"type": "Recreate"}, id="retain keys of a map"),
        pytest.param({"metadata": {"labels": {"x": "1"}}}, lambda o: o["metadata"]["labels"], {"x": "1"}, id="labels"),
        pytest.param({"spec": {"replicas": None}}, lambda o: o["spec"]["replicas"], 1, id="null gives the default back"),
        pytest.param({}, lambda o: o["spec"]["replicas"], 1, id="nothing"),
    ],
)  # fmt: skip
async def test_directives(
    deployments: Any,
    patch: Any,
    read: Callable[..., Any],
    expected: dict[str, Any] | int | list[dict[str, Any] | str] | None,
) -> None:
    assert read(await deployments.patch("d", patch, type="strategic")) == expected


def names(read: Any) -> Any:
    return lambda obj: [item["name"] for item in read(obj)]


def env_of(obj: Any) -> Any:
    return main(obj)["env"]


B, A, C = {"name": "B"}, {"name": "A"}, {"name": "C"}
SET = "$setElementOrder/env"


@pytest.mark.parametrize(
    ("patch", "read", "expected"),
    [
        pytest.param(of_main(env=[{**A, "$patch": "delete"}, {**A, "value": "9"}]), names(env_of), ["A", "B"], id="deleted and added again"),
        pytest.param(of_main(env=[{**A, "$patch": "delete"}, {**C, "value": "9"}], **{SET: [B, C]}), names(env_of), ["B", "C"], id="in a deleted one's place"),
        pytest.param(of_main(env=[{**A, "$patch": "delete"}, {**A, "value": "9"}], **{SET: [A]}), names(env_of), ["B", "A"], id="again, at the end of the places"),
        pytest.param(of_main(env=[{"$patch": "replace"}, {**C, "value": "3"}, {**A, "$patch": "delete"}]), names(env_of), ["C"], id="replace beside delete"),
        pytest.param(of_main(env=[{**C, "value": None}]), env_of, [C, {**A, "value": "1"}, {**B, "value": "2"}], id="null in a new item"),
        pytest.param(of_main(**{SET: [C, B]}), names(env_of), ["A", "B"], id="an order of what is not there"),
        pytest.param(template(nodeSelector={"$patch": "replace", "c": None}), lambda o: pod_spec(o)["nodeSelector"], {"c": ""}, id="null where nothing is merged"),
        pytest.param(template(nodeSelector={"$patch": "delete", "c": "1"}), lambda o: pod_spec(o).get("nodeSelector"), None, id="delete a map"),
        pytest.param({"metadata": {"annotations": {"$patch": "delete"}}}, lambda o: o["metadata"].get("annotations"), None, id="a directive where nothing is"),
        pytest.param({"metadata": {"$deleteFromPrimitiveList/finalizers": ["a/b"]}}, lambda o: o["metadata"].get("finalizers"), None, id="delete from no list"),
        pytest.param({"metadata": {"$deleteFromPrimitiveList/finalizers": ["a/b"], "finalizers": ["c/d"]}}, lambda o: o["metadata"]["finalizers"], ["c/d"], id="delete and add"),
        pytest.param(template(**{"$deleteFromPrimitiveList/containers": [{"name": "main", "image": "z"}]}), lambda o: main(o)["image"], "z", id="delete from a list of objects merges"),
        pytest.param({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate", "rollingUpdate": None}}}, lambda o: o["spec"]["strategy"], {"type": "Recreate"}, id="retain keys beside null"),
    ],
)  # fmt: skip
async def test_directives_in_the_order_of_the_server(
    deployments: Any, patch: Any, read: Any, expected: dict[str, Any] | list[str] | str | None
) -> None:
    assert read(await deployments.patch("d", patch, type="strategic", dry_run=True)) == expected


@pytest.mark.parametrize(
    ("patch", "code", "message"),
    [
        pytest.param(template(nodeSelector={"$patch": "merge"}), 500, "unknown patch type: merge", id="merge is the default and no directive"),
        pytest.param(template(nodeSelector={"$patch": None}), 500, "unknown patch type", id="null is no directive"),
        pytest.param(of_main(env=[{**A, "$patch": "merge"}]), 500, "merging lists cannot yet be specified in the patch", id="merge of an item"),
        pytest.param(of_main(env=[{"$patch": "delete"}]), 500, "does not contain declared merge key: name", id="delete without a key"),
        pytest.param(of_main(env=[{"value": "1"}]), 500, "does not contain declared merge key: name", id="an item without a key"),
        pytest.param(of_main(env=[{**A, "value": "1"}, {**B, "value": "1"}], **{SET: [B, A]}), 500, "doesn't match", id="an order that contradicts"),
        pytest.param(of_main(env=[{**A, "value": "1"}], **{SET: [B]}), 500, "doesn't match", id="an order without the item"),
        pytest.param(of_main(**{SET: "A"}), 500, "expected a", id="an order that is no list"),
        pytest.param(template(**{"$setElementOrder/odd": [A]}), 500, "unable to find api field", id="an order of an unknown field"),
        pytest.param(template(**{"$setElementOrder": [A]}), 400, "invalid patch format of setElementOrder list", id="an order of nothing"),
        pytest.param({"spec": {"strategy": {"$retainKeys": ["rollingUpdate"], "type": "Recreate"}}}, 400, "invalid patch format of retainKeys", id="retain keys without the patch's own"),
        pytest.param({"spec": {"strategy": {"$retainKeys": "type"}}}, 400, "invalid patch format of retainKeys", id="retain keys that are no list"),
        pytest.param({"metadata": {"$deleteFromPrimitiveList": ["a"]}}, 400, "invalid patch format of primitive list", id="delete from no field"),
        pytest.param(template(containers=[A, "x"]), 500, "list element types are not identical", id="items of two types"),
        pytest.param(template(containers=[[A]]), 500, "list element types are not identical", id="a list in a list of objects"),
        pytest.param({"spec": {"replicas": "x"}}, 422, "unrecognized type: int32", id="a value of another type"),
        pytest.param({"spec": {"replicas": 1.5}}, 422, "cannot convert float64 to int32", id="half a replica"),
        pytest.param({"metadata": {"labels": []}}, 422, "cannot restore map from slice", id="a list for a map"),
        pytest.param(template(containers={}), 422, "cannot restore slice from map", id="a map for a list"),
    ],
)  # fmt: skip
async def test_what_is_no_patch_is_refused_as_by_the_server(
    deployments: Any, patch: Any, code: int, message: str
) -> None:
    with pytest.raises(StatusError, match=message) as refused:
        await deployments.patch("d", patch, type="strategic", dry_run=True)
    assert refused.value.status["code"] == code


async def test_finalizers_are_a_merged_set(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", finalizers=["example.com/a"]))
    patched = await maps.patch("a", {"metadata": {"finalizers": ["example.com/b"]}}, type="strategic")
    assert sorted(patched["metadata"]["finalizers"]) == ["example.com/a", "example.com/b"]
    removal = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["example.com/a", "example.com/b"]}}
    assert "finalizers" not in (await maps.patch("a", removal, type="strategic"))["metadata"]


async def test_conditions_of_a_pod_merge_by_type(client: AsyncClient, ns: str) -> None:
    pods = client.resource("po", namespace=ns)
    await pods.create(pod("p"))
    for kind in ("A", "B", "A"):
        conditions = [{"type": f"example.com/{kind}", "status": "True"}]
        await pods.patch("p", {"status": {"conditions": conditions}}, type="strategic", subresource="status")
    found = [item["type"] for item in (await pods.get("p"))["status"]["conditions"]]
    assert sorted(found) == ["example.com/A", "example.com/B"]


async def test_owner_references_merge_by_uid(maps: AsyncResource[Any]) -> None:
    first = await maps.create(configmap("owner"))
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": first["metadata"]["uid"]}
    await maps.create(configmap("a", ownerReferences=[reference]))
    patch = {"metadata": {"ownerReferences": [{"uid": reference["uid"], "$patch": "delete"}]}}
    assert "ownerReferences" not in (await maps.patch("a", patch, type="strategic"))["metadata"]
