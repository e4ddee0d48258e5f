"""%kuncordon on running servers; text and objects are compared with kubectl's in tests/parity."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.magics.conftest import Notebook


@pytest.fixture
def node(online: Notebook) -> Iterator[str]:
    name = f"node-{online.session.target.namespace}"
    online.ok(f"%%kapply\napiVersion: v1\nkind: Node\nmetadata: {{name: {name}}}")
    yield name
    online.unprotect()
    online.run("_kp.discard()")
    online.ok(f"%kdelete node {name} --wait=false")


def test_a_protected_target_gets_a_plan(online: Notebook, node: str) -> None:
    online.ok(f"%kcordon {node}")
    online.protect()
    ran = online.ok(f"%kuncordon {node}")
    assert f"node/{node} uncordoned" in ran.text
    assert "not applied" in ran.text
    online.ok("_kp.apply()")
    assert (online.ok(f"%kget node {node}").value.get("spec", {}).get("unschedulable") or False) is False
