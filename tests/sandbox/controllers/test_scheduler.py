from __future__ import annotations

from typing import Any

import pytest

from kmagic.errors import ArgumentError
from kmagic.sandbox.controllers.pod_facts import requests_of
from kmagic.sandbox.controllers.scheduler import Usage, refusal
from kmagic.sandbox.storage.store import Store


def node(**spec: Any) -> dict[str, Any]:
    labels = {"zone": "a", "kubernetes.io/os": "linux"}
    sizes = {"cpu": "2", "memory": "1Gi", "pods": "3"}
    return {"metadata": {"name": "n", "labels": labels}, "spec": spec, "status": {"allocatable": sizes}}


def pod(cpu: Any = None, **spec: Any) -> dict[str, Any]:
    resources = {"requests": {"cpu": cpu}} if cpu else {}
    return {"metadata": {}, "spec": {"containers": [{"name": "c", "resources": resources}], **spec}}


TAINT = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}


def affinity(operator: Any, values: Any) -> dict[str, Any]:
    term = {"matchExpressions": [{"key": "zone", "operator": operator, "values": values}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    return {"affinity": {"nodeAffinity": required}}


@pytest.mark.parametrize(
    ("wanted", "where", "used", "why"),
    [
        (pod(), node(), {}, ""),
        (pod(), node(unschedulable=True), {}, "node(s) were unschedulable"),
        (pod(nodeSelector={"zone": "b"}), node(), {}, "node(s) didn't match Pod's node affinity/selector"),
        (pod(nodeSelector={"zone": "a"}), node(), {}, ""),
        (pod(**affinity("In", ["b"])), node(), {}, "node(s) didn't match Pod's node affinity/selector"),
        (pod(**affinity("NotIn", ["b"])), node(), {}, ""),
        (pod(), node(taints=[TAINT]), {}, "node(s) had untolerated taint(s) {gpu: yes}"),
        (pod(tolerations=[{"key": "gpu", "operator": "Exists"}]), node(taints=[TAINT]), {}, ""),
        (pod(tolerations=[{"key": "gpu", "value": "no"}]), node(taints=[TAINT]), {}, "node(s) had untolerated taint(s) {gpu: yes}"),
        (pod(), node(taints=[{**TAINT, "effect": "PreferNoSchedule"}]), {}, ""),
        (pod("2"), node(), {"cpu": 0}, ""),
        (pod("1500m"), node(), {"cpu": 501}, "Insufficient cpu"),
        (pod("1500m"), node(), {"cpu": 500}, ""),
        (pod(), node(), {"pods": 2}, ""),
        (pod(), node(), {"pods": 3}, "Too many pods"),
    ],
)  # fmt: skip
def test_why_a_pod_cannot_run_on_a_node(
    wanted: dict[str, Any], where: dict[str, Any], used: dict[str, Any], why: str
) -> None:
    assert refusal(wanted, where, used, requests_of(wanted)) == why


def stored_pod(name: str, where: str = "n", cpu: str = "500m", phase: str = "Running") -> dict[str, Any]:
    metadata = {"name": name, "namespace": "d", "creationTimestamp": "2026-01-01T00:00:00Z"}
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "status": {"phase": phase}, **pod(cpu)}
    made["metadata"] = metadata
    made["spec"] |= {"nodeName": where} if where else {}
    return made


def test_what_nodes_are_used_for_follows_every_change_of_a_pod() -> None:
    store = Store()
    store.put("pods", stored_pod("early"))
    usage = Usage(store)
    assert usage.by_node() == {"n": {"pods": 1, "cpu": 500}}
    store.put("pods", stored_pod("waiting", where=""))
    store.put("pods", stored_pod("second", cpu="2"))
    assert usage.by_node() == {"n": {"pods": 2, "cpu": 2500}}
    store.put("pods", stored_pod("waiting", where="other", cpu="1"))
    store.put("pods", stored_pod("second", cpu="2", phase="Succeeded"))
    assert usage.by_node() == {"n": {"pods": 1, "cpu": 500}, "other": {"pods": 1, "cpu": 1000}}
    store.delete("pods", "d", "early")
    store.delete("pods", "d", "second")
    assert usage.by_node() == {"n": {"pods": 0, "cpu": 0}, "other": {"pods": 1, "cpu": 1000}}


def test_what_nodes_are_used_for_is_counted_anew_where_changes_were_missed() -> None:
    store = Store()
    usage = Usage(store)
    store.put("pods", stored_pod("a"))
    usage.by_node()
    store.close_watches("pods")
    store.put("pods", stored_pod("b"))
    store.delete("pods", "d", "a")
    assert usage.by_node() == {"n": {"pods": 1, "cpu": 500}}
    store.put("pods", stored_pod("c"))
    assert usage.by_node() == {"n": {"pods": 2, "cpu": 1000}}


@pytest.mark.parametrize("known", [True, False], ids=["a change", "the first count"])
def test_a_pod_that_cannot_be_counted_spoils_no_count_after_it(known: bool) -> None:
    store = Store()
    usage = Usage(store)
    store.put("pods", stored_pod("a"))
    if known:
        usage.by_node()
    store.put("pods", stored_pod("b", cpu="many"))
    store.put("pods", stored_pod("c"))
    for _ in range(2):
        with pytest.raises(ArgumentError, match="many"):
            usage.by_node()
    store.delete("pods", "d", "b")
    assert usage.by_node() == {"n": {"pods": 2, "cpu": 1000}}
    store.delete("pods", "d", "a")
    assert usage.by_node() == {"n": {"pods": 1, "cpu": 500}}


def test_a_node_takes_as_many_pods_as_add_up_to_what_it_has() -> None:
    store = Store()
    usage = Usage(store)
    small = pod("100m")
    where = node()
    where["status"]["allocatable"] = {"cpu": "4", "pods": "110"}
    for number in range(40):
        assert refusal(small, where, usage.by_node().get("n", {}), requests_of(small)) == "", number
        store.put("pods", stored_pod(f"p{number}", cpu="100m"))
    assert refusal(small, where, usage.by_node()["n"], requests_of(small)) == "Insufficient cpu"
