"""%kcordon on running servers; text and objects are compared with kubectl's in tests/parity."""

from __future__ import annotations

from tests.magics.conftest import Notebook


def test_a_protected_target_gets_a_plan(online: Notebook, node: str) -> None:
    online.protect()
    ran = online.ok(f"%kcordon {node}")
    assert f"node/{node} cordoned" in ran.text
    assert "not applied" in ran.text
    online.ok("_kp.apply()")
    assert (online.ok(f"%kget node {node}").value.get("spec", {}).get("unschedulable") or False) is True
