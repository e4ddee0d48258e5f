"""``kmagic.cache(…)``: a cell keeps a copy that every other reader shares; who reads it asks the server nothing."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pandas
import pytest

import kmagic
from kmagic.errors import ForbiddenError, NoMatchError, NotFoundError, SyncError, UsageError
from kmagic.magics.work.caching import KCache
from tests.cluster.fixture import ExternalCluster
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


def test_a_cell_that_reads_a_cache_sends_nothing(counted: Counted) -> None:
    notebook = counted.notebook
    namespace = notebook.session.target.namespace
    cache = notebook.ok("import kmagic\ncache = kmagic.cache('cm', label_selector='app')\ncache").value
    assert isinstance(cache, KCache)
    notebook.ok(MAPS)
    _until(notebook, cache, lambda: len(cache) == 2)  # so the watch is open
    before = counted.requests()
    ran = notebook.ok(
        f"""
        assert [each.name for each in cache] == cache.names == cache.objects.names == ["a", "b"]
        assert cache["a"].data == cache["{namespace}/a"].data == {{"k": "v"}}
        assert "a" in cache and "c" not in cache and len(cache) == 2
        cache.df
        """.replace("\n        ", "\n")
    )
    assert isinstance(ran.value, pandas.DataFrame)
    assert list(ran.value.columns) == ["ns", "name", "age", "labels", "conditions"]
    assert list(ran.value.labels) == [{"app": "web"}, {"app": "db"}]
    assert str(ran.value.age.dtype) == "timedelta64[ns]"
    with pytest.raises(KeyError, match="no configmap 'c' in this cache"):
        _ = cache["c"]
    assert counted.requests() == before


def test_what_changes_is_there_without_asking(online: Notebook) -> None:
    cache = online.ok("import kmagic\ncache = kmagic.cache('cm', label_selector='app')\ncache").value
    assert len(cache) == 0
    online.ok(MAPS)
    _until(online, cache, lambda: len(cache) == 2)
    version = cache["a"].rv
    online.ok("%klabel cm a more=yes")
    _until(online, cache, lambda: cache["a"].rv != version)
    assert cache["a"].metadata.labels.more == "yes"
    online.ok("%kdelete cm b")
    _until(online, cache, lambda: "b" not in cache)
    assert cache.state == "live"


def _until(notebook: Notebook, cache: Any, met: Any) -> None:
    assert notebook.session.runtime.run(cache._cached.wait_for(met, 30))


def test_cells_views_and_factories_share_one_list_and_one_watch(counted: Counted) -> None:
    notebook = counted.notebook
    notebook.ok(MAPS)
    before = counted.asked("configmaps")
    notebook.ok("import kmagic\none = kmagic.cache('cm')")
    notebook.ok("two = kmagic.cache('configmaps')")
    notebook.ok("view = %kwatch cm")
    notebook.ok("assert set(view.objects.names) == set(one.names) >= {'a', 'b'}")
    notebook.ok("here = %kctx")
    notebook.ok("client = here.client\nfactory = client.informers(namespace=client.config.namespace)")
    notebook.ok("maps = factory.core_v1.configmaps\nfactory.start()\nfactory.wait_synced(30)")
    assert notebook.ok("type(maps.lister.list()[0]).__name__").value == "ConfigMap"
    notebook.ok("factory.stop()")
    tables, objects = counted.asked("configmaps") - before, 2
    # The rows are a table: a list and a watch more.
    assert tables == objects + 2
    notebook.ok("one.stop(); two.stop()")
    assert notebook.ok("one.state, two.state, len(one) == len(two) > 0").value == ("stopped", "stopped", True)


def test_a_re_run_replaces_the_cache_of_the_cell(online: Notebook) -> None:
    cell = "import kmagic\nheld = kmagic.cache('cm')\nheld"
    first, second = online.ok(cell).value, online.ok(cell).value
    assert (first.state, second.state) == ("stopped", "live")
    pool = online.session.caches.pool(online.session.place.config)
    assert len(pool.keys) == 1
    online.ok("%unload_ext kmagic")
    assert second.state == "stopped"
    assert not pool.keys
    online.ok("%load_ext kmagic")
    online.ok(f"%kns {second._cached.namespace}")


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        pytest.param("kmagic.cache('podz')", NoMatchError, "podz", id="unknown type"),
        pytest.param("kmagic.cache('cm', 'nope-nope')", NotFoundError, "does not exist", id="unknown namespace"),
        pytest.param("kmagic.cache('cm', label_selector='a in (')", UsageError, "selector", id="selector"),
    ],
)
def test_a_mistake_is_an_error_and_no_empty_cache(
    online: Notebook, call: str, kind: type[Exception], says: str
) -> None:
    ran = online.run(f"import kmagic\n{call}")
    assert isinstance(ran.error, kind)
    assert says in ran.text
    assert not online.session.caches.pool(online.session.place.config).keys


@pytest.mark.timeout(30)
def test_what_may_not_be_listed_says_so_and_leaves_nothing(at: Any, cluster: ExternalCluster) -> None:
    notebook = at(cluster.readonly_kubeconfig)
    ran = notebook.run("import kmagic\nkmagic.cache('secrets', None)")
    assert isinstance(ran.error, SyncError)
    assert isinstance(ran.error.__cause__, ForbiddenError)
    assert not notebook.session.caches.pool(notebook.session.place.config).keys


def test_the_package_is_a_call_and_stays_a_package() -> None:
    from kmagic.cache import SharedInformer

    assert kmagic.cache.SharedInformer is SharedInformer  # type: ignore[attr-defined]
    asked = "import kmagic\nkmagic.cache('pods')"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    assert "%load_ext kmagic; in a program use client.informers()" in ran.stderr
