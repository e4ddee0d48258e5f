"""Cells of built-in resources as kubectl shows them."""

import json
from typing import Any

import pytest

from kmagic.sandbox.printers.table import builtin_format


@pytest.mark.parametrize(
    ("kind", "resource", "fields", "cells"),
    [
        ("Secret", "secrets", {"type": "Opaque", "data": {"a": "eA=="}}, ["x", "Opaque", 1]),
        ("Service", "services", {"spec": {"type": "ClusterIP", "clusterIP": "None", "ports": [{"port": 80}, {"port": 53, "protocol": "UDP"}], "selector": {"a": "b"}}}, ["x", "ClusterIP", "None", "<none>", "80/TCP,53/UDP"]),
        ("ServiceAccount", "serviceaccounts", {}, ["x"]),
        ("ConfigMap", "configmaps", {"data": {"a": "b"}, "binaryData": {"c": "eA=="}}, ["x", 2]),
    ],
)  # fmt: skip
def test_cells(still: Any, kind: Any, resource: Any, fields: Any, cells: Any) -> None:
    body = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x", "namespace": "default"}, **fields}
    if kind == "Service":
        for number, port in enumerate(body["spec"]["ports"]):
            port["name"] = f"p{number}"
    made = still.create(body)
    row = json.loads(builtin_format(resource).row(made, "None", still.now()))
    assert row["cells"][: len(cells)] == cells


def test_a_node_says_that_it_is_ready_and_its_addresses(still: Any) -> None:
    node = still.store.get("nodes", "", "node-1")
    cells = json.loads(builtin_format("nodes").row(node, "None", still.now()))["cells"]
    assert cells[:2] == ["node-1", "Ready"]
    assert cells[4].startswith("v1.")
