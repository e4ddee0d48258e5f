"""`%kwatch` in JupyterLab against a sandbox of 10,000 Pods that change 200 times a second."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from kmagic.sandbox.host import process
from kmagic.sandbox.host.process import SandboxProcess
from tests.browser.harness import Lab, Notebook

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with process.start(pods=10_000, churn=200, timeout=60) as running:
        yield running


def test_a_watch_of_ten_thousand_pods_is_live_searchable_and_leaves_the_kernel_free(lab: Lab, chrome: Browser) -> None:
    cells = [
        "%load_ext kmagic", "view = %kwatch pods -A\nview", "len(view), sum(range(1000))",
        "view.stop()\nfinal = {row.name: row.restarts for row in view.rows}\nfinal['load-09999']",
    ]  # fmt: skip
    notebook = Notebook.open(lab, chrome, "watch.ipynb", cells)
    notebook.run(0)
    notebook.run(1)
    notebook.until("t.state === 'live' && t.total === 10000", timeout=60)
    notebook.run(2)
    assert notebook.text(2) == "(10000, 499500)"

    before = notebook.table("t.seq")
    notebook.until("t.seq > argument + 5", before)  # it follows the changes
    notebook.page.locator(".kmt-grid").focus()
    notebook.page.keyboard.press("End")
    notebook.until("t.pool.some(l => !l.el.hidden && l.cells[1].textContent === 'load-09999')")
    notebook.screenshot("watch-sandbox", ".jp-Notebook")

    notebook.page.keyboard.press("y")
    notebook.page.wait_for_selector(".kmt-yaml >> text=load-09999")

    notebook.run(3)
    notebook.until("t.bar.dot.dataset.state === 'stopped'")
    shown = notebook.table("t.rows.get('load/load-09999').cells[3]")
    assert notebook.text(3) == shown.split()[0]  # the page ended with what Python has, where a count is a number
    notebook.close()


def test_a_watch_of_a_fresh_sandbox_works_after_restarting_the_kernel(lab: Lab, chrome: Browser) -> None:
    cells = ["%load_ext kmagic\n%kwatch nodes", "%kwatch nodes"]
    notebook = Notebook.open(lab, chrome, "restart.ipynb", cells)
    notebook.run(0)
    notebook.until("t.state === 'live' && t.total === 3")
    notebook.screenshot("watch-nodes", ".jp-Notebook")
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    notebook.run(0)
    notebook.until("t.state === 'live' && t.total === 3 && t.pool.some(l => !l.el.hidden)")
    assert [cells[0] for cells in notebook.seen()] == ["node-1", "node-2", "node-3"]
    notebook.close()


def test_live_events_begin_with_the_newest_and_a_wide_table_with_all_columns(lab: Lab, chrome: Browser) -> None:
    events = "".join(
        f"---\napiVersion: v1\nkind: Event\nmetadata: {{name: {reason.lower()}, namespace: default}}\nreason: {reason}\n"
        f"lastTimestamp: 2026-01-01T00:00:0{second}Z\n"
        "involvedObject: {kind: ConfigMap, name: told, namespace: default}\n"
        for reason, second in (("Old", 1), ("Newest", 9), ("Middle", 5))
    )
    cells = [
        "%load_ext kmagic", f"%%kapply -n default\n{events}", "%kevents -w --for cm/told -n default", "%kwatch nodes -o wide",
    ]  # fmt: skip
    notebook = Notebook.open(lab, chrome, "events.ipynb", cells)
    notebook.run(0)
    notebook.run(1)
    notebook.run(2)
    notebook.until("t.state === 'live' && t.total === 3 && t.pool.some(l => !l.el.hidden)")
    assert [cells[2] for cells in notebook.seen()] == ["Newest", "Middle", "Old"]
    notebook.screenshot("events-newest-first", ".jp-Notebook")
    notebook.run(3)
    notebook.until("t.state === 'live' && t.total === 3 && t.wide && t.shown.length === t.head.columns.length")
    notebook.close()


LOST = """%%kapply
apiVersion: v1
kind: Pod
metadata: {name: lost}
spec:
  nodeSelector: {none: there}
  containers: [{name: web, image: "nginx:1"}]
"""


def test_the_column_of_reasons_says_what_the_objects_say(lab: Lab, chrome: Browser) -> None:
    cells = ["%load_ext kmagic", LOST, "view = %kwatch pods -n default\nview", "view.why"]
    notebook = Notebook.open(lab, chrome, "why.ipynb", cells)
    for cell in (0, 1, 2):
        notebook.run(cell)
    notebook.until("t.state === 'live' && t.total === 1")
    notebook.page.get_by_role("button", name="Why").click()
    notebook.until("t.rows.get('default/lost').why.startsWith('Unschedulable: 0/3 nodes')")
    notebook.until("t.headRow.lastChild.textContent === 'WHY'")
    notebook.screenshot("watch-why", ".jp-Notebook")
    assert notebook.seen()[0][-1].startswith("Unschedulable: 0/3 nodes")
    # Worst first by the column, and away with it by its key.
    notebook.page.locator(".kmt-grid").focus()
    notebook.page.keyboard.press("Shift+W")
    notebook.until("!t.shown.includes(-2)")
    notebook.run(3)
    assert "default/lost" in notebook.text(3)
    notebook.close()


def test_several_types_are_tabs_and_one_that_may_not_be_listed_is_not_called_empty(lab: Lab, chrome: Browser) -> None:
    cells = ["%load_ext kmagic\n%kctx sandbox-readonly", "view = %kwatch pods,secrets,configmaps -n default\nview"]
    notebook = Notebook.open(lab, chrome, "forbidden.ipynb", cells)
    notebook.run(0)
    notebook.run(1)
    tabs = notebook.page.locator(".kmt-deck > .kmt-tabs [role=tab]")
    notebook.page.wait_for_selector(".kmt-deck [role=tab] >> text=/^Configmaps [1-9]/")
    assert tabs.nth(1).inner_text() == "✕ Secrets not listed"
    assert notebook.page.locator(".kmt-deck [role=tab][aria-selected=true]").count() == 1
    notebook.until("t.head?.title === 'Pods' && t.state === 'live'")
    tabs.nth(0).focus()
    notebook.page.keyboard.press("ArrowRight")
    notebook.until("t.empty.textContent.startsWith('Not listed: secrets is forbidden')")
    notebook.screenshot("watch-forbidden", ".jp-Notebook")
    tabs.nth(2).click()
    notebook.until("t.head?.title === 'Configmaps' && t.total > 0 && t.pool.some(l => !l.el.hidden)")
    assert notebook.page.locator(".kmt-deck [role=tabpanel]:visible").count() == 1
    assert notebook.barriers(".kmt-deck") == []
    assert notebook.page.locator(".kmg-fallback:visible").count() == 0
    notebook.screenshot("watch-tabs", ".jp-Notebook")
    notebook.close()
