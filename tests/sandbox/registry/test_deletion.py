"""How objects end."""

from typing import Any

import pytest

from kmagic.sandbox.registry import deletion
from kmagic.sandbox.registry.deletion import DeleteOptions
from kmagic.sandbox.status import APIError


def config_map(client: Any, **metadata: Any) -> Any:
    return client.create(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default", **metadata}}
    )


def delete(client: Any, stored: Any, **options: Any) -> Any:
    resource = client.resource_of(stored.decode())
    return deletion.delete(client.objects, resource, stored, DeleteOptions(**options))


def test_an_object_goes_at_once(still: Any) -> None:
    assert delete(still, config_map(still)).gone
    assert still.store.get("configmaps", "default", "a") is None


def test_a_finalizer_keeps_it_with_the_mark_of_its_deletion(still: Any) -> None:
    assert not delete(still, config_map(still, finalizers=["example.com/f"])).gone
    kept = still.store.get("configmaps", "default", "a").decode()
    assert kept["metadata"]["deletionTimestamp"]


def test_a_dry_run_and_a_wrong_precondition_change_nothing(still: Any) -> None:
    stored = config_map(still)
    delete(still, stored, dry_run=["All"])
    with pytest.raises(APIError) as caught:
        delete(still, stored, preconditions=deletion.Preconditions(uid="other"))
    assert caught.value.code == 409
    assert still.store.get("configmaps", "default", "a") is not None


@pytest.mark.parametrize("name", ["default", "kube-system"])
def test_the_servers_own_namespaces_stay(still: Any, name: str) -> None:
    with pytest.raises(APIError, match="this namespace may not be deleted"):
        delete(still, still.store.get("namespaces", "", name))
