"""What controllers do to objects, as far as no kubelet is asked."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from tests.conformance.objects import pod
from tests.conformance.test_claiming import until

REQUESTS = {"requests": {"cpu": "1"}}


def asking(name: str, **spec: Any) -> dict[str, Any]:
    body = pod(name, **spec)
    body["spec"]["containers"][0]["resources"] = REQUESTS
    return body


@pytest.mark.parametrize(
    ("scope", "counted"),
    [
        ({"scopes": ["BestEffort"]}, "1"),
        ({"scopes": ["NotBestEffort"]}, "2"),
        ({"scopes": ["Terminating"]}, "1"),
        ({"scopes": ["NotTerminating"]}, "2"),
        ({"scopes": ["Terminating", "NotBestEffort"]}, "1"),
        (
            {
                "scopeSelector": {
                    "matchExpressions": [
                        {"scopeName": "PriorityClass", "operator": "In", "values": ["system-node-critical"]}
                    ]
                }
            },
            "0",
        ),
        ({}, "3"),
    ],
    ids=["best-effort", "not-best-effort", "terminating", "not-terminating", "both", "class", "none"],
)
async def test_a_quota_counts_the_pods_in_its_scope(
    client: AsyncClient, ns: str, scope: dict[str, Any], counted: str
) -> None:
    pods, quotas = client.resource("pods", namespace=ns), client.resource("resourcequotas", namespace=ns)
    await pods.create(pod("free"))
    await pods.create(asking("asking"))
    await pods.create(asking("ending", activeDeadlineSeconds=3600))
    spec = {"hard": {"pods": "5"}, **scope}
    await quotas.create({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": spec})

    async def told() -> bool:
        used = ((await quotas.get("q")).get("status") or {}).get("used")
        return bool(used == {"pods": counted})

    await until(told)


async def test_a_quota_counts_objects_by_their_resource(client: AsyncClient, ns: str) -> None:
    quotas = client.resource("resourcequotas", namespace=ns)
    spec = {"hard": {"count/replicasets.apps": "3", "count/replicationcontrollers": "2"}}
    await quotas.create({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": spec})

    async def known() -> bool:
        return bool(((await quotas.get("q")).get("status") or {}).get("used"))

    await until(known)  # the real server counts what comes after that
    labels = {"app": "p"}
    template = {"metadata": {"labels": labels}, "spec": pod("p")["spec"]}
    body = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    await client.resource("rs", namespace=ns).create(
        {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "r"}, "spec": body}
    )

    async def told() -> bool:
        used = ((await quotas.get("q")).get("status") or {}).get("used")
        return bool(used == {"count/replicasets.apps": "1", "count/replicationcontrollers": "0"})

    await until(told)


async def test_pods_that_own_each_other_in_a_circle_go_all_the_same(client: AsyncClient, ns: str) -> None:
    pods = client.resource("pods", namespace=ns)
    names = ["a", "b", "c"]
    made = {name: await pods.create(pod(name)) for name in names}
    for name, above in zip(names, [names[-1], *names], strict=False):
        reference = {
            "apiVersion": "v1",
            "kind": "Pod",
            "name": above,
            "uid": made[above]["metadata"]["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
        await pods.patch(name, {"metadata": {"ownerReferences": [reference]}})
    await pods.delete("a", propagation="Foreground")

    async def gone() -> bool:
        return not (await pods.list()).items

    await until(gone)


async def test_a_namespace_that_goes_keeps_everything_until_its_pods_are_gone(client: AsyncClient, ns: str) -> None:
    namespaces, name = client.resource("namespaces"), f"{ns}-inner"
    await namespaces.create({"metadata": {"name": name}})
    pods, maps = client.resource("pods", namespace=name), client.resource("configmaps", namespace=name)
    body = pod("p")
    body["metadata"]["finalizers"] = ["example.com/wait"]
    await pods.create(body)
    await maps.create({"metadata": {"name": "m", "finalizers": ["example.com/wait"]}})
    await namespaces.delete(name)

    async def conditions() -> dict[str, Any]:
        state = (await namespaces.get(name)).get("status") or {}
        return {each["type"]: each for each in state.get("conditions") or ()}

    async def told() -> bool:
        return {kind: each["status"] for kind, each in (await conditions()).items()} == {
            "NamespaceDeletionDiscoveryFailure": "False",
            "NamespaceDeletionGroupVersionParsingFailure": "False",
            "NamespaceDeletionContentFailure": "False",
            "NamespaceContentRemaining": "False",
            "NamespaceFinalizersRemaining": "False",
        }

    await until(told)
    assert "deletionTimestamp" in (await pods.get("p"))["metadata"]
    assert "deletionTimestamp" not in (await maps.get("m"))["metadata"]
    await pods.patch("p", {"metadata": {"finalizers": None}})

    async def going() -> bool:
        return (await conditions())["NamespaceContentRemaining"]["status"] == "True"

    await until(going)
    words = {kind: each["message"] for kind, each in (await conditions()).items()}
    assert words["NamespaceContentRemaining"] == "Some resources are remaining: configmaps. has 1 resource instances"
    kept = "Some content in the namespace has finalizers remaining: example.com/wait in 1 resource instances"
    assert words["NamespaceFinalizersRemaining"] == kept
    assert "deletionTimestamp" in (await maps.get("m"))["metadata"]
    await maps.patch("m", {"metadata": {"finalizers": None}})


async def test_the_pods_of_an_indexed_job_know_their_part(client: AsyncClient, ns: str) -> None:
    spec = {
        "completions": 2,
        "parallelism": 2,
        "completionMode": "Indexed",
        "template": {"spec": {**pod("p")["spec"], "restartPolicy": "Never"}},
    }
    body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": spec}
    await client.resource("jobs", namespace=ns).create(body)
    pods = client.resource("pods", namespace=ns)

    async def both() -> bool:
        return len((await pods.list()).items) == 2

    await until(both)
    found = sorted((await pods.list()).items, key=lambda each: each["spec"]["hostname"])
    assert [each["spec"]["hostname"] for each in found] == ["j-0", "j-1"]
    assert [each["metadata"]["labels"]["batch.kubernetes.io/job-completion-index"] for each in found] == ["0", "1"]
    reference = {"apiVersion": "v1", "fieldPath": "metadata.labels['batch.kubernetes.io/job-completion-index']"}
    told = {"name": "JOB_COMPLETION_INDEX", "valueFrom": {"fieldRef": reference}}
    assert [each["spec"]["containers"][0]["env"] for each in found] == [[told]] * 2


@pytest.mark.parametrize(
    ("rules", "reason", "message"),
    [
        ([{"succeededIndexes": "0-1"}], "SuccessPolicy", "Matched rules at index 0"),
        ([{"succeededIndexes": "2", "succeededCount": 1}, {"succeededCount": 2}], "SuccessPolicy", "Matched rules at "),
        (None, None, ""),
    ],
    ids=["indexes", "count", "none"],
)
async def test_a_success_policy_ends_a_job(
    client: AsyncClient, ns: str, rules: list[dict[str, Any]] | None, reason: str | None, message: str
) -> None:
    spec: dict[str, Any] = {
        "completions": 3,
        "parallelism": 3,
        "completionMode": "Indexed",
        "template": {"spec": {**pod("p")["spec"], "restartPolicy": "Never"}},
    }
    if rules:
        spec["successPolicy"] = {"rules": rules}
    jobs, pods = client.resource("jobs", namespace=ns), client.resource("pods", namespace=ns)
    await jobs.create({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": spec})

    async def started() -> bool:
        return len((await pods.list()).items) == 3

    await until(started)
    for each in (await pods.list()).items:
        index = each["metadata"]["labels"]["batch.kubernetes.io/job-completion-index"]
        if index in ("0", "1"):
            await pods.patch(each["metadata"]["name"], {"status": {"phase": "Succeeded"}}, subresource="status")

    async def counted() -> bool:
        return bool(((await jobs.get("j")).get("status") or {}).get("completedIndexes") == "0,1")

    await until(counted)

    async def judged() -> bool:
        conditions = ((await jobs.get("j")).get("status") or {}).get("conditions") or ()
        told = {each["type"]: each for each in conditions}
        if reason is None:
            return not told
        end = told.get("SuccessCriteriaMet")
        return end is not None and end["reason"] == reason and end["message"].startswith(message)

    await until(judged)
