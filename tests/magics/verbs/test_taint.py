"""%ktaint on running servers; text and objects are compared with kubectl's in tests/parity."""

from __future__ import annotations

from tests.magics.conftest import Notebook


def test_what_was_changed_is_a_value(online: Notebook, node: str) -> None:
    done = online.ok(f"%ktaint nodes {node} own=a:PreferNoSchedule").value
    assert [each.action for each in done] == ["tainted"]
    taints = [each for each in done[0].after["spec"]["taints"] if each["key"] == "own"]
    assert taints == [{"key": "own", "value": "a", "effect": "PreferNoSchedule"}]
    assert "spec.taints" in online.ok(f"%ktaint nodes {node} own-").text
