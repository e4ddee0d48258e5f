"""%kset on running servers; text and objects are compared with kubectl's in tests/parity."""

from __future__ import annotations

from tests.magics.conftest import Notebook


def env(online: Notebook) -> list[dict[str, str]]:
    found = online.ok("%kget deploy web").value["spec"]["template"]["spec"]["containers"][0].get("env")
    return [dict(each) for each in found or ()]


def test_variables_are_set_and_removed_in_order(online: Notebook) -> None:
    online.ok("%kcreate deployment web --image nginx")
    online.ok("%kset env deploy/web A=1 B=2 C=3")
    online.ok("%kset env deploy/web B- A=4 D=5")
    assert env(online) == [{"name": "A", "value": "4"}, {"name": "C", "value": "3"}, {"name": "D", "value": "5"}]


def test_a_value_becomes_a_reference(online: Notebook) -> None:
    online.ok("%kcreate deployment web --image nginx")
    online.ok("%kcreate cm settings --from-literal MODE=dark")
    online.ok("%kset env deploy/web MODE=light")
    online.ok("%kset env deploy/web --from configmap/settings")
    assert [sorted(each) for each in env(online)] == [["name", "valueFrom"]]


def test_no_credential_is_listed(online: Notebook) -> None:
    online.ok("%kcreate deployment web --image nginx")
    online.ok("%kset env deploy/web API_TOKEN=4711 MODE=dark")
    text = online.ok("%kset env deploy/web --list").text
    assert "MODE=dark" in text
    assert "4711" not in text
    assert "4711" not in online.fails("%kset env deploy/web API_TOKEN=1 --overwrite=false")


def test_a_protected_target_gets_a_plan(online: Notebook) -> None:
    online.ok("%kcreate deployment web --image nginx")
    online.protect()
    assert "nginx → nginx:2" in online.ok("%kset image deploy/web nginx=nginx:2").text
    online.ok("_kp.apply()")
    containers = online.ok("%kget deploy web").value["spec"]["template"]["spec"]["containers"]
    assert containers[0]["image"] == "nginx:2"
