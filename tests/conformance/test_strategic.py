"""Strategic merge patches, directive by directive."""

import pytest

from tests.conformance.objects import configmap, deployment, pod

TAINTS = [{"key": "a", "operator": "Exists", "effect": "NoSchedule"}]


def template(**spec):
    return {"spec": {"template": {"spec": spec}}}


def of_main(**fields):
    return template(containers=[{"name": "main", **fields}])


def main(obj):
    return obj["spec"]["template"]["spec"]["containers"][0]


def pod_spec(obj):
    return obj["spec"]["template"]["spec"]


@pytest.fixture
async def deployments(client, ns):
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
async def test_directives(deployments, patch, read, expected):
    assert read(await deployments.patch("d", patch, type="strategic")) == expected


async def test_finalizers_are_a_merged_set(maps):
    await maps.create(configmap("a", finalizers=["example.com/a"]))
    patched = await maps.patch("a", {"metadata": {"finalizers": ["example.com/b"]}}, type="strategic")
    assert sorted(patched["metadata"]["finalizers"]) == ["example.com/a", "example.com/b"]
    removal = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["example.com/a", "example.com/b"]}}
    assert "finalizers" not in (await maps.patch("a", removal, type="strategic"))["metadata"]


async def test_conditions_of_a_pod_merge_by_type(client, ns):
    pods = client.resource("po", namespace=ns)
    await pods.create(pod("p"))
    for kind in ("A", "B", "A"):
        conditions = [{"type": f"example.com/{kind}", "status": "True"}]
        await pods.patch("p", {"status": {"conditions": conditions}}, type="strategic", subresource="status")
    found = [item["type"] for item in (await pods.get("p"))["status"]["conditions"]]
    assert sorted(found) == ["example.com/A", "example.com/B"]


async def test_owner_references_merge_by_uid(maps):
    first = await maps.create(configmap("owner"))
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": first["metadata"]["uid"]}
    await maps.create(configmap("a", ownerReferences=[reference]))
    patch = {"metadata": {"ownerReferences": [{"uid": reference["uid"], "$patch": "delete"}]}}
    assert "ownerReferences" not in (await maps.patch("a", patch, type="strategic"))["metadata"]
