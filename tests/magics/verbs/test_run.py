"""%krun on running servers; text and objects are compared with kubectl's in tests/parity."""

from __future__ import annotations

from tests.magics.conftest import Notebook


def test_a_pod_and_its_service_are_made_without_a_server(offline: Notebook) -> None:
    text = offline.ok("%krun web --image nginx --port 80 --expose --dry-run=client -o name").value.text
    assert text == "pod/web\nservice/web"


def test_a_pod_runs(online: Notebook) -> None:
    done = online.ok("%krun once --image busybox --restart Never -- sh -c date").value
    assert done[0].after["spec"]["containers"][0]["args"] == ["sh", "-c", "date"]
    assert done[0].after["spec"]["restartPolicy"] == "Never"
