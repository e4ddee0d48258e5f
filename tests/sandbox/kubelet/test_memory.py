"""What a node keeps: addresses."""

from typing import Any

import pytest

from kmagic.sandbox.kubelet.logs import LogBook
from kmagic.sandbox.kubelet.memory import NodeMemory


@pytest.fixture
def memory(still: Any) -> Any:
    return NodeMemory(still, LogBook())


def test_addresses_of_pods_are_of_their_nodes_range_and_each_once(memory: Any) -> None:
    given = [memory.next_address("node-1") for _ in range(250)]
    assert len(set(given)) == len(given)
    assert given[0].rpartition(".")[0] != memory.next_address("node-2").rpartition(".")[0]


def test_a_node_has_its_own_address(memory: Any, still: Any) -> None:
    node = still.store.get("nodes", "", "node-1").decode()
    addresses = {address["type"]: address["address"] for address in node["status"]["addresses"]}
    assert memory.address_of("node-1") == addresses["InternalIP"]
