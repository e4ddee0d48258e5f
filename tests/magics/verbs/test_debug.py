"""%kdebug on running servers; text and objects are compared with kubectl's in tests/parity."""

from __future__ import annotations

from tests.magics.conftest import Notebook

POD = """%%kapply
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {schedulerName: none, containers: [{name: main, image: nginx}]}
"""


def test_a_container_is_added_and_is_a_value(online: Notebook) -> None:
    online.ok(POD)
    ran = online.ok("done = %kdebug web --image busybox --target main -- sleep 1d")
    assert 'Targeting container "main".' in ran.text
    (made,) = online.ok("%kget pod web").value["spec"]["ephemeralContainers"]
    assert f"Defaulting debug container name to {made['name']}." in ran.text
    assert made["command"] == ["sleep", "1d"]
    assert [each.action for each in online.shell.user_ns["done"]] == ["debugged"]


def test_a_copy_may_replace_the_original(online: Notebook) -> None:
    online.ok(POD)
    done = online.ok("%kdebug web --copy-to copied --set-image main=nginx:2 --replace").value
    assert [each.what for each in done] == ["pod/copied", "pod/web"]
    assert online.ok("%kget pods -o name").value == ["pod/copied"]


def test_a_protected_target_gets_a_plan(online: Notebook) -> None:
    online.ok(POD)
    online.protect()
    assert "spec.ephemeralContainers" in online.ok("%kdebug web --image busybox -c look").text
    assert "ephemeralContainers" not in online.ok("%kget pod web").value["spec"]
    online.ok("_kp.apply()")
    assert [each["name"] for each in online.ok("%kget pod web").value["spec"]["ephemeralContainers"]] == ["look"]
