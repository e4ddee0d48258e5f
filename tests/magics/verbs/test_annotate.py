"""%kannotate on running servers."""

from __future__ import annotations

from tests.magics.conftest import Notebook


def test_annotations_are_set_and_removed(online: Notebook) -> None:
    online.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}")

    def notes() -> dict[str, str]:
        return dict(online.ok("%kget cm a").value["metadata"].get("annotations") or {})

    assert "configmap/a annotated" in online.ok("%kannotate cm a note='first try' other=1").text
    assert notes() == {"note": "first try", "other": "1"}
    online.ok("%kannotate cm/a note-")
    assert notes() == {"other": "1"}
