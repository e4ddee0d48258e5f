"""%kexpose on running servers; text and objects are compared with kubectl's in tests/parity."""

from __future__ import annotations

from tests.magics.conftest import Notebook


def test_a_service_selects_the_workloads_pods(online: Notebook) -> None:
    online.ok("%kcreate deployment web --image nginx --port 8080")
    done = online.ok("%kexpose deploy/web --port 80 --target-port 8080").value
    spec = done[0].after["spec"]
    assert (done[0].action, spec["selector"]) == ("exposed", {"app": "web"})
    assert [(each["port"], each["targetPort"]) for each in spec["ports"]] == [(80, 8080)]
    assert "cannot expose a ConfigMap" in online.fails("%kexpose cm kube-root-ca.crt --port 80")
