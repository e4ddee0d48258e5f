"""``%kget --cached``: the same answer as the server's, and no request; an error where no cache can know."""

from __future__ import annotations

import pytest

from kmagic.errors import NotFoundError, SyncError, UsageError
from tests.magics.conftest import Counted, Notebook

MAPS = """%%kapply
apiVersion: v1
kind: ConfigMap
metadata: {name: a, labels: {app: web}}
data: {k: v}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b, labels: {app: db}}
"""


@pytest.mark.parametrize(
    "line",
    [
        "cm",
        "configmaps -l app=web",
        "cm a -o yaml",
        "cm a b -o name",
        "cm -l app -o jsonpath={.items[*].metadata.name}",
        "cm -l app -o custom-columns=NAME:.metadata.name,K:.data.k",
        "cm/a",
        "ConfigMap -l app -o json",
    ],
)
def test_it_answers_as_the_server_and_sends_nothing(counted: Counted, line: str) -> None:
    notebook = counted.notebook
    notebook.ok("import kmagic\nlive = %kwatch cm")
    notebook.ok("cache = kmagic.cache('cm')")
    cache = notebook.ok("cache").value
    notebook.ok(MAPS)
    assert notebook.session.runtime.run(cache._cached.wait_for(lambda: {"a", "b"} <= set(cache.names), 30))
    notebook.ok("live.until(lambda rows: {'a', 'b'} <= {row.name for row in rows})")
    asked = notebook.ok(f"%kget {line}").text
    before = counted.requests()
    assert _without_ages(notebook.ok(f"%kget {line} --cached").text) == _without_ages(asked)
    assert counted.requests() == before


def _without_ages(text: str) -> list[list[str]]:
    return [
        [word for word in line.split() if not (word[0].isdigit() and word[-1] in "sm")] for line in text.splitlines()
    ]


def test_a_live_view_alone_answers_with_its_rows(counted: Counted) -> None:
    notebook = counted.notebook
    live = notebook.ok("live = %kwatch cm -l app\nlive").value
    notebook.ok(MAPS)
    live.until(lambda rows: len(rows) == 2)
    asked = notebook.ok("%kget cm -l app").text
    before = counted.requests()
    ran = notebook.ok("found = %kget cm -l app --cached\nfound")
    assert _without_ages(ran.text) == _without_ages(asked)
    assert "rows of a live view" in ran.html
    # Rows are no objects, and what is not known is not made up.
    assert ran.value["a"].kind == "PartialObjectMetadata"
    assert isinstance(notebook.run("%kget cm -l app --cached -o yaml").error, SyncError)
    assert counted.requests() == before


def test_a_cache_without_a_table_shows_what_objects_tell_of_themselves(online: Notebook) -> None:
    online.ok(MAPS)
    online.ok("import kmagic\ncache = kmagic.cache('cm', None)")
    shown = online.ok("%kget cm -l app --cached").text
    assert shown.split()[:2] == ["NAME", "AGE"]
    assert "cache at version" in online.ok("%kget cm -l app --cached").html
    everywhere = online.ok("found = %kget cm -A -l app=web --cached\nfound").value
    namespace = online.session.target.namespace
    assert [each.name for each in everywhere if each.ns == namespace] == ["a"]


@pytest.mark.parametrize(
    ("line", "kind", "says"),
    [
        pytest.param("%kget secrets --cached", SyncError, "no cache of this notebook holds secrets", id="type"),
        pytest.param("%kget cm -A --cached", SyncError, "all namespaces", id="more namespaces"),
        pytest.param("%kget cm --cached --field-selector metadata.name=a", SyncError, "no cache", id="fields"),
        pytest.param("%kget cm nope --cached", NotFoundError, "is not in the cache", id="name"),
        pytest.param("%kget cm --cached --show-managed-fields", UsageError, "cannot answer", id="managed fields"),
        pytest.param("%kget cm --cached -w", UsageError, "cannot take --cached", id="watch"),
    ],
)
def test_what_no_cache_knows_is_an_error(online: Notebook, line: str, kind: type[Exception], says: str) -> None:
    online.ok("import kmagic\ncache = kmagic.cache('cm')")
    ran = online.run(line)
    assert isinstance(ran.error, kind)
    assert says in ran.text


def test_missing_names_can_be_ignored(online: Notebook) -> None:
    online.ok(MAPS)
    online.ok("import kmagic\ncache = kmagic.cache('cm')")
    assert len(online.ok("found = %kget cm a nope --cached --ignore-not-found\nfound").value) == 1
    assert online.ok("found = %kget cm --cached --limit 1\nlen(found)").value == 1
