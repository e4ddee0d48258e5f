"""%kreplace on running servers; text and objects are compared with kubectl's in tests/parity."""

from __future__ import annotations

from tests.magics.conftest import Notebook


def test_an_object_is_replaced_whole(online: Notebook) -> None:
    online.ok("%kcreate cm a --from-literal b=1 --from-literal c=2")
    cell = "%%kreplace\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {b: '3'}"
    online.ok(cell)
    assert online.shell.user_ns["_k"][0].action == "replaced"
    assert online.ok("%kget cm a").value["data"] == {"b": "3"}
    assert "not found" in online.fails(cell.replace("name: a", "name: nope"))


def test_a_version_that_is_gone_is_a_conflict(online: Notebook) -> None:
    online.ok("%kcreate cm a")
    cell = "%%kreplace\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, resourceVersion: '1'}"
    assert "the object has been modified" in online.fails(cell)
