"""A live cell that runs again replaces what it had started: nothing grows, on the sandbox and on the real server."""

from __future__ import annotations

import pytest

from tests.conftest import Server
from tests.kernel import leaks
from tests.kernel.harness import Kernel

pytestmark = pytest.mark.timeout(240)


def test_thirty_runs_of_live_cells_leave_what_three_left(with_pod: Kernel, server: Server) -> None:
    leaks.prepare(with_pod, server.server)
    leaks.rerun(with_pod, 3)
    before = leaks.figures(with_pod)
    leaks.rerun(with_pod, 27)
    after = leaks.figures(with_pod)
    memory = after.pop("MiB") - before.pop("MiB")
    # A watch that is being closed holds its socket and its task for a moment.
    assert {name: after[name] - before[name] for name in after if after[name] > before[name] + 2} == {}
    assert (after["comms"], after["widgets"]) == (before["comms"], before["widgets"])
    assert memory < 20


def test_ten_equal_views_cost_one_watch(notebook: Kernel, server: Server) -> None:
    leaks.prepare(notebook, server.server)
    notebook.ok("%kwatch configmaps", cell="0")
    before = leaks.figures(notebook)
    for name in map(str, range(1, 10)):
        notebook.ok("%kwatch configmaps", cell=name)
    after = leaks.figures(notebook)
    assert (after["informers"], after["sockets"]) == (before["informers"], before["sockets"])
    notebook.ok("other = %kwatch configmaps -l app=web", cell="other")
    assert leaks.figures(notebook)["informers"] == before["informers"] + 1


def test_a_view_that_was_replaced_is_stopped_and_keeps_its_last_rows(notebook: Kernel) -> None:
    notebook.ok("view = %kwatch configmaps\nview", cell="a")
    notebook.ok("old = view", cell="b")
    notebook.ok("view = %kwatch configmaps\nview", cell="a")
    assert notebook.evaluate("(old.state, view.state)") == ("stopped", "live")
    assert notebook.evaluate("old.names == view.names == ['kube-root-ca.crt']")
    notebook.ok("edited = 1", cell="a")
    assert notebook.evaluate("view.state") == "stopped"


def test_a_cell_without_an_id_is_known_by_its_text(notebook: Kernel) -> None:
    notebook.ok("views = []")
    notebook.ok("view = %kwatch configmaps\nviews.append(view)")
    notebook.ok("view = %kwatch secrets\nviews.append(view)")
    notebook.ok("view = %kwatch configmaps\nviews.append(view)")
    assert notebook.evaluate("[view.state for view in views]") == ["stopped", "live", "live"]


def test_what_a_cell_runs_inside_another_is_its_own(notebook: Kernel) -> None:
    notebook.ok("views = []")
    inner = "view = %kwatch secrets\\nviews.append(view)"
    notebook.ok(f"get_ipython().run_cell('{inner}')\nview = %kwatch configmaps\nviews.append(view)", cell="outer")
    notebook.ok("pass", cell="outer")
    assert notebook.evaluate("[view.state for view in views]") == ["live", "stopped"]


def test_a_cache_says_which_cell_reads_it(notebook: Kernel) -> None:
    notebook.ok("import kmagic\nheld = kmagic.cache('configmaps')")
    notebook.ok("number = next(at for at, cell in enumerate(In) if cell.startswith('import kmagic'))")
    readers = "[each.readers for each in get_ipython().run_line_magic('kcache', 'configmaps')]"
    assert notebook.evaluate(f"{readers} == [(f'cell [{{number}}]',)]")
