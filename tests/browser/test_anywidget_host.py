"""The views' scripts in a bare page: nothing but what anywidget promises, as in VS Code, Colab and marimo."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from kmagic.api.table import Column
from kmagic.views.live import LiveRows
from kmagic.views.log_line import LogLine, Source
from kmagic.views.log_rows import LogRows
from kmagic.views.rollout_state import RolloutState, Sample, Side
from kmagic.views.table import Row
from kmagic.widgets.channel import Channel
from kmagic.widgets.feed import FeedState
from kmagic.widgets.log_channel import LogChannel
from kmagic.widgets.page import script, style
from kmagic.widgets.rollout_view import RolloutChannel
from tests.browser.harness import ARTIFACTS

pytestmark = pytest.mark.timeout(120)

Receive = Callable[[Mapping[str, Any]], object]
Send = Callable[[dict[str, Any]], None]

# What anywidget gives a script: a model that sends and listens. State is not ours to use.
HOST = """async ({code, css}) => {
  const listeners = new Set();
  const no = () => { throw new Error("a view keeps nothing in the widget's state"); };
  window.sent = [];
  window.deliver = (message) => listeners.forEach((listener) => listener(message, []));
  const model = { on: (name, listener) => { if (name === "msg:custom") listeners.add(listener); },
    off: (name, listener) => listeners.delete(listener), send: (content) => window.sent.push(content),
    get: no, set: no, save_changes: no };
  const sheet = document.createElement("style"); sheet.textContent = css; document.head.append(sheet);
  const url = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
  const module = await import(url);
  window.cleanup = await module.default.render({model, el: document.querySelector("#host"), experimental: {}});
}"""


def wall() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


def table(send: Send) -> Receive:
    rows = LiveRows(
        (Column("Name", format="name"), Column("Status")), [Row("shop/web-0", ("web-0", "Running"), "shop", "web-0")]
    )
    channel = Channel(
        rows,
        send,
        head={"title": "Pods", "target": "dev", "level": "free", "namespace": False, "wide": False},
        clock=lambda: 0.0,
        wall=wall,
    )
    channel.become(FeedState("live"))
    return channel.receive


def logs(send: Send) -> Receive:
    rows = LogRows()
    rows.merge([LogLine(1, ("", 1), "2026-01-01T00:00:00Z", "web-0", "main", 0, "error", "ERROR no disk")])
    source = Source(0, "web-0", "main", "running", lines=1)
    channel = LogChannel(
        rows,
        lambda: [source],
        send,
        head={"title": "deploy/web", "target": "dev", "level": "free", "text": ""},
        clock=lambda: 0.0,
        wall=wall,
    )
    channel.become(FeedState("live"))
    return channel.receive


def rollout(send: Send) -> Receive:
    state = RolloutState(
        "Waiting…",
        wanted=2,
        new=Side("web-2", 1, 1, 0, 0),
        old=Side("", 2, 2, 2, 2),
        troubles=(("pod/web-9", "ErrImagePull: no such image"),),
    )
    samples = [Sample(0.0, 0, 2), Sample(3.0, 0, 1)]
    channel = RolloutChannel(
        lambda: (state, samples),
        send,
        head={"title": "deploy/web", "target": "dev", "level": "free"},
        clock=lambda: 0.0,
        wall=wall,
    )
    channel.become(FeedState("live"))
    return channel.receive


VIEWS = {
    "table": (table, "web-0"),
    "logs": (logs, "ERROR no disk"),
    "rollout": (rollout, "ErrImagePull: no such image"),
}


@pytest.fixture
def page(chrome: Browser) -> Iterator[Page]:
    """An empty page that has never heard of Jupyter."""
    opened = chrome.new_page(viewport={"width": 900, "height": 500})
    opened.set_content(
        '<!doctype html><html lang="en"><title>host</title><body class="vscode-dark"><div id="host"></div></body></html>'
    )
    yield opened
    opened.close()


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_works_with_nothing_but_a_model_and_an_element(page: Page, name: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    make, text = VIEWS[name]
    outbox: list[dict[str, Any]] = []
    receive = make(outbox.append)
    page.evaluate(HOST, {"code": script("live_table" if name == "table" else name), "css": style(name)})
    said = page.evaluate("() => window.sent.splice(0)")
    assert [message["t"] for message in said] == ["hello"]
    for message in said:
        receive(message)
    for message in outbox:
        page.evaluate("message => window.deliver(message)", message)
    page.wait_for_selector(f"#host >> text={text}")
    # VS Code's theme by its classes and variables, or our own dark where it says nothing.
    page.add_style_tag(content=":root { --vscode-editor-background: #1e1e1e; --vscode-foreground: #cccccc; }")
    background = page.locator(".km").first.evaluate("el => getComputedStyle(el).backgroundColor")
    assert background == "rgb(30, 30, 30)"
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / f"vscode-{name}.png").write_bytes(page.screenshot())
    page.evaluate("() => window.cleanup()")
    assert page.evaluate("() => [window.sent.at(-1).t, document.querySelector('#host').children.length]") == ["bye", 0]
    assert errors == []
