"""The live table in JupyterLab, in Chromium: what a user sees and does."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Browser

from kmagic.api.times import human_duration
from tests.browser.feeds import SECRET
from tests.browser.harness import Lab, Notebook

pytestmark = pytest.mark.timeout(240)

SETUP = "from tests.browser.feeds import Pods\npods = Pods(10_000)"
SHOW = "table = pods.show()"


@pytest.fixture
def notebook(lab: Lab, chrome: Browser, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """A notebook with a live table of 10,000 Pods, and cells the test asks for by its marker."""
    cells = getattr(request, "param", [])
    opened = Notebook.open(lab, chrome, f"{request.node.name.partition('[')[0]}.ipynb", [SETUP, SHOW, *cells])
    opened.run(0)
    opened.run(1)
    opened.until("t.all === 10000 && t.pool.some(l => !l.el.hidden)")
    yield opened
    opened.close()


def names(notebook: Notebook) -> list[str]:
    return [cells[1] for cells in notebook.seen()]


def test_ten_thousand_rows_are_shown_to_the_end(notebook: Notebook) -> None:
    assert names(notebook)[:3] == ["web-00000", "web-00001", "web-00002"]
    assert notebook.table("t.grid.getAttribute('aria-rowcount')") == "10001"
    notebook.page.locator(".kmt-grid").focus()
    notebook.page.keyboard.press("End")
    notebook.until("t.pool.some(l => !l.el.hidden && l.cells[1].textContent === 'web-09999')")
    assert names(notebook)[-1] == "web-09999"
    assert notebook.page.locator(".kmt *").count() < 600  # a window of rows, not all of them


@pytest.mark.parametrize("notebook", [["pods.churn(per_second=200, seconds=6)", "pods.changes"]], indirect=True)
def test_two_hundred_changes_a_second_lose_no_final_state(notebook: Notebook) -> None:
    notebook.run(2)
    for _ in range(100):
        notebook.run(3)
        if notebook.text(3) == "-1":
            break
    notebook.page.locator(".kmt-search").fill("restarts:final")
    notebook.until("t.total === 100 && t.pool.filter(l => !l.el.hidden).every(l => l.cells[4].textContent === 'final')")
    assert names(notebook)[:3] == ["web-00000", "web-00100", "web-00200"]
    assert notebook.table("t.frames") > 30  # it moved while it changed
    notebook.screenshot("live-table-final")


def test_sorting_turns_the_rows_around_and_back(notebook: Notebook) -> None:
    header = notebook.page.locator(".kmt-th", has_text="AGE")
    header.click()
    notebook.until("t.pool.some(l => !l.el.hidden && l.cells[1].textContent === 'web-00000') && t.sort === 4")
    header.click()
    notebook.until("t.pool.some(l => !l.el.hidden && l.cells[1].textContent === 'web-09999')")
    assert names(notebook)[0] == "web-09999"
    assert header.get_attribute("aria-sort") == "descending"
    header.click()
    notebook.until("t.sort === -1 && t.pool.some(l => !l.el.hidden && l.cells[1].textContent === 'web-00000')")


def test_filtering_and_what_is_broken(notebook: Notebook) -> None:
    search = notebook.page.locator(".kmt-search")
    search.fill("status:crash name:web-0[0-4]")
    notebook.until("t.total > 0 && t.total < 200")
    assert {cells[3] for cells in notebook.seen()} == {"✕ CrashLoopBackOff"}
    search.fill("status:(")
    notebook.until("t.error !== ''")
    assert notebook.page.locator(".kmt-notice").is_visible()
    assert {cells[3] for cells in notebook.seen()} == {"✕ CrashLoopBackOff"}
    search.fill("")
    notebook.until("t.total === 10000 && t.error === ''")
    notebook.page.locator(".kmt-chip", has_text="Broken").click()
    notebook.until("t.total > 0 && t.total < 1000")
    assert not any("Running" in cells[3] for cells in notebook.seen())


@pytest.mark.parametrize(
    "notebook",
    [["import pathlib, time\nwhile not pathlib.Path('enough').exists(): time.sleep(0.02)", "6 * 7"]],
    indirect=True,
)
def test_a_cell_that_computes_stops_neither_updates_nor_filters(notebook: Notebook) -> None:
    notebook.start(2)
    before = notebook.table("t.frames")
    notebook.page.locator(".kmt-search").fill("web-0012")
    notebook.until("t.total === 10")
    assert notebook.table("t.frames") > before
    assert notebook.table("window.jupyterapp.shell.currentWidget.content.widgets[2].model.executionCount") is None
    (notebook.lab.root / "enough").touch()
    notebook.finish(2)
    notebook.run(3)
    assert notebook.text(3) == "42"


@pytest.mark.parametrize(
    "notebook", [["pods.put(pods.pod(1, 'ErrImagePull'))", "pods.remove(0)", "table.stop()"]], indirect=True
)
def test_changed_cells_are_marked_for_a_moment_and_a_stopped_table_says_so(notebook: Notebook) -> None:
    notebook.run(2)
    notebook.until(
        "t.pool.some(l => l.cells[3].classList.contains('flash') && l.cells[3].textContent === '✕ ErrImagePull')"
    )
    told = notebook.table("t.pool.flatMap(l => l.cells).find(c => c.textContent === '✕ ErrImagePull').title")
    assert "→ ✕ ErrImagePull at " in told
    notebook.until("t.flashing.size === 0")
    notebook.run(3)
    notebook.until(
        "t.all === 9999 && t.pool.some(l => l.el.matches('.left') && l.cells[3].textContent === '⊘ deleted')"
    )
    assert notebook.page.locator(".kmt-count").inner_text() == "9,999"
    notebook.screenshot("live-table-deleted")
    notebook.until("t.total === 9999", timeout=30)
    notebook.run(4)
    notebook.until("t.bar.dot.dataset.state === 'stopped'")
    assert "○ stopped" in notebook.page.locator(".kmt-dot").inner_text()
    assert names(notebook)[0] == "web-00001"  # the rows stay


def test_ages_are_written_as_kubectl_writes_them(notebook: Notebook) -> None:
    seconds = [0, 59, 119, 120, 150, 599, 600, 10_799, 10_800, 28_799, 28_800, 172_799, 172_800, 691_199, 691_200]
    seconds += [63_071_999, 63_072_000, 252_287_999, 252_288_000]
    written = notebook.table(
        "argument.map(s => t.cell({created: 1, cells: [null, null, null, null, null]}, 4, s + 1))", seconds
    )
    assert written == [human_duration(each) for each in seconds]


def press(notebook: Notebook, *keys: str) -> None:
    for key in keys:
        notebook.page.keyboard.press(key)


@pytest.mark.parametrize("notebook", [["pods.put(pods.pod(1, 'Evicted'))"]], indirect=True)
def test_a_row_opens_its_object_with_secrets_masked_and_what_changes_is_marked(notebook: Notebook) -> None:
    notebook.page.locator(".kmt-grid").focus()
    press(notebook, "ArrowDown", "ArrowDown", "Enter")
    notebook.page.wait_for_selector(".kmt-yaml >> text=Namespace:")
    assert notebook.page.locator(".kmt-panel [role=tab][aria-selected=true]").inner_text() == "Summary"
    notebook.page.locator(".kmt-grid").focus()
    press(notebook, "y")
    notebook.page.wait_for_selector(".kmt-yaml >> text=kind: Pod")
    text = notebook.page.locator(".kmt-panel").inner_text()
    assert "web-00001" in text
    assert "‹masked 15 B" in text
    assert SECRET not in text
    notebook.run(2)
    notebook.page.wait_for_selector(".kmt-yaml-line.changed >> text=phase: Evicted")
    assert notebook.page.locator(".kmt-yaml-line.changed").count() == 1
    notebook.screenshot("live-table-detail")
    notebook.page.locator(".kmt-small", has_text="managers").click()
    notebook.page.wait_for_selector(".kmt-yaml-by >> text=kubelet")
    press(notebook, "Escape")
    assert not notebook.page.locator(".kmt-panel").is_visible()


def test_rows_are_selected_by_keys_and_a_plan_changes_them_after_it_was_confirmed(notebook: Notebook) -> None:
    notebook.page.locator(".kmt-grid").focus()
    press(notebook, "ArrowDown", "ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown")
    notebook.until("t.pickedCount === 3")
    assert notebook.page.locator(".kmt-row[aria-selected=true]").count() == 3
    press(notebook, "d")
    notebook.page.wait_for_selector(".kmt-prompt >> text=pod/web-00003 deleted (server dry run)")
    notebook.screenshot("live-table-plan")
    press(notebook, "Escape")
    assert notebook.table("t.all") == 10_000
    press(notebook, "d")
    notebook.page.locator(".kmt-prompt .danger").click()
    notebook.page.wait_for_selector(".kmt-prompt >> text=3 deleted")
    notebook.until("t.all === 9997 && t.pickedCount === 0")


def test_what_takes_many_rows_is_said_before_it_is_done(notebook: Notebook) -> None:
    notebook.page.locator(".kmt-search").fill("web-0001")
    notebook.until("t.total === 10")
    notebook.page.locator(".kmt-search").fill("web-001")
    notebook.until("t.total === 100")
    notebook.page.locator(".kmt-grid").focus()
    press(notebook, "Control+a")
    notebook.until("t.pickedCount === 100")
    press(notebook, "d")
    apply = notebook.page.locator(".kmt-prompt .danger")
    apply.wait_for()
    assert apply.is_disabled()
    notebook.page.keyboard.type("100")
    press(notebook, "Enter")
    notebook.page.wait_for_selector(".kmt-prompt >> text=100 deleted as said")
    notebook.until("t.all === 9900")


@pytest.mark.parametrize("notebook", [["pods.kept"]], indirect=True)
def test_a_row_becomes_a_cell_and_a_variable(notebook: Notebook) -> None:
    notebook.page.locator(".kmt-grid").focus()
    press(notebook, "ArrowDown", "x")
    notebook.page.locator(".kmt-prompt input").fill("ls /")
    press(notebook, "Enter")
    notebook.page.wait_for_selector(".kmt-prompt-line >> text=# exec ls / web-00000")
    press(notebook, "Enter")
    source = "window.jupyterapp.shell.currentWidget.content.widgets[2].model.sharedModel.source"
    notebook.until(f"{source} === '# exec ls / web-00000'")
    notebook.page.locator(".kmt-grid").focus()
    press(notebook, "v")
    notebook.page.keyboard.type("mine")
    press(notebook, "Enter")
    notebook.page.wait_for_selector(".kmt-prompt >> text=mine: 1 pods")
    notebook.run(3)
    assert notebook.text(3) == "['shop/web-00000']"


@pytest.mark.parametrize("notebook", [["pods.asked"]], indirect=True)
def test_what_a_person_may_not_do_is_disabled_with_the_reason_once_a_row_is_meant(notebook: Notebook) -> None:
    scale = notebook.page.locator(".kmt-foot button", has_text="Scale")
    assert scale.is_enabled()
    notebook.page.locator(".kmt-grid").focus()
    press(notebook, "ArrowDown")
    notebook.until("t.foot.buttons.get('scale').disabled")
    assert scale.get_attribute("title") == "you may not patch pods/scale in namespace shop"
    assert notebook.page.locator(".kmt-foot button", has_text="Delete").is_enabled()
    notebook.screenshot("live-table-refused")
    press(notebook, "ArrowDown", "ArrowDown", "n")
    notebook.page.wait_for_selector(".kmt-prompt .kmt-panel-error >> text=you may not patch pods/scale")
    notebook.run(2)
    assert set(ast.literal_eval(notebook.text(2))) == {"shop"}  # asked again once a minute is over


def test_an_action_that_is_refused_says_why_and_keys_have_a_legend(notebook: Notebook) -> None:
    restart = notebook.page.locator(".kmt-foot button", has_text="Restart")
    assert restart.is_disabled()
    assert restart.get_attribute("title") == "read-only"
    notebook.page.locator(".kmt-grid").focus()
    press(notebook, "ArrowDown", "r")
    notebook.page.wait_for_selector(".kmt-prompt .kmt-panel-error >> text=read-only")
    press(notebook, "Escape", "?")
    assert "select a range" in notebook.page.locator(".kmt-legend").inner_text()


def test_keys_move_sort_and_search(notebook: Notebook) -> None:
    notebook.page.locator(".kmt-grid").focus()
    notebook.page.keyboard.press("PageDown")
    notebook.page.keyboard.press("ArrowRight")
    notebook.page.keyboard.press("s")
    notebook.until("t.sort === 0")
    notebook.page.keyboard.press("/")
    notebook.page.keyboard.type("pend")
    notebook.until("t.total > 0 && t.total < 1000")
    notebook.page.keyboard.press("Escape")
    notebook.until("t.total === 10000")
    notebook.page.keyboard.press("w")  # typed into the search line, not a command
    assert notebook.table("t.wide") is False


@pytest.mark.parametrize("notebook", [["pods.put(pods.pod(0, 'Evicted'))"]], indirect=True)
def test_it_lives_on_after_the_page_is_loaded_again(notebook: Notebook) -> None:
    notebook.save()
    notebook.load()
    notebook.until("t.all === 10000", timeout=60)
    notebook.run(2)
    notebook.until("t.pool.some(l => l.cells[3]?.textContent === '✕ Evicted')")


def test_the_saved_notebook_holds_a_static_table_and_no_rows_of_the_widget(notebook: Notebook) -> None:
    saved = notebook.save()
    outputs = saved["cells"][1]["outputs"]
    assert [sorted(output["data"]) for output in outputs] == [
        ["text/html", "text/plain"],
        ["application/vnd.jupyter.widget-view+json", "text/plain"],
    ]
    html = "".join(outputs[0]["data"]["text/html"])
    assert "50 of 10,000 shown" in html
    assert "web-00049" in html
    assert "web-00050" not in html
    assert "web-0" not in str(saved["metadata"])
    assert len(str(outputs)) < 30_000
    # Beside the live table the static one is hidden.
    assert not notebook.page.locator(".kmg-fallback").is_visible()


def test_a_notebook_opened_without_its_kernel_and_one_exported_show_the_static_table(notebook: Notebook) -> None:
    saved = notebook.save()
    exported, _ = HTMLExporter().from_notebook_node(nbformat.reads(json.dumps(saved), as_version=4))
    assert "web-00049" in exported
    assert "_Model object" not in exported
    notebook.restart()
    notebook.load()
    notebook.page.wait_for_selector(".kmg-fallback >> text=web-00049")
    notebook.page.wait_for_selector(".jp-OutputArea-output.jupyter-widgets", state="attached")
    notebook.screenshot("live-table-reopened", ".jp-Notebook")
    assert not notebook.page.get_by_text("model not found").is_visible()


@pytest.mark.parametrize("notebook", [["pods.put(pods.pod(0, 'Evicted')); table.stop()"]], indirect=True)
def test_the_static_table_is_what_it_was_at_the_end(notebook: Notebook) -> None:
    notebook.run(2)
    notebook.until("t.bar.dot.dataset.state === 'stopped'")
    html = "".join(notebook.save()["cells"][1]["outputs"][0]["data"]["text/html"])
    assert "Evicted" in html


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_it_is_readable_in_both_themes(chrome: Browser, tmp_path: str, theme: str, lab: Lab) -> None:
    notebook = Notebook.open(lab, chrome, f"theme-{theme}.ipynb", [SETUP, SHOW])
    notebook.page.evaluate(
        "t => window.jupyterapp.commands.execute('apputils:change-theme', {theme: t})", f"JupyterLab {theme}"
    )
    notebook.page.wait_for_function(
        "light => document.body.dataset.jpThemeLight === light", arg=str(theme == "Light").lower()
    )
    notebook.run(0)
    notebook.run(1)
    notebook.until("t.all === 10000 && t.pool.some(l => !l.el.hidden)")
    for selector in (
        ".kmt-td",
        ".kmt-td[data-level=ok]",
        ".kmt-td[data-kind=age]",
        ".kmt-th",
        ".kmt-count",
        ".kmt-dot",
    ):
        assert contrast(notebook, selector) >= 4.5, selector
    notebook.screenshot(f"live-table-{theme.lower()}", ".jp-Notebook")
    notebook.page.evaluate(
        "() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})"
    )
    notebook.close()


def contrast(notebook: Notebook, selector: str) -> float:
    """The WCAG contrast of an element's text with what is behind it."""
    found: float = notebook.page.locator(selector).first.evaluate(
        """el => {
        const rgb = (text) => { const c = document.createElement('canvas').getContext('2d');
          c.fillStyle = text; c.fillRect(0, 0, 1, 1); return c.getImageData(0, 0, 1, 1).data; };
        const luminance = (p) => [0, 1, 2].reduce((sum, i) => { const v = p[i] / 255;
          return sum + [0.2126, 0.7152, 0.0722][i] * (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); }, 0);
        let behind = el; while (rgb(getComputedStyle(behind).backgroundColor)[3] < 255) behind = behind.parentElement;
        const a = luminance(rgb(getComputedStyle(el).color));
        const b = luminance(rgb(getComputedStyle(behind).backgroundColor));
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); }"""
    )
    return found


def drawn(notebook: Notebook) -> list[str]:
    """The first lines that are drawn: heads of groups as they are read, rows by name."""
    lines: list[str] = notebook.table(
        "t.pool.filter(l => !l.el.hidden).sort((a, b) => a.index - b.index).slice(0, 6)"
        ".map(l => l.el.matches('.head') ? [...l.title.children].map(c => c.textContent).join(' ') : l.cells[1].textContent)"
    )
    return lines


@pytest.mark.parametrize("notebook", [["pods.put(*(pods.pod(i, 'Error') for i in range(0, 70)))"]], indirect=True)
def test_rows_are_grouped_folded_and_opened_by_keys(notebook: Notebook) -> None:
    notebook.run(2)
    notebook.page.locator(".kmt-grid").focus()
    press(notebook, "g")
    notebook.until("t.heads[t.keyAt(0)]?.name === 'shop/ReplicaSet/web-0'")
    press(notebook, "g")
    notebook.until("t.heads[t.keyAt(0)]?.name === 'node-0' && t.total === 10007")
    assert drawn(notebook)[0].startswith("▾ node-0 1,429 rows ✕ ")
    assert drawn(notebook)[1:4] == ["web-00000", "web-00007", "web-00014"]
    assert notebook.page.locator(".kmt-grid").get_attribute("role") == "treegrid"
    press(notebook, "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowLeft")  # to the head, and fold it
    notebook.until("t.heads[t.keyAt(0)].folded && t.total === 8578")
    assert [line.partition(" rows")[0] for line in drawn(notebook)[:2]] == ["▸ node-0 1,429", "▾ node-1 1,429"]
    assert notebook.page.locator(".kmt-count").inner_text() == "10,000"
    assert notebook.page.locator(".kmt-row.head.active").get_attribute("aria-expanded") == "false"
    press(notebook, "Enter")
    notebook.until("!t.heads[t.keyAt(0)].folded")
    press(notebook, "G")
    notebook.until("t.total === 7")
    notebook.page.locator(".kmt-search").fill("web-0000")
    notebook.until("t.total === 7 && t.heads[t.keyAt(0)].rows === 2")
    assert notebook.page.locator(".kmt-count").inner_text() == "10 of 10,000"
    notebook.page.locator(".kmt-row.head").first.click()
    notebook.until("t.total === 9")
    assert drawn(notebook)[1:3] == ["web-00000", "web-00007"]
    for theme in ("Light", "Dark"):
        notebook.theme(theme)
        assert notebook.barriers(".kmt") == [], theme
        notebook.screenshot(f"live-table-groups-{theme.lower()}")
    notebook.page.locator(".kmt-by").select_option("namespace")
    notebook.until("t.heads[t.keyAt(0)]?.name === 'shop'")
    notebook.page.locator(".kmt-by").select_option("")
    notebook.until("t.total === 10 && t.group === ''")


def test_columns_are_chosen_by_keys_and_stay_chosen(notebook: Notebook) -> None:
    heads = notebook.page.locator(".kmt-th")
    notebook.page.locator(".kmt-grid").focus()
    press(notebook, "c", " ", "Tab", "Tab", " ")  # from the first box: READY off, RESTARTS off
    notebook.until("t.headRow.textContent.includes('STATUS') && !t.headRow.textContent.includes('RESTARTS')")
    notebook.page.locator(".kmt-box", has_text="Node").click()
    notebook.until("t.headRow.textContent.includes('NODE')")
    assert notebook.barriers(".kmt") == []
    notebook.screenshot("live-table-columns")
    press(notebook, "Escape")
    assert not notebook.page.locator(".kmt-chooser").is_visible()
    assert [each.strip(" ▴") for each in heads.all_inner_texts()] == ["NAMESPACE", "NAME", "STATUS", "AGE", "NODE"]
    notebook.save()
    notebook.load()
    notebook.until("t.all === 10000 && t.pool.some(l => !l.el.hidden)", timeout=60)
    assert "RESTARTS" not in heads.all_inner_texts()
    notebook.page.locator(".kmt-grid").focus()
    press(notebook, "c")
    notebook.page.locator(".kmt-chooser button").click()
    notebook.until("t.headRow.textContent.includes('RESTARTS') && !t.headRow.textContent.includes('NODE')")
