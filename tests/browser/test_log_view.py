"""The log view in JupyterLab, in Chromium: what a user sees and does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.harness import Lab, Notebook

pytestmark = pytest.mark.timeout(240)

SETUP = "from tests.browser.log_feeds import Logs\nlogs = Logs()"
SHOW = "view = logs.show()\nlogs.write(600)"


@pytest.fixture
def notebook(lab: Lab, chrome: Browser, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """A notebook with a log view of 600 lines of three Pods, and cells the test asks for by its marker."""
    cells = getattr(request, "param", [])
    opened = Notebook.open(lab, chrome, f"{request.node.name.partition('[')[0]}.ipynb", [SETUP, SHOW, *cells])
    opened.run(0)
    opened.run(1)
    opened.until("t.came === 600 && t.list.children.length > 0")
    yield opened
    opened.close()


def shown(notebook: Notebook) -> list[str]:
    """The lines that are drawn, top to bottom."""
    found: list[str] = notebook.table("[...t.list.children].map(el => el.textContent)")
    return found


@pytest.mark.parametrize("notebook", [["logs.write(5)"]], indirect=True)
def test_it_follows_until_one_scrolls_up_and_says_how_many_lines_came_meanwhile(notebook: Notebook) -> None:
    assert notebook.table("t.following && t.body.scrollTop + t.body.clientHeight >= t.body.scrollHeight - 2")
    assert len(shown(notebook)) == 80
    notebook.page.locator(".kml-body").hover()
    notebook.page.mouse.wheel(0, -400)
    notebook.until("!t.following && t.order.length === 300")
    before = notebook.table("t.body.scrollTop + t.first * 1000")
    notebook.run(2)
    notebook.until("t.followChip.textContent === '▼ 5 new'")
    assert notebook.table("t.body.scrollTop + t.first * 1000") == before  # nothing moves under the reader
    notebook.page.get_by_role("button", name="5 new").click()
    notebook.until("t.following && t.order.length === 80 && t.came === 605")


def test_the_way_up_leads_to_the_first_line_and_the_end_follows_again(notebook: Notebook) -> None:
    notebook.page.locator(".kml-body").focus()
    notebook.page.keyboard.press("Home")
    notebook.until("t.first === 0 && t.order[0] === 1 && t.order.length === 300")
    for turn in range(100):  # up and down a little, as a hand at the wheel does, until nothing is left below
        if notebook.table("t.first + t.order.length === 600"):
            break
        notebook.page.locator(".kml-body").evaluate(
            "(el, up) => { el.scrollTop = el.scrollHeight - el.clientHeight - 100 - up; }", 20 * (turn % 2)
        )
        notebook.page.wait_for_timeout(100)
    notebook.until("t.first + t.order.length === 600")
    notebook.page.keyboard.press("End")
    notebook.until("t.following")


def test_filters_levels_and_sources_choose_lines_and_a_bad_one_keeps_the_last(notebook: Notebook) -> None:
    notebook.page.locator(".kml-input").first.fill("level:error !pod:web-2")
    notebook.until("t.total > 0 && t.total < 100")
    assert all("ERROR" in line and "web-2" not in line for line in shown(notebook))
    total = notebook.table("t.total")
    notebook.page.locator(".kml-input").first.fill("re:/(/")
    notebook.until("!t.notice.hidden")
    assert notebook.table("t.total") == total
    notebook.page.locator(".kml-input").first.fill("")
    notebook.until("t.total === 600 && t.notice.hidden")
    notebook.page.get_by_role("button", name="Warn").click()
    notebook.until("t.total < 600")
    assert all("WARN" in line for line in shown(notebook))
    notebook.page.get_by_role("button", name="Warn").click()
    notebook.page.get_by_role("button", name="Sources 3").click()
    notebook.page.locator(".kml-sources").get_by_role("button", name="web-1").click()
    notebook.until("t.total === 200")
    assert all(line.startswith("web-1 ") for line in shown(notebook))
    notebook.page.locator(".kml-input").nth(1).fill("pay\\w+")
    assert notebook.table("[...t.list.querySelectorAll('mark')].every(el => el.textContent === 'payments')")
    assert notebook.table("t.list.querySelectorAll('mark').length") > 0


@pytest.mark.parametrize(
    "notebook",
    [["logs.restart(1, 'OOMKilled: container main exited with 137')", "logs.join('web-9')"]],
    indirect=True,
)
def test_restarts_and_pods_that_join_are_marks_among_the_lines(notebook: Notebook) -> None:
    notebook.run(2)
    notebook.run(3)
    notebook.until("t.sources.length === 4")
    marks = notebook.table("[...t.list.querySelectorAll('.kml-mark')].map(el => el.textContent)")
    assert marks == ["web-1/main restarted: OOMKilled: container main exited with 137", "web-9/main joined"]
    notebook.page.get_by_role("button", name="Sources 4").click()
    notebook.page.get_by_role("button", name="Previous").click()
    notebook.until("t.came === 601")
    notebook.screenshot("log-view-restart", ".jp-Notebook")


def test_the_lines_around_a_match_are_a_double_click_away(notebook: Notebook) -> None:
    notebook.page.locator(".kml-input").first.fill("level:error")
    notebook.until("t.total < 600")
    number = notebook.table("t.order.at(-3)")
    notebook.table("t.drawn.get(argument).dispatchEvent(new MouseEvent('dblclick', {bubbles: true}))", number)
    notebook.until("t.total === 600 && !t.following && t.drawn.get(argument)?.classList.contains('marked')", number)
    assert len({line.split()[1] for line in shown(notebook)}) > 2  # of all levels


def test_fields_of_json_lines_are_shown_and_can_be_columns(lab: Lab, chrome: Browser) -> None:
    cells = [SETUP.replace("Logs()", "Logs(1, structured=True)"), SHOW]
    notebook = Notebook.open(lab, chrome, "json.ipynb", cells)
    notebook.run(0)
    notebook.run(1)
    notebook.until("t.json && t.list.querySelector('.kml-said')")
    notebook.page.locator(".kml-fields").get_by_role("button", name="loss").click()
    notebook.until("t.list.querySelector('.kml-col')")
    assert notebook.table("Number(t.list.lastChild.querySelector('.kml-col').textContent) < 0.01")
    notebook.screenshot("log-view-json", ".jp-Notebook")
    notebook.page.get_by_role("button", name="JSON").click()
    notebook.until("t.list.lastChild.textContent.startsWith('{')")
    notebook.close()


@pytest.mark.parametrize("notebook", [["logs.pour(10_000, 3)", "sum(range(1000))"]], indirect=True)
def test_ten_thousand_lines_a_second_leave_the_page_and_the_kernel_free(notebook: Notebook) -> None:
    notebook.run(2)
    notebook.until("t.came > 5000")
    notebook.run(3)
    assert notebook.text(3) == "499500"
    notebook.page.locator(".kml-input").first.fill("level:error")
    notebook.until("t.total > 0 && t.total < t.came / 3")
    notebook.page.locator(".kml-input").first.fill("")
    notebook.until("t.list.lastChild.textContent.includes('that was all')", timeout=60)
    assert notebook.table("[t.came, t.order.length]") == [30_601, 80]


@pytest.mark.parametrize("notebook", [["view.stop()"]], indirect=True)
def test_the_saved_notebook_holds_the_last_lines_and_none_of_the_widget(notebook: Notebook) -> None:
    notebook.run(2)
    notebook.until("t.dot.dataset.state === 'stopped'")
    saved = notebook.save()
    outputs = saved["cells"][1]["outputs"]
    html = "".join(outputs[0]["data"]["text/html"])
    assert "500 lines before" in html
    assert "GET /cart" in html
    assert "GET /cart" not in str(saved["metadata"])
    assert len(str(outputs)) < 30_000
    assert not notebook.page.locator(".kmg-fallback").is_visible()
    notebook.restart()
    notebook.load()
    notebook.page.wait_for_selector(".kmg-fallback >> text=GET /cart")
    notebook.screenshot("log-view-reopened", ".jp-Notebook")


@pytest.mark.parametrize("notebook", [["logs.write(5)"]], indirect=True)
def test_it_lives_on_after_the_page_is_loaded_again(notebook: Notebook) -> None:
    notebook.save()
    notebook.load()
    notebook.until("t.came === 600 && t.list.children.length === 80", timeout=60)
    notebook.run(2)
    notebook.until("t.came === 605")


def test_it_has_no_serious_barrier_in_any_theme_wide_and_narrow(notebook: Notebook) -> None:
    notebook.page.get_by_role("button", name="Sources 3").click()
    notebook.page.locator(".kml-input").nth(1).fill("payments")
    for theme in ("Light", "Dark", "Dark High Contrast"):
        notebook.theme(theme)
        assert notebook.barriers(".kml") == [], theme
        notebook.screenshot(f"log-view-{theme.lower().replace(' ', '-')}", ".jp-Notebook")
    notebook.theme("Light")
    notebook.page.set_viewport_size({"width": 620, "height": 900})
    notebook.until("t.list.children.length > 0")
    notebook.screenshot("log-view-narrow", ".jp-Notebook")
