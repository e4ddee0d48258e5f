"""What controllers count of a Pod."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.sandbox.controllers.pod_facts import active, pod_facts, requests_of
from kmagic.sandbox.storage.store import Store

CREATED = "2026-01-01T00:00:00Z"


def pod(phase: str = "Running", *, node: str = "n", ready: str = "", going: bool = False) -> dict[str, Any]:
    metadata = {"name": "p", "namespace": "d", "creationTimestamp": CREATED} | (
        {"deletionTimestamp": CREATED} if going else {}
    )
    conditions = [{"type": "Ready", "status": ready, "lastTransitionTime": "1970-01-01T00:01:40Z"}] if ready else []
    spec = {"containers": [], **({"nodeName": node} if node else {})}
    status = {"phase": phase, "conditions": conditions}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


@pytest.mark.parametrize(
    ("body", "counts", "ended", "since"),
    [
        (pod(), True, False, None),
        (pod(ready="True"), True, False, 100.0),
        (pod(ready="False"), True, False, None),
        (pod("Failed"), False, True, None),
        (pod("Succeeded"), False, True, None),
        (pod(going=True, ready="True"), False, False, 100.0),
    ],
)
def test_what_a_pod_counts_for(body: dict[str, Any], counts: bool, ended: bool, since: float | None) -> None:
    facts = pod_facts(Store().put("pods", body))
    assert (facts.active, facts.ended, facts.ready_since, facts.node) == (counts, ended, since, "n")
    assert active(body) is counts


def test_a_ready_pod_is_available_after_its_time() -> None:
    facts = pod_facts(Store().put("pods", pod(ready="True")))
    assert [facts.is_available(105, seconds) for seconds in (0, 5, 6)] == [True, True, False]
    assert not pod_facts(Store().put("pods", pod())).is_available(105, 0)


@pytest.mark.parametrize("said", [None, "", "now", "2026-01-01"])
def test_a_pod_that_does_not_say_since_when_it_is_ready_is_never_ready_for_long(said: str | None) -> None:
    body = pod(ready="True")
    body["status"]["conditions"][0]["lastTransitionTime"] = said
    facts = pod_facts(Store().put("pods", body))
    assert [facts.is_available(105, seconds) for seconds in (0, 1)] == [True, False]


def test_facts_are_read_once_a_version_and_anew_for_the_next() -> None:
    store = Store()
    first = store.put("pods", pod("Pending", node=""))
    assert pod_facts(first) is pod_facts(first)
    assert (pod_facts(first).phase, pod_facts(first).node) == ("Pending", "")
    assert pod_facts(store.put("pods", pod())).phase == "Running"


def test_requests_add_up_exactly() -> None:
    body = {"spec": {"containers": [{"resources": {"requests": {"cpu": "100m", "memory": "1Ki"}}}] * 3}}
    assert requests_of(body) == {"cpu": 300, "memory": 3_072_000}
