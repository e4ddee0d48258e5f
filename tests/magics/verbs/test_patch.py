"""%kpatch on running servers: every kind of patch, in the line, in a file, in the cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from kmagic.errors import NotFoundError, UsageError
from tests.magics.conftest import Notebook


@pytest.fixture
def filled(online: Notebook) -> Notebook:
    online.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}")
    return online


def data(notebook: Notebook) -> dict[str, str]:
    return dict(notebook.ok("%kget cm a").value["data"])


@pytest.mark.parametrize(
    ("cell", "left"),
    [
        pytest.param("""%kpatch cm a -p '{"data": {"m": "1"}}'""", {"k": "v", "m": "1"}, id="strategic"),
        pytest.param("""%kpatch cm/a --type merge -p '{"data": {"k": null, "m": "1"}}'""", {"m": "1"}, id="merge"),
        pytest.param(
            """%kpatch cm a --type json -p '[{"op": "replace", "path": "/data/k", "value": "w"}]'""",
            {"k": "w"},
            id="json",
        ),
        pytest.param("%%kpatch cm a\ndata:\n  m: '1'", {"k": "v", "m": "1"}, id="cell"),
    ],
)
def test_fields_change(filled: Notebook, cell: str, left: dict[str, str]) -> None:
    assert "configmap/a patched" in filled.ok(cell).text
    assert data(filled) == left


def test_a_patch_may_be_in_a_file(filled: Notebook, tmp_path: Path) -> None:
    path = tmp_path / "patch.yaml"
    path.write_text("data: {m: '1'}")
    filled.ok(f"%kpatch cm a --patch-file {path}")
    assert data(filled) == {"k": "v", "m": "1"}


@pytest.mark.parametrize(
    ("cell", "kind", "says"),
    [
        pytest.param("%kpatch cm a", UsageError, "say the patch once", id="no patch"),
        pytest.param("%kpatch cm -p '{}'", UsageError, "say which: TYPE NAME", id="no name"),
        pytest.param("%kpatch cm nope -p '{}'", NotFoundError, "not found", id="missing"),
        pytest.param("%kpatch cm a -p '{'", UsageError, "cannot be read", id="no YAML"),
        pytest.param("%kpatch cm a --type json -p '{}'", UsageError, "list of operations", id="json but object"),
    ],
)
def test_a_mistake_changes_nothing(filled: Notebook, cell: str, kind: type[Exception], says: str) -> None:
    ran = filled.run(cell)
    assert isinstance(ran.error, kind)
    assert says in ran.text
    assert data(filled) == {"k": "v"}


@pytest.mark.parametrize("variable", ["p = '{}'\n", ""], ids=["a variable", "no variable"])
def test_a_patch_in_single_braces_is_named(offline: Notebook, variable: str) -> None:
    text = offline.fails(f"{variable}%kpatch cm/a -p {{p}}")
    assert "{{p}}" in text
