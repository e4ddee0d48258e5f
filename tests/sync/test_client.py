"""The blocking client: no request until a verb, everything ended when it is closed."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import kmagic
from kmagic.client.hooks import Hooks
from kmagic.config.client_config import ClientConfig
from kmagic.errors import ConnectError, ProtectedError
from kmagic.models.core_v1 import ConfigMap, Namespace, ObjectReference
from kmagic.rest.request import Request
from kmagic.sync.client import Client
from kmagic.sync.runtime import Runtime


def test_making_a_client_sends_nothing_and_a_dead_server_is_named_by_the_first_verb() -> None:
    runtime = Runtime("dead")
    try:
        client = kmagic.Client(config=ClientConfig(server="https://127.0.0.1:1"), runtime=runtime)
        assert "127.0.0.1:1" in repr(client)
        with pytest.raises(ConnectError, match=r"127\.0\.0\.1:1"):
            client.core_v1.namespaces.list()
    finally:
        runtime.stop()


def test_types_and_names_reach_the_same_objects(client: Client, namespace: str) -> None:
    client.of(ConfigMap, namespace).create(ConfigMap.from_dict({"metadata": {"name": "a"}, "data": {"k": "v"}}))
    assert client.resource("cm", namespace).get("a")["data"] == {"k": "v"}
    assert client.core_v1.configmaps(namespace).get("a").data == {"k": "v"}
    assert client.of(Namespace).get(namespace).metadata.name == namespace
    with pytest.raises(TypeError, match="part of an object"):
        client.of(ObjectReference)


def test_closing_the_runtime_leaves_no_thread(server: Any) -> None:
    runtime = Runtime("closing")
    with Client(kubeconfig=server.kubeconfig, runtime=runtime) as client:
        client.core_v1.namespaces.list()
        assert any(thread.name == "closing" for thread in threading.enumerate())
    runtime.stop()
    assert not any(thread.name == "closing" for thread in threading.enumerate())


def test_hooks_hear_of_requests_and_may_refuse_them() -> None:
    seen: list[str] = []

    def refuse(request: Request) -> None:
        seen.append(request.describe())
        raise ProtectedError("not here")

    runtime = Runtime("hooked")
    try:
        client = kmagic.Client(
            config=ClientConfig(server="https://127.0.0.1:1"), hooks=Hooks(guard=refuse), runtime=runtime
        )
        with pytest.raises(ProtectedError, match="not here"):
            client.core_v1.namespaces.list()
        assert seen == ["list namespaces"]
        with pytest.raises(TypeError, match="has its hooks"):
            kmagic.Client(client=client.unblocked, hooks=Hooks(), runtime=runtime)
    finally:
        runtime.stop()
