"""A Pod is given to a node once."""

from typing import Any

import pytest

from kmagic.sandbox.registry.binding import bind
from kmagic.sandbox.registry.objects import Options
from kmagic.sandbox.status import APIError


def pod(client: Any, **spec: Any) -> Any:
    metadata = {"name": "p", "namespace": "default"}
    spec = {"containers": [{"name": "c", "image": "i"}], **spec}
    return client.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


@pytest.mark.parametrize(("dry_run", "node"), [(False, "node-1"), (True, None)])
def test_a_bound_pod_knows_its_node_and_a_dry_run_binds_nothing(still: Any, dry_run: bool, node: Any) -> None:
    stored = pod(still)
    resource = still.catalog.by_kind("v1", "Pod")
    bind(still.objects, resource, stored, "node-1", Options(dry_run=dry_run))
    now = still.store.get("pods", "default", "p").decode()
    assert now["spec"].get("nodeName") == node
    scheduled = [c["status"] for c in now["status"].get("conditions") or () if c["type"] == "PodScheduled"]
    assert scheduled == (["True"] if node else [])


def test_a_pod_that_has_a_node_keeps_it(still: Any) -> None:
    with pytest.raises(APIError, match='pod p is already assigned to node "n"'):
        bind(still.objects, still.catalog.by_kind("v1", "Pod"), pod(still, nodeName="n"), "node-1", Options())
