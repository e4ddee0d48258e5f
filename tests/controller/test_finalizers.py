"""Finalizers keep an object until they are gone, on a server too."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.controller import add_finalizer, has_finalizer, is_going, remove_finalizer
from kmagic.models.core_v1 import ConfigMap
from kmagic.sync.client import Client
from kmagic.sync.runtime import Runtime

NAME = "example.com/clean-up"


@pytest.mark.parametrize("obj", [{"metadata": {"name": "a"}}, ConfigMap.from_dict({"metadata": {"name": "a"}})])
def test_one_is_put_on_once_and_taken_off(obj: Any) -> None:
    assert [add_finalizer(obj, NAME), add_finalizer(obj, "other/one"), add_finalizer(obj, NAME)] == [True, True, False]
    assert has_finalizer(obj, NAME)
    assert [remove_finalizer(obj, NAME), remove_finalizer(obj, NAME)] == [True, False]
    assert has_finalizer(obj, "other/one")
    assert not is_going(obj)


@pytest.mark.parametrize("typed", [True, False], ids=["model", "dict"])
def test_an_object_stays_until_its_finalizer_is_gone(server: Any, typed: bool) -> None:
    runtime = Runtime()
    with Client(server.kubeconfig, runtime=runtime) as client:
        resource: Any = client.core_v1.configmaps("default") if typed else client.resource("cm", "default")
        made = resource.create({"metadata": {"generateName": "finalizer-"}})
        name = made.metadata.name if typed else made["metadata"]["name"]
        with resource.edit(name) as found:
            add_finalizer(found, NAME)
        resource.delete(name)
        with resource.edit(name) as found:
            assert is_going(found)
            assert remove_finalizer(found, NAME)
        resource.wait(name, deleted=True, timeout=30)
    runtime.stop()
