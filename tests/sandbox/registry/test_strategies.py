"""What a write may not change, and what counts as a change of what is wanted."""

from typing import Any

import pytest

from kmagic.sandbox.registry import strategies
from kmagic.sandbox.registry.objects import Options
from tests.sandbox.conftest import deployment


@pytest.mark.parametrize(
    ("resources", "quality"),
    [
        ({}, "BestEffort"),
        ({"requests": {"cpu": "1"}}, "Burstable"),
        ({"requests": {"cpu": "1", "memory": "1"}, "limits": {"cpu": "1", "memory": "1"}}, "Guaranteed"),
    ],
)
def test_the_quality_class_of_a_pod(resources: Any, quality: Any) -> None:
    assert strategies.quality_class({"containers": [{"name": "c", "resources": resources}]}) == quality


def test_the_generation_counts_changes_of_the_spec_only(still: Any) -> None:
    body = deployment()
    body["metadata"]["namespace"] = "default"
    stored = still.create(body)
    resource = still.resource_of(body)

    def change(part: Any, value: Any) -> Any:
        current = still.store.get("deployments.apps", "default", "web")
        new = current.decode()
        new[part] = {**new.get(part, {}), **value}
        return still.objects.replace(resource, current, new, Options(manager="t")).decode()["metadata"]["generation"]

    assert stored.decode()["metadata"]["generation"] == 1
    assert change("metadata", {"labels": {"a": "b"}}) == 1
    assert change("status", {"replicas": 9}) == 1
    assert change("spec", {"replicas": 9}) == 2
    assert (still.store.get("deployments.apps", "default", "web").decode().get("status") or {}).get("replicas") is None
