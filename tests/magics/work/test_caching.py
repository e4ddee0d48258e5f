"""Objects behind the rows of a live view, as Python values that each reader owns."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.errors import SyncError
from kmagic.magics.results.values import KGroup, KList, KObject
from tests.magics.conftest import Counted, Notebook

MAPS = """%%kapply
apiVersion: v1
kind: ConfigMap
metadata: {name: a, labels: {app: web}}
data: {k: v}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b, labels: {app: web}}
"""
SECRET = """%%kapply
apiVersion: v1
kind: Secret
metadata: {name: s, labels: {app: web}}
stringData: {password: hunter2-hunter2}
"""


def test_a_view_has_objects_behind_its_rows(online: Notebook) -> None:
    online.ok(MAPS)
    namespace = online.session.target.namespace
    view = online.ok("view = %kwatch cm -l app=web\nview").value
    found = view.objects
    assert isinstance(found, KList)
    assert found.names == view.names == ["a", "b"]
    assert found[0].data == view["a"].data == view[f"{namespace}/a"].data == {"k": "v"}
    assert isinstance(view["a"], KObject)
    # Shown with the server's own columns.
    assert repr(found).split()[:3] == ["NAME", "DATA", "AGE"]
    assert repr(view["b"]).split()[3:5] == ["b", "0"]
    with pytest.raises(KeyError, match="no configmap 'c'"):
        _ = view["c"]
    found[0].data["k"] = "mine"
    assert view["a"].data == {"k": "v"}


def test_the_objects_are_never_behind_the_rows(online: Notebook) -> None:
    view = online.ok("view = %kwatch cm -l app=web\nview").value
    assert view.objects.names == []
    online.ok(MAPS)
    view.until(lambda rows: len(rows) == 2, timeout=60)
    assert view.objects.names == ["a", "b"]
    before = view["a"]
    rows = view._tables[0]._rows.rows
    online.ok("%klabel cm a more=yes")
    view.until(lambda _: rows[f"{before.ns}/a"].resource_version != before.rv, timeout=60)
    assert view["a"].metadata.labels.more == "yes"


def _follow(notebook: Notebook, view: Any) -> None:
    """Looks at a view's objects, until both watches have told a change, so that both are open."""
    view.objects  # noqa: B018
    notebook.ok("%klabel cm a more=yes")
    feed = view._feeds[0]
    assert notebook.session.runtime.run(
        feed.objects.wait_for(lambda: "more" in feed.objects.entries.get_by_key(f"{view.rows[0].ns}/a").labels, 30)
    )
    view.until(lambda _: True)


def test_the_first_look_lists_and_no_other_asks(counted: Counted) -> None:
    notebook = counted.notebook
    notebook.ok(MAPS)
    view = notebook.ok("view = %kwatch cm -l app=web\nview").value
    _follow(notebook, view)
    before = counted.requests()
    assert notebook.ok('(view.objects["a"].name, view["b"].name, view.df.shape[0], len(view))').value == (
        "a",
        "b",
        2,
        2,
    )
    assert counted.requests() == before


def test_ten_views_of_the_same_objects_cost_what_one_costs(counted: Counted) -> None:
    notebook = counted.notebook
    notebook.ok(MAPS)
    notebook.ok("views = []")
    _follow(notebook, notebook.ok("view = %kwatch configmaps\nviews.append(view)\nview").value)
    before, asked = counted.requests(), counted.asked("configmaps")
    for cell in range(9):  # of other text, so another cell
        notebook.ok(f"view{cell} = %kwatch configmaps\nview = view{cell}\nviews.append(view)\nlen(view.objects)")
    notebook.ok("[each.df for each in views]; [each.why for each in views]")
    assert counted.asked("configmaps") == asked
    # Each new view asks whether its namespace exists, and for nothing else.
    assert counted.requests() - before <= 9
    notebook.ok("for each in views: each.close()")


def test_several_types_are_a_group(online: Notebook) -> None:
    online.ok(MAPS)
    online.ok(SECRET)
    view = online.ok("view = %kwatch cm,secret -l app=web\nview").value
    found = view.objects
    assert isinstance(found, KGroup)
    assert [each.names for each in found] == [["a", "b"], ["s"]]
    assert view["s"].kind == "Secret"


def test_a_secret_behind_a_row_stays_hidden(online: Notebook) -> None:
    online.ok(SECRET)
    ran = online.ok("view = %kwatch secret -l app=web\nview.objects")
    online.ok("cache = None\nimport kmagic\ncache = kmagic.cache('secrets', label_selector='app=web')")
    shown = [
        ran.text,
        ran.html,
        *(online.ok(each).text for each in ("view['s']", "view['s'].yaml()", "cache", "cache.df", "cache['s']")),
    ]
    assert not any("hunter2" in each or "aHVudGVyMi1odW50ZXIy" in each for each in shown)
    assert online.ok("view['s'].data['password'].value").value == "hunter2-hunter2"


def test_a_stopped_view_holds_no_objects(online: Notebook) -> None:
    view = online.ok("view = %kwatch cm -l app=web\nview").value
    assert view.objects.names == []
    pool = online.session.caches.pool(online.session.place.config)
    assert len(pool.keys) == 1
    view.stop()
    assert not pool.keys
    with pytest.raises(SyncError, match="has stopped"):
        _ = view.objects


def test_a_view_that_nobody_looks_at_gives_its_objects_back(online: Notebook) -> None:
    online.ok(MAPS)
    view = online.ok("view = %kwatch cm -l app=web\nview").value
    view.objects  # noqa: B018
    table: Any = view._tables[0]
    online.session.runtime.call(table._leave, "paused")
    online.session.runtime.run(view._feeds[0].ended())
    pool = online.session.caches.pool(online.session.place.config)
    assert not pool.keys
    online.ok("%kdelete cm b")
    # A look wakes it, and what it holds then is of now.
    view.until(lambda rows: [row.name for row in rows] == ["a"], timeout=60)
    assert view.objects.names == ["a"]


UNSCHEDULABLE = """%%kapply
apiVersion: v1
kind: Pod
metadata: {name: lost, labels: {app: web}}
spec:
  nodeSelector: {none: there}
  containers: [{name: web, image: "nginx:1"}]
"""


def test_a_view_says_what_is_wrong_in_the_objects_own_words(online: Notebook) -> None:
    view = online.ok("view = %kwatch pods -l app=web\nview").value
    assert view.why == {}
    online.ok(UNSCHEDULABLE)
    cached: Any = view._feeds[0].objects

    def told() -> bool:
        return any(b"Unschedulable" in entry.raw for entry in cached.entries.list())

    assert online.session.runtime.run(cached.wait_for(told, 60))
    [(key, reason)] = view.why.items()
    assert key.endswith("/lost")
    assert reason.startswith("Unschedulable: 0/")
    message = view["lost"].status.conditions[0]["message"]
    assert " ".join(message.split()) in reason
