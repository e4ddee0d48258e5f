"""How caches are shown: plain text, HTML, a DataFrame."""

from __future__ import annotations

from kmagic.cache.census import CacheReport, HandlerReport, WhyListed
from kmagic.magics.results.caches import KCacheEntry, KCaches
from kmagic.magics.results.table_text import Looks
from kmagic.magics.results.values import KObject
from kmagic.views.table import Table

REPORT = CacheReport(
    what='pods in namespace "shop"',
    server="https://shop.example",
    selector="app=web",
    state="streaming",
    since=75,
    synced=True,
    resource_version="81231",
    objects=3,
    size=6120,
    indexes={"namespace": 1, "owner": 2},
    handlers=(HandlerReport("told", 0, True), HandlerReport("slow", 12, False)),
    readers=("cell [3]", "a live view", "a live view"),
    lists=2,
    watches=3,
    relists=(WhyListed(40, "the version to watch from is too old"),),
    last_event=2,
)
FAILING = CacheReport(what="secrets", state="backing off", error='secrets is forbidden: <b>User "me"</b>')


def test_the_text_says_everything_that_was_asked_for() -> None:
    shown = repr(KCaches([REPORT, FAILING], "kind-dev ▸ shop"))
    head, first, second = shown.splitlines()[:3]
    assert head.split() == [
        "CACHE",
        "SELECTOR",
        "OF",
        "STATUS",
        "FOR",
        "VERSION",
        "OBJECTS",
        "BYTES",
        "READERS",
        "HANDLERS",
        "LISTS",
        "LAST",
        "EVENT",
    ]
    assert first.split()[4:] == [
        "app=web",
        "objects",
        "Streaming",
        "75s",
        "81231",
        "3",
        "6120",
        "3",
        "2",
        "2",
        "2s",
        "ago",
    ]
    assert "Failing: backing off" in second
    for line in (
        "read by    cell [3], a live view ×2",
        "handler    told: 0 waiting",
        "handler    slow: 12 waiting, not told everything yet",
        "indexes    namespace (1 value), owner (2 values)",
        "asked      2 lists, 3 watches",
        "relist     40s ago: the version to watch from is too old",
        "server     https://shop.example",
        'error      secrets is forbidden: <b>User "me"</b>',
    ):
        assert f"  {line}" in shown.splitlines()
    assert shown.endswith("kind-dev ▸ shop")


def test_the_html_is_a_table_with_details_and_escapes_what_a_server_says() -> None:
    shown = KCaches([REPORT, FAILING], "here")._repr_mimebundle_()["text/html"]
    assert shown.count("<details>") == 2
    assert "told: 0 waiting" in shown
    assert "<b>User" not in shown


def test_the_frame_has_a_row_a_cache() -> None:
    frame = KCaches([REPORT, FAILING], "here").df
    assert list(frame["objects"]) == [3, 0]
    assert frame["readers"][0] == "cell [3], a live view, a live view"
    assert str(frame["last_event"].dtype) == "float64"


def test_no_cache_is_said() -> None:
    assert repr(KCaches([], "here")) == "No caches · here"
    assert "No caches" in KCaches([], "here")._repr_mimebundle_()["text/html"]


def secret(version: str, value: str) -> KObject:
    fields = {"kind": "Secret", "metadata": {"name": "s", "resourceVersion": version}, "data": {"password": value}}
    return KObject(fields, Looks(Table(())))


def test_a_secret_differs_without_being_shown() -> None:
    entry = KCacheEntry(secret("1", "aHVudGVyMg=="), secret("2", "aHVudGVyMw=="), "secret/s", "here")
    assert not entry.same
    assert [change.path for change in entry.changes] == ["data.password"]
    for shown in entry._repr_mimebundle_().values():
        assert "hunter" not in shown
        assert "aHVudGVy" not in shown


def test_what_is_not_there_is_said() -> None:
    entry = KCacheEntry(None, secret("2", ""), "secret/s", "here")
    assert not entry.same
    assert "not there" in repr(entry)
