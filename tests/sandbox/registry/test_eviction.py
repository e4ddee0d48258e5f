"""A budget lets as many Pods go as it says."""

import pytest

from kmagic.sandbox.registry.eviction import require_allowed
from kmagic.sandbox.status import APIError

POD = {"metadata": {"name": "p", "namespace": "default", "labels": {"app": "web"}}, "status": {"phase": "Running"}}


@pytest.fixture
def store(still):
    body = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "b", "namespace": "default"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}},
    }
    made = still.create(body).decode()
    state = {"disruptionsAllowed": 1, "desiredHealthy": 1, "currentHealthy": 2, "expectedPods": 2}
    still.store.put("poddisruptionbudgets.policy", made | {"status": state})
    return still.store


def test_each_eviction_takes_one_and_the_next_is_refused_with_the_reason(store):
    require_allowed(store, POD)
    with pytest.raises(APIError, match="would violate the pod's disruption budget") as caught:
        require_allowed(store, POD)
    assert caught.value.code == 429
    assert (
        caught.value.details["causes"][0]["message"]
        == "The disruption budget b needs 1 healthy pods and has 2 currently"
    )


@pytest.mark.parametrize("other", [{"status": {"phase": "Pending"}}, {"metadata": {**POD["metadata"], "labels": {}}}])
def test_pods_it_does_not_count_are_free_to_go(store, other):
    for _ in range(3):
        require_allowed(store, POD | other)
