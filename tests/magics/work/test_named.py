"""Objects that a command is about."""

from __future__ import annotations

from tests.magics.conftest import Notebook


def test_a_type_alone_is_not_enough(online: Notebook) -> None:
    online.ok("%kcreate deployment web --image nginx --port 80")
    assert "no name was specified" in online.fails("%kexpose deploy")
    assert online.ok("%kexpose deploy web --name front --selector a=b").value[0].after["spec"]["selector"] == {"a": "b"}
