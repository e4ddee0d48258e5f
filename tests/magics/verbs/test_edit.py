"""%kedit: a cell to edit, which does not overwrite what another one changed."""

from __future__ import annotations

from kmagic.errors import ConflictError, NotFoundError, UsageError
from tests.magics.conftest import Notebook

SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {mode: one}\n"


def cell_of(notebook: Notebook, line: str) -> str:
    """The cell that a line puts below itself."""
    notebook.ok(line)
    offered = notebook.shell.rl_next_input
    notebook.shell.rl_next_input = None
    assert offered is not None
    return str(offered)


def test_the_cell_holds_the_object_and_changes_it_where_it_was(online: Notebook) -> None:
    online.session.headless = lambda: False
    online.ok(f"%%kapply\n{SETTINGS}")
    namespace = online.session.target.namespace
    cell = cell_of(online, "%kedit cm/settings")
    assert cell.startswith(f"%%kreplace -n {namespace}\napiVersion: v1\n")
    assert "managedFields" not in cell
    online.ok("%kns default")
    assert "configmap/settings replaced" in online.ok(cell.replace("mode: one", "mode: two")).text
    assert online.ok(f"%kget cm settings -n {namespace}").value["data"] == {"mode": "two"}
    online.ok(f"%kns {namespace}")


def test_what_changed_meanwhile_is_not_overwritten(online: Notebook) -> None:
    online.session.headless = lambda: False
    online.ok(f"%%kapply\n{SETTINGS}")
    cell = cell_of(online, "%kedit cm settings -o json")
    online.ok("""%kpatch cm settings -p '{"data": {"mode": "theirs"}}'""")
    ran = online.run(cell.replace('"one"', '"two"'))
    assert isinstance(ran.error, ConflictError)
    assert "%kedit configmap/settings gives a cell with it as it is now" in ran.text
    assert online.ok("%kget cm settings").value["data"] == {"mode": "theirs"}


def test_without_a_page_the_way_is_named(online: Notebook) -> None:
    online.ok(f"%%kapply\n{SETTINGS}")
    text = online.fails("%kedit cm/settings")
    assert "%kget TYPE/NAME -o yaml" in text
    assert "%%kreplace" in text


def test_no_cell_holds_a_secret(online: Notebook) -> None:
    online.session.headless = lambda: False
    online.ok("%kcreate secret generic keys --from-literal key=value")
    assert isinstance(online.run("%kedit secret/keys").error, UsageError)
    assert isinstance(online.run("%kedit cm/nope").error, NotFoundError)
    assert getattr(online.shell, "rl_next_input", None) is None
