"""A reader of the shared informer: counted from start to stop, and what it read last stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kmagic.cache.pool import InformerPool
from kmagic.client.client import AsyncClient
from kmagic.config.loader import load_config
from kmagic.errors import ConnectError, SyncError
from kmagic.magics.session.object_cache import ObjectCache
from kmagic.rest.resource import APIResource
from kmagic.sync.runtime import Runtime
from kmagic.transport.http import Transport
from kmagic.views.table import Row
from tests.magics.conftest import KUBECONFIG

NAMESPACES = APIResource("", "v1", "namespaces", "Namespace", False, "namespace", ("ns",))


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    runtime = Runtime("test-loop")
    yield runtime
    runtime.stop()


@pytest.fixture
def reader(server: Any, runtime: Runtime) -> Iterator[Any]:
    """Makes readers of one pool: ``reader("a view")``."""
    client, pool = AsyncClient(transport=Transport(load_config(server.kubeconfig))), InformerPool()

    def make(owner: str, **selected: str) -> ObjectCache:
        return ObjectCache(client, pool, NAMESPACES, "shop", runtime=runtime, owner=owner, **selected)

    make.pool = pool  # type: ignore[attr-defined]
    yield make
    runtime.run(client.aclose())


def test_readers_of_one_selection_are_counted_on_one_informer(reader: Any, runtime: Runtime) -> None:
    one, two, other = reader("one"), reader("two"), reader("three", labels="none=there")
    for each in (one, two, other):
        runtime.run(each.wait_synced(30))
    [key, _] = reader.pool.keys
    assert reader.pool.owners(key) == 2
    assert one.entries is two.entries
    # A namespace does not count for what has none.
    assert one.namespace is None
    assert one.get("default")["kind"] == "Namespace"
    assert [each["metadata"]["name"] for each in one.objects()] == sorted(one.entries.list_keys())
    assert other.objects() == []
    runtime.call(one.stop)
    runtime.run(one.ended())
    assert (one.state, two.state, reader.pool.owners(key)) == ("stopped", "live", 1)
    assert one.get("default") is not None
    for each in (two, other):
        runtime.call(each.stop)
        runtime.run(each.ended())
    assert not reader.pool.keys


def test_what_was_never_listed_is_not_empty(reader: Any) -> None:
    with pytest.raises(SyncError, match="were never listed"):
        reader("one").objects()


def test_catching_up_waits_for_the_version_of_a_row(reader: Any, runtime: Runtime) -> None:
    one = reader("one")
    runtime.run(one.wait_synced(30))
    version = one.entries.get_by_key("default").resource_version
    rows = [Row("default", (), "", "default", resource_version=version)]
    assert runtime.run(one.catch_up(lambda: rows, 0.0))
    newer = [Row("default", (), "", "default", resource_version=str(int(version) + 1))]
    assert not runtime.run(one.catch_up(lambda: newer, 0.01))
    assert not runtime.run(one.catch_up(lambda: [Row("nope", (), "", "nope")], 0.01))
    runtime.call(one.stop)
    runtime.run(one.ended())


def test_a_server_that_is_away_is_told_and_awaited(tmp_path: Any, runtime: Runtime) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(KUBECONFIG)
    client = AsyncClient(transport=Transport(load_config(path)))
    cache = ObjectCache(client, InformerPool(), NAMESPACES, None, runtime=runtime, owner="one")
    with pytest.raises(SyncError, match="did not fill within") as caught:
        runtime.run(cache.wait_synced(0.2))
    assert isinstance(caught.value.__cause__, ConnectError)
    assert cache.state == "reconnecting"
    runtime.call(cache.stop)
    runtime.run(cache.ended())
    runtime.run(client.aclose())
