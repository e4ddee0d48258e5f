"""The feed of a live table: a list, then every change, whatever the server does to the watch."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from kmagic.config.loader import load_config
from kmagic.errors import ConnectError, KubeError
from kmagic.magics.session.table_feed import TableFeed
from kmagic.rest.resource import APIResource
from kmagic.safety.guard import GuardedTransport
from kmagic.safety.policy import Level
from kmagic.sync.runtime import Runtime
from kmagic.transport.http import Transport
from tests.magics.conftest import KUBECONFIG

MAPS = APIResource("", "v1", "configmaps", "ConfigMap", True, "configmap", ("cm",))


class Listener:
    """Keeps what a feed tells."""

    def __init__(self) -> None:
        self.patches: list[Any] = []
        self.states: list[str] = []

    def patch(self, patch: Any) -> None:
        self.patches.append(patch)

    def state(self, state: Any) -> None:
        self.states.append(state.word)


@pytest.fixture
def runtime() -> Any:
    runtime = Runtime("test-loop")
    yield runtime
    runtime.stop()


def follow(feed: TableFeed, runtime: Runtime) -> tuple[Listener, Any]:
    listener = Listener()
    leave = runtime.call(feed.subscribe, listener.patch, listener.state)
    return listener, leave


def test_the_first_patch_is_the_whole_list_with_its_columns(sandbox: Any, runtime: Runtime) -> None:
    client = AsyncClient(transport=Transport(load_config(sandbox.kubeconfig)))
    feed = TableFeed(client, MAPS, "kube-system", runtime=runtime)
    listener, leave = follow(feed, runtime)
    assert runtime.run(feed.settled(10)) is None
    assert [row.name for row in listener.patches[0].put] == [row.name for row in feed.rows]
    assert listener.patches[0].columns == feed.columns
    assert [column.name for column in feed.columns] == ["Name", "Data", "Age"]
    assert feed.state.word == "live"
    runtime.call(leave)
    runtime.run(feed.ended())
    runtime.run(client.aclose())


def test_leaving_stops_the_watch_and_coming_back_starts_it(sandbox: Any, runtime: Runtime) -> None:
    client = AsyncClient(transport=Transport(load_config(sandbox.kubeconfig)))
    feed = TableFeed(client, MAPS, "default", labels="app=none", runtime=runtime)
    _, leave = follow(feed, runtime)
    runtime.run(feed.settled(10))
    runtime.call(leave)
    _, leave = follow(feed, runtime)
    runtime.run(feed.settled(10))
    assert feed.state.word == "live"
    runtime.call(leave)
    runtime.run(feed.ended())
    runtime.run(client.aclose())


def test_an_unreachable_server_is_told_at_once(tmp_path: Any, runtime: Runtime) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(KUBECONFIG)
    client = AsyncClient(transport=Transport(load_config(path)))
    feed = TableFeed(client, MAPS, "default", runtime=runtime)
    listener, leave = follow(feed, runtime)
    error = runtime.run(feed.settled(10))
    assert isinstance(error, ConnectError)
    assert listener.states[-1] == "reconnecting"
    runtime.call(leave)
    runtime.run(feed.ended())
    runtime.run(client.aclose())


def test_a_refused_list_is_told(sandbox: Any, runtime: Runtime) -> None:
    client = AsyncClient(
        transport=GuardedTransport(load_config(sandbox.kubeconfig, "sandbox-readonly"), lambda: Level.FREE)
    )
    secrets = APIResource("", "v1", "secrets", "Secret", True)
    feed = TableFeed(client, secrets, "default", runtime=runtime)
    _, leave = follow(feed, runtime)
    assert isinstance(runtime.run(feed.settled(10)), KubeError)
    runtime.call(leave)
    runtime.run(feed.ended())
    runtime.run(client.aclose())
