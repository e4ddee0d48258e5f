"""The typed groups: the API's own plurals, in the context's namespace unless told otherwise."""

from __future__ import annotations

from kmagic.models.core_v1 import Node
from kmagic.sync.client import Client


def test_a_resource_is_used_as_it_is_or_called_with_a_namespace(client: Client) -> None:
    pods = client.core_v1.pods
    assert pods.namespace == client.config.namespace
    assert pods("shop").namespace == "shop"
    assert pods(None).namespace is None
    assert type(pods("shop")) is type(pods)


def test_cluster_scoped_kinds_come_back_as_their_models(client: Client) -> None:
    nodes = client.core_v1.nodes.list()
    assert nodes.items
    assert all(isinstance(node, Node) for node in nodes)
    assert "core_v1" in repr(client.core_v1)
