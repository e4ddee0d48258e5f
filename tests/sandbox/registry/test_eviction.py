"""A budget lets as many Pods go as it says; the conformance suite has the rest."""

from typing import Any

import pytest

from kmagic.sandbox.registry.deletion import DeleteOptions
from kmagic.sandbox.registry.eviction import BUDGETS, budgets_of, evict
from kmagic.sandbox.status import APIError


def pod(name: Any, app: Any) -> Any:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "labels": {"app": app}},
        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
    }


@pytest.fixture
def pods(still: Any) -> Any:
    body = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "b", "namespace": "default"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}},
    }
    made = still.create(body).decode()
    state = {"disruptionsAllowed": 1, "desiredHealthy": 1, "currentHealthy": 2, "observedGeneration": 1}
    still.store.put(BUDGETS, made | {"status": state})
    return [_running(still, pod(name, app)) for name, app in (("a", "web"), ("b", "web"), ("c", "other"))]


def _running(client: Any, body: Any) -> Any:
    made = client.create(body).decode()
    ready = {"type": "Ready", "status": "True"}
    return client.store.put("pods", made | {"status": {"phase": "Running", "conditions": [ready]}})


def test_each_eviction_takes_one_and_what_is_gone_is_written_down(still: Any, pods: Any) -> None:
    resource = still.catalog.find("", "v1", "pods")
    evict(still.objects, resource, pods[0], DeleteOptions())
    budget = still.store.get(BUDGETS, "default", "b").decode()
    assert list(budget["status"]["disruptedPods"]) == ["a"]
    assert budget["status"]["conditions"][0]["reason"] == "InsufficientPods"
    with pytest.raises(APIError, match="would violate the pod's disruption budget") as caught:
        evict(still.objects, resource, pods[1], DeleteOptions())
    assert (caught.value.code, caught.value.details["causes"][0]["reason"]) == (429, "DisruptionBudget")


def test_a_pod_that_no_budget_selects_is_free_to_go(still: Any, pods: Any) -> None:
    assert budgets_of(still.store, pods[2]) == []
    answer = evict(still.objects, still.catalog.find("", "v1", "pods"), pods[2], DeleteOptions())
    assert answer == {"status": "Success"}
    assert still.store.get("pods", "default", "c") is None


def test_a_budget_that_the_controller_has_not_seen_allows_nothing_yet(still: Any, pods: Any) -> None:
    budget = still.store.get(BUDGETS, "default", "b").decode()
    budget["metadata"]["generation"] = 2
    still.store.put(BUDGETS, budget)
    with pytest.raises(APIError, match="would violate") as caught:
        evict(still.objects, still.catalog.find("", "v1", "pods"), pods[0], DeleteOptions())
    assert caught.value.details["retryAfterSeconds"] == 10
