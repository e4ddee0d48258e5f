"""Apply over what kubectl applied, by either of its modes, and kubectl over that: the result is kubectl's alone.

Each sequence is done twice: with kubectl alone (server-side where ours stands), and with ours. The fields, the
last-applied annotation and the managers must be the same after every step.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from kmagic import errors
from kmagic.client.apply import AppliedFields, apply, conflict_text, field_conflicts, manager_for
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from tests.cluster.fixture import ExternalCluster
from tests.conformance.objects import configmap, deployment
from tests.conftest import Server

Maps = AsyncResource[dict[str, Any]]
Kubectl = Callable[..., str]
NAMES = ("alone", "mixed")
SEQUENCES = [
    ("client", *rest) for rest in itertools.product(("client", "server", "ours"), repeat=2) if "ours" in rest
] + [("server", "ours"), ("server", "ours", "client"), ("server", "ours", "server")]


@pytest.fixture
def kubectl(cluster: ExternalCluster, server: Server, ns: str) -> Kubectl:
    def run(mode: str, manifest: dict[str, Any]) -> str:
        flags = ["--server-side"] if mode == "server" else []
        text = json.dumps(manifest)
        return cluster.kubectl("apply", "-n", ns, *flags, "-f", "-", input=text, kubeconfig=server.kubeconfig)

    return run


def manifests(name: str) -> list[dict[str, Any]]:
    """The same object with fields that change, go, and come at each step."""
    first, second, third = (deployment(name, replicas=count) for count in (2, 3, 2))
    for obj, labels, notes, env, image in (
        (first, {"a": "1", "b": "1"}, {"n": "1"}, {"A": "1", "B": "1"}, "p:1"),
        (second, {"a": "2"}, {"n": "1", "m": "1"}, {"A": "2", "C": "1"}, "p:2"),
        (third, {"b": "2", "c": "1"}, {}, {"B": "1"}, "p:2"),
    ):
        obj["metadata"] |= {"labels": labels, **({"annotations": notes} if notes else {})}
        pod = obj["spec"]["template"]["spec"]
        pod["containers"][0] |= {"image": image, "env": [{"name": key, "value": env[key]} for key in env]}
        if obj is second:
            del pod["containers"][1], pod["containers"][0]["ports"]
            pod["nodeSelector"] = {"disk": "fast"}
    return [first, second, third]


def seen(obj: dict[str, Any]) -> tuple[Any, Any]:
    """All that must be equal of two objects by different names."""
    obj = json.loads(json.dumps(obj).replace(obj["metadata"]["name"], "NAME"))
    managers = [
        (entry["manager"], entry["operation"], entry["fieldsV1"])
        for entry in obj["metadata"].pop("managedFields")
        if entry.get("subresource") != "status"
    ]
    for own in ("uid", "resourceVersion", "creationTimestamp", "generation"):
        del obj["metadata"][own]
    return {**obj, "status": None}, sorted(managers, key=str)


@pytest.mark.parametrize("steps", SEQUENCES, ids=" ".join)
async def test_ours_among_kubectls_steps_is_a_step_of_kubectl(
    client: AsyncClient, ns: str, kubectl: Kubectl, steps: tuple[str, ...]
) -> None:
    target = client.resource("deployments", ns)
    alone, mixed = (manifests(name) for name in NAMES)
    for mode, theirs, ours in zip(steps, alone, mixed, strict=False):
        kubectl("server" if mode == "ours" else mode, theirs)
        if mode == "ours":
            live = await target.get("mixed")
            as_if = await apply(target, ours, live, dry_run=True)
            after = await apply(target, ours, live)
            assert seen(as_if)[0] == seen(after)[0]
        else:
            kubectl(mode, ours)
        assert seen(await target.get("mixed")) == seen(await target.get("alone")), mode


async def test_what_kubectl_made_as_default_can_be_said(client: AsyncClient, ns: str, kubectl: Kubectl) -> None:
    """kubectl itself calls this a conflict with kubectl-client-side-apply."""
    target = client.resource("deployments", ns)
    kubectl("client", deployment("d"))
    wanted = deployment("d")
    wanted["spec"]["revisionHistoryLimit"] = 5
    assert (await apply(target, wanted, await target.get("d"), dry_run=True))["spec"]["revisionHistoryLimit"] == 5
    after = await apply(target, wanted, await target.get("d"))
    assert after["spec"]["revisionHistoryLimit"] == 5
    assert "kubectl.kubernetes.io/last-applied-configuration" in after["metadata"]["annotations"]
    kubectl("server", deployment("d"))
    assert (await target.get("d"))["spec"]["revisionHistoryLimit"] == 10


async def test_under_a_name_of_its_own_kubectls_fields_are_handed_over(maps: Maps, kubectl: Kubectl) -> None:
    kubectl("client", configmap("a", {"x": "1", "y": "1"}))
    after = await apply(maps, configmap("a", {"x": "2"}), await maps.get("a"), field_manager="ci")
    assert after["data"] == {"x": "2"}
    assert [entry["manager"] for entry in after["metadata"]["managedFields"]] == ["ci"]


async def test_what_we_made_can_be_applied_by_kubectl_and_by_us_again(maps: Maps, kubectl: Kubectl) -> None:
    made = await apply(maps, configmap("a", {"x": "1", "y": "1"}), None)
    assert manager_for(made) == "kmagic"
    kubectl("client", configmap("a", {"x": "2", "y": "1"}))
    after = await apply(maps, configmap("a", {"x": "3"}), await maps.get("a"))
    assert after["data"] == {"x": "3"}
    assert {entry["manager"] for entry in after["metadata"]["managedFields"]} == {"kubectl", "kubectl-last-applied"}
    kubectl("server", configmap("a", {"z": "1"}))
    assert (await maps.get("a"))["data"] == {"z": "1"}


async def test_a_field_of_our_own_verb_is_ours(client: AsyncClient, ns: str) -> None:
    target = client.resource("deployments", ns)
    known = AppliedFields()
    await apply(target, deployment("d", replicas=2), None, applied=known)
    await target.patch("d", {"spec": {"replicas": 5}}, subresource="scale", field_manager="kmagic")
    as_if = await apply(target, deployment("d", replicas=3), await target.get("d"), dry_run=True, applied=known)
    after = await apply(target, deployment("d", replicas=3), await target.get("d"), applied=known)
    assert [each["spec"]["replicas"] for each in (as_if, after)] == [3, 3]
    await target.patch("d", {"spec": {"replicas": 5}}, subresource="scale", field_manager="kmagic")
    as_if = await apply(target, deployment("d", replicas=None), await target.get("d"), dry_run=True, applied=known)
    after = await apply(target, deployment("d", replicas=None), await target.get("d"), applied=known)
    assert [each["spec"]["replicas"] for each in (as_if, after)] == [1, 1]


async def test_the_same_value_by_our_own_verb_is_taken_over(maps: Maps) -> None:
    await apply(maps, configmap("a", {"x": "1", "y": "1"}), None)
    await maps.patch("a", {"data": {"y": "2"}}, field_manager="kmagic")
    both = await apply(maps, configmap("a", {"x": "1", "y": "2"}), await maps.get("a"))
    assert [entry["operation"] for entry in both["metadata"]["managedFields"]] == ["Apply"]
    assert (await apply(maps, configmap("a", {"x": "1"}), both))["data"] == {"x": "1"}


async def test_a_field_no_manifest_named_stays_with_the_verb_that_set_it(maps: Maps) -> None:
    made = await apply(maps, configmap("a", {"x": "1"}), None)
    await maps.patch("a", {"metadata": {"labels": {"tier": "front"}}}, field_manager="kmagic")
    after = await apply(maps, configmap("a", {"x": "1"}), await maps.get("a"))
    assert after["metadata"]["labels"] == {"tier": "front"}
    assert made["data"] == after["data"]


async def test_others_are_never_taken_over(maps: Maps) -> None:
    await apply(maps, configmap("a", {"x": "1", "y": "1"}), None)
    await maps.patch("a", {"data": {"x": "2"}}, field_manager="ci")
    await maps.patch("a", {"data": {"y": "2"}}, field_manager="kmagic")
    for dry_run in (True, False):
        with pytest.raises(errors.ConflictError) as caught:
            await apply(maps, configmap("a", {"x": "1", "y": "1"}), await maps.get("a"), dry_run=dry_run)
        assert field_conflicts(caught.value) == [("ci", ".data.x")]
        assert conflict_text(field_conflicts(caught.value)) == 'Apply failed with 1 conflict with "ci": .data.x'
    assert (await maps.get("a"))["data"] == {"x": "2", "y": "2"}
    forced = await apply(maps, configmap("a", {"x": "1", "y": "1"}), await maps.get("a"), force=True)
    assert forced["data"] == {"x": "1", "y": "1"}


async def test_a_stale_version_is_a_conflict_of_no_field(maps: Maps) -> None:
    made = await apply(maps, configmap("a", {"x": "1"}), None)
    await maps.patch("a", {"data": {"x": "2"}}, field_manager="kmagic")
    stale = configmap("a", {"x": "2"}, resourceVersion=made["metadata"]["resourceVersion"])
    with pytest.raises(errors.ConflictError) as caught:
        await apply(maps, stale, await maps.get("a"))
    assert field_conflicts(caught.value) == []


async def test_dry_runs_change_nothing(maps: Maps, kubectl: Kubectl) -> None:
    kubectl("client", configmap("a", {"x": "1", "y": "1"}))
    before = await maps.get("a")
    as_if = await apply(maps, configmap("a", {"x": "2"}), before, dry_run=True)
    assert as_if["data"] == {"x": "2"}
    assert await maps.get("a") == before
