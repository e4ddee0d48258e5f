"""Live tables and cards for eyes, ears and hands of every kind: axe-core finds nothing serious, in any theme."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from kmagic.sandbox.host import process
from kmagic.sandbox.host.process import SandboxProcess
from tests.browser.harness import Lab, Notebook

pytestmark = pytest.mark.timeout(240)

THEMES = ("Light", "Dark", "Dark High Contrast")
CARDS = [
    "%load_ext kmagic",
    "%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: told}\ndata: {a: b}\n",
    "%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: told}\ndata: {a: c}\n",
    "%kget pods -A -o wide",
    "%kget nodes",
    "%kget pods/none-of-this-name",
    "%kexplain pod.spec",
    "%kcache",
    "%kdescribe cm/told",
    "%%kdiff\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: told}\ndata: {a: d, e: f}\n",
    "%kdrain node-1 --ignore-daemonsets --delete-emptydir-data --force --dry-run=server",
    "%ktop pods -n default",
    "%ktop nodes",
    "%kdelete cm told",
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with process.start(pods=60, timeout=60) as running:
        yield running


def test_cards_and_static_tables_have_no_serious_barrier(lab: Lab, chrome: Browser) -> None:
    notebook = Notebook.open(lab, chrome, "cards.ipynb", CARDS, height=3600)
    for at in range(len(CARDS)):
        notebook.start(at)
        notebook.finish(at)
    for theme in THEMES:
        notebook.theme(theme)
        assert notebook.barriers(".kmg") == [], theme
        notebook.screenshot(f"cards-{theme.lower().replace(' ', '-')}", ".jp-Notebook")
    notebook.close()


def test_a_live_table_has_no_serious_barrier(lab: Lab, chrome: Browser) -> None:
    cells = ["from tests.browser.feeds import Pods\npods = Pods(1_000)", "table = pods.show()"]
    notebook = Notebook.open(lab, chrome, "table.ipynb", cells)
    notebook.run(0)
    notebook.run(1)
    notebook.until("t.all === 1000 && t.pool.some(l => !l.el.hidden)")
    notebook.page.locator(".kmt-grid").focus()
    for key in ("ArrowDown", "ArrowDown", " ", "y", "?"):
        notebook.page.keyboard.press(key)
    notebook.page.wait_for_selector(".kmt-yaml >> text=kind: Pod")
    for theme in THEMES:
        notebook.theme(theme)
        assert notebook.barriers(".kmt") == [], theme
        notebook.screenshot(f"live-table-open-{theme.lower().replace(' ', '-')}", ".jp-Notebook")
    notebook.close()
