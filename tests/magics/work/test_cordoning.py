"""What is sent to mark a node."""

from __future__ import annotations

import pytest

from kmagic.magics.work.cordoning import cordoning
from kmagic.rest.resource import APIResource

NODES = APIResource("", "v1", "nodes", "Node", False)


@pytest.mark.parametrize(
    ("spec", "wanted", "patch", "says"),
    [
        pytest.param({}, True, {"spec": {"unschedulable": True}}, "cordoned", id="cordon"),
        pytest.param({"unschedulable": True}, True, None, "already cordoned", id="cordoned"),
        pytest.param({"unschedulable": True}, False, {"spec": {"unschedulable": None}}, "uncordoned", id="uncordon"),
        pytest.param({}, False, None, "already uncordoned", id="uncordoned"),
    ],
)
def test_a_node_is_marked_once(spec: dict[str, bool], wanted: bool, patch: object, says: str) -> None:
    change = cordoning(NODES, {"kind": "Node", "metadata": {"name": "a"}, "spec": spec}, wanted=wanted)
    assert (change.patch, change.tried().action) == (patch, says)
