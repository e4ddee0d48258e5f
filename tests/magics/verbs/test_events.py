"""%kevents on running servers: what happened, filtered and in order."""

from __future__ import annotations

import pytest

from kmagic.errors import NoMatchError, UsageError
from kmagic.magics.results.values import KList
from kmagic.magics.work.live import KWatch
from tests.magics.conftest import Notebook


def event(name: str, about: str, kind: str, at: str) -> str:
    return (
        f"%%kapply\napiVersion: v1\nkind: Event\nmetadata: {{name: {name}}}\ntype: {kind}\nreason: R{name}\n"
        f"lastTimestamp: {at}\ninvolvedObject: {{kind: ConfigMap, name: {about}, namespace: NAMESPACE}}"
    )


@pytest.fixture
def filled(online: Notebook) -> Notebook:
    for name, about, kind, at in (
        ("old", "a", "Normal", "2026-01-01T00:00:00Z"),
        ("new", "a", "Warning", "2026-01-01T00:00:09Z"),
        ("mid", "b", "Normal", "2026-01-01T00:00:05Z"),
    ):
        online.ok(event(name, about, kind, at).replace("NAMESPACE", online.session.target.namespace))
    return online


def names(notebook: Notebook, line: str) -> list[str]:
    found = notebook.ok(line).value
    assert isinstance(found, KList)
    # A real cluster's own controllers may add events to a namespace.
    return [name for name in found.names if name in ("old", "new", "mid")]


def test_events_come_newest_first_and_are_chosen_by_object_and_type(filled: Notebook) -> None:
    assert names(filled, "%kevents") == ["new", "mid", "old"]
    assert names(filled, "%kevents --for cm/a") == ["new", "old"]
    assert names(filled, "%kevents --types warning") == ["new"]
    assert names(filled, "%kevents --types Normal,Warning --for cm/b") == ["mid"]


def test_watching_is_a_live_view_of_the_same_events(filled: Notebook) -> None:
    view = filled.ok("live = %kevents -w --for cm/b\nlive").value
    assert isinstance(view, KWatch)
    assert view.names == ["mid"]
    view.stop()


def test_a_live_view_has_the_newest_first_too(filled: Notebook) -> None:
    view = filled.ok("live = %kevents -w\nlive").value
    assert [name for name in view.names if name in ("old", "new", "mid")] == ["new", "mid", "old"]
    table = filled.ok("live").text
    assert table.index("new") < table.index("mid") < table.index("old")
    filled.ok(
        event("newest", "c", "Normal", "2026-01-01T00:00:10Z").replace("NAMESPACE", filled.session.target.namespace)
    )
    view.until(lambda rows: "newest" in [row.name for row in rows])
    assert [name for name in view.names if name in ("old", "newest", "mid")] == ["newest", "mid", "old"]
    view.stop()


def test_a_mistake_is_one_card(filled: Notebook) -> None:
    assert isinstance(filled.run("%kevents web-0").error, UsageError)
    assert isinstance(filled.run("%kevents --for web-0").error, UsageError)
    assert isinstance(filled.run("%kevents --for podz/web-0").error, NoMatchError)
