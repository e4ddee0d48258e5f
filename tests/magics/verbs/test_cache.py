"""%kcache: what is cached, for whom, how fresh; a cached object against the live one; looking sends nothing."""

from __future__ import annotations

import pytest

from kmagic.errors import SyncError, UsageError
from kmagic.magics.results.caches import KCacheEntry, KCaches
from tests.magics.conftest import Counted, Notebook

MAP = "%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {app: web}}\ndata: {k: VALUE}"


def test_loading_sends_nothing_and_it_says_so(online: Notebook) -> None:
    namespace = online.session.target.namespace
    online.ok("%unload_ext kmagic")
    online.ok("%load_ext kmagic")
    ran = online.ok("found = %kcache\nfound")
    assert isinstance(ran.value, KCaches)
    assert len(ran.value) == 0
    assert "No caches" in ran.text
    assert "0 requests sent by this notebook" in ran.text
    online.ok(f"%kns {namespace}")


def test_every_cache_says_what_it_holds_and_who_reads_it(counted: Counted) -> None:
    notebook = counted.notebook
    notebook.ok(MAP.replace("VALUE", "one"))
    notebook.ok("import kmagic\none = kmagic.cache('cm')")
    notebook.ok("view = %kwatch cm -l app=web\nview.objects")
    notebook.ok("here = %kctx")
    notebook.ok("factory = here.client.informers(namespace=here.client.config.namespace)\nfactory.start()")
    notebook.ok("def told(new): pass\nmaps = factory.core_v1.configmaps.informer\nmaps.add_handler(on_add=told)")
    notebook.ok("factory.wait_synced(30)")
    notebook.ok("view.until(lambda rows: rows)\none['a'], view['a']")
    notebook.ok(MAP.replace("VALUE", "two"))
    notebook.session.runtime.run(notebook.ok("one").value._cached.wait_for(lambda: False, 0.5))
    before = counted.requests()
    ran = notebook.ok("caches = %kcache cm\ncaches")
    namespace = notebook.session.target.namespace
    mine = [each for each in ran.value if namespace in each.what]
    assert [(each.selector, each.form) for each in mine] == [
        ("", "objects"),
        ("app=web", "objects"),
        ("app=web", "table"),
    ]
    whole, selected, rows = mine
    assert [name.partition(" [")[0] for name in whole.readers] == ["cell", f'a factory of namespace "{namespace}"']
    assert (selected.readers, rows.readers) == (("a live view",), ("a live view",))
    assert [each.name for each in whole.handlers] == ["told"]
    assert (whole.state, whole.lists, whole.error) == ("streaming", 1, "")
    assert whole.objects == len(notebook.ok("one.names").value)
    assert (selected.objects, rows.objects) == (1, 1)
    assert whole.size is not None
    assert whole.size > 100
    for shown in (ran.text, ran.html):
        assert "told" in shown
        assert namespace in shown
        assert "Streaming" in shown
        assert f"{notebook.session.sent} requests sent" in shown
    assert list(notebook.ok("caches.df.objects").value) == [each.objects for each in ran.value]
    assert len(notebook.ok("every = %kcache\nevery").value) >= 3
    assert counted.requests() == before
    notebook.ok("factory.stop(); one.stop(); view.stop()")
    assert not [each for each in notebook.ok("%kcache").value if namespace in each.what]


def test_an_object_as_cached_against_live(online: Notebook) -> None:
    online.ok(MAP.replace("VALUE", "one"))
    cache = online.ok("import kmagic\none = kmagic.cache('cm')\none").value
    entry = online.ok("entry = %kcache cm/a\nentry")
    assert isinstance(entry.value, KCacheEntry)
    assert entry.value.same
    assert entry.value.changes == ()
    assert "the same" in entry.text
    online.ok("one.stop()")
    # A reader that was stopped holds what it read last; nobody follows it any more.
    assert isinstance(online.run("%kcache cm a").error, SyncError)
    assert cache["a"].data["k"] == "one"


def test_what_the_cache_does_not_have_yet_or_any_more_is_told(online: Notebook) -> None:
    online.ok("import kmagic\none = kmagic.cache('cm', label_selector='app=web')")
    assert isinstance(online.run("%kcache cm a").error, SyncError)
    online.ok("all = kmagic.cache('cm')")
    gone = online.ok("entry = %kcache cm nope\nentry")
    assert (gone.value.cached, gone.value.live, gone.value.same) == (None, None, True)
    assert "not there" in gone.text


def test_a_difference_is_shown_by_field(online: Notebook) -> None:
    online.ok(MAP.replace("VALUE", "one"))
    online.ok("import kmagic\none = kmagic.cache('cm')")
    cached = online.ok("entry = %kcache cm a\nentry").value.cached
    online.ok(MAP.replace("VALUE", "two"))
    live = online.ok("found = %kget cm a\nfound").value
    entry = KCacheEntry(cached, live, "configmap/a", "here")
    assert not entry.same
    assert "~ data.k: one → two" in repr(entry)
    assert cached.rv in repr(entry)
    assert live.rv in repr(entry)


@pytest.mark.parametrize("line", ["%kcache cm,secrets", "%kcache cm a b", "%kcache cm/a cm/b"])
def test_one_thing_at_a_time(online: Notebook, line: str) -> None:
    assert isinstance(online.run(line).error, UsageError)
