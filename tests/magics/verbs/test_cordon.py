"""%kcordon on running servers; text and objects are compared with kubectl's in tests/parity."""

from __future__ import annotations

from tests.magics.conftest import Notebook
from tests.magics.verbs.conftest import plan_and_apply


def test_a_protected_target_gets_a_plan(online: Notebook, node: str) -> None:
    online.protect()
    assert f"node/{node} cordoned" in plan_and_apply(online, f"%kcordon {node}").text
    assert (online.ok(f"%kget node {node}").value.get("spec", {}).get("unschedulable") or False) is True
