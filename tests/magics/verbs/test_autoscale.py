"""%kautoscale on running servers; text and objects are compared with kubectl's in tests/parity."""

from __future__ import annotations

from tests.magics.conftest import Notebook


def test_an_autoscaler_names_its_workload(online: Notebook) -> None:
    online.ok("%kcreate deployment web --image nginx")
    done = online.ok("%kautoscale deploy web --min 2 --max 5 --cpu 80%").value
    spec = done[0].after["spec"]
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    assert (done[0].action, spec["minReplicas"], spec["maxReplicas"]) == ("autoscaled", 2, 5)
    assert "required flag(s)" in online.fails("%kautoscale deploy web")
