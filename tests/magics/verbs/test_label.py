"""%klabel on running servers."""

from __future__ import annotations

from kmagic.errors import UsageError
from tests.magics.conftest import Notebook


def test_labels_are_set_replaced_and_removed(online: Notebook) -> None:
    online.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {app: web}}")

    def labels() -> dict[str, str]:
        return dict(online.ok("%kget cm a").value["metadata"].get("labels") or {})

    online.ok("%klabel cm a tier=front")
    assert labels() == {"app": "web", "tier": "front"}
    ran = online.run("%klabel cm a tier=back")
    assert isinstance(ran.error, UsageError)
    assert "a has tier=front already" in ran.text
    online.ok("%klabel cm -l app=web tier=back --overwrite")
    assert labels() == {"app": "web", "tier": "back"}
    online.ok("%kubectl label cm/a tier- app-")
    assert labels() == {}
    assert "say which" in online.fails("%klabel cm x=1")
