"""A rollout in JupyterLab, against a sandbox: what a user sees while the cell waits, and what stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from kmagic.sandbox.host import process
from kmagic.sandbox.host.process import SandboxProcess
from tests.browser.harness import Lab, Notebook

pytestmark = pytest.mark.timeout(240)

WEB = """%%kapply
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME}
spec:
  replicas: 3
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec: {containers: [{name: main, image: "nginx:1"}]}
"""
STUCK = "spec: {template: {spec: {nodeSelector: {disk: fast}}}}"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with process.start(timeout=60) as running:
        yield running


def test_a_rollout_is_on_the_page_while_it_goes_on_and_its_chart_in_the_saved_notebook(
    lab: Lab, chrome: Browser
) -> None:
    cells = [
        "%load_ext kmagic",
        WEB.replace("NAME", "web"),
        "%krollout status deploy/web",
        "%krollout restart deploy/web",
        "%krollout status deploy/web",
    ]
    notebook = Notebook.open(lab, chrome, "rollout.ipynb", cells)
    for at in range(4):
        notebook.run(at)
    notebook.run(4)
    notebook.until("t.now?.done && t.now.new[2] === 3 && t.now.old[1] === 0 && t.dot.dataset.state === 'ended'")
    assert notebook.table("t.told.textContent") == '✓ deployment "web" successfully rolled out'
    assert notebook.table("[...t.steps.children].every(step => step.className === 'full')")
    assert notebook.table("t.chart.querySelectorAll('polygon').length") == 2
    notebook.screenshot("rollout-done", ".jp-Notebook")
    outputs = notebook.save()["cells"][4]["outputs"]
    html = "".join(outputs[0]["data"]["text/html"])
    assert "<svg" in html
    assert "successfully rolled out" in html
    assert len(str(outputs)) < 30_000
    assert [output["output_type"] for output in outputs] == ["display_data", "display_data"]
    notebook.restart()
    notebook.load()
    notebook.page.wait_for_selector(".kmg-fallback >> text=successfully rolled out >> nth=1")
    notebook.screenshot("rollout-reopened", ".jp-Notebook")
    notebook.close()


def test_the_reason_of_a_stuck_rollout_is_shown_in_all_themes_and_widths(lab: Lab, chrome: Browser) -> None:
    cells = [
        "%load_ext kmagic", WEB.replace("NAME", "stuck"), "%krollout status deploy/stuck",
        f"%kpatch deploy/stuck --type merge -p '{{{STUCK}}}'", "import kmagic\nrollout = kmagic.rollout('deploy/stuck')\nrollout",
        "rollout.reasons",
    ]  # fmt: skip
    notebook = Notebook.open(lab, chrome, "stuck.ipynb", cells)
    for at in range(5):
        notebook.run(at)
    notebook.until("t.now?.troubles.length === 1 && t.now.new[1] === 1")
    assert notebook.table("t.troubles.textContent").startswith("✕ pod/stuck-")
    assert "Unschedulable: 0/3 nodes" in notebook.table("t.troubles.textContent")
    notebook.run(5)
    assert "Unschedulable" in notebook.text(5)
    for theme in ("Light", "Dark", "Dark High Contrast"):
        notebook.theme(theme)
        assert notebook.barriers(".kmr") == [], theme
        notebook.screenshot(f"rollout-stuck-{theme.lower().replace(' ', '-')}", ".jp-Notebook")
    notebook.theme("Light")
    notebook.page.set_viewport_size({"width": 560, "height": 900})
    notebook.screenshot("rollout-stuck-narrow", ".jp-Notebook")
    notebook.close()
