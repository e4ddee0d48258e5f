"""What is there at the start."""

import pytest

from kmagic.sandbox.access.authentication import User
from kmagic.sandbox.cluster import Cluster
from kmagic.sandbox.host.seed import seed


@pytest.mark.parametrize("nodes", [0, 3])
def test_namespaces_nodes_and_the_servers_own_service(nodes: int) -> None:
    cluster = Cluster({"t": User("x")})
    seed(cluster.client, nodes)
    store = cluster.client.store
    assert {"default", "kube-system", "kube-public"} <= {stored.name for stored in store.list("namespaces")}
    found = [stored.decode() for stored in store.list("nodes")]
    assert len(found) == nodes
    for node in found:
        ready = next(c for c in node["status"]["conditions"] if c["type"] == "Ready")
        assert ready["status"] == "True"
        assert node["spec"]["podCIDR"]
    service = store.get("services", "default", "kubernetes").decode()
    assert service["spec"]["ports"][0]["port"] == 443
    assert {"system-cluster-critical", "system-node-critical"} <= {
        stored.name for stored in store.list("priorityclasses.scheduling.k8s.io")
    }
