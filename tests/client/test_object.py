"""What may become a handle, and what a handle shows."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from kmagic.config.client_config import ClientConfig
from kmagic.errors import ArgumentError
from kmagic.models.core_v1 import ConfigMap, Container, Secret
from kmagic.models.meta_v1 import ObjectMeta


@pytest.fixture
def client() -> AsyncClient:
    """A client of a server that is not asked."""
    return AsyncClient(config=ClientConfig(server="https://127.0.0.1:1", namespace="shop"))


@pytest.mark.parametrize("text", ["web", "deploy/", "/web", "a/b/c", ""])
def test_a_name_says_its_type(client: AsyncClient, text: str) -> None:
    with pytest.raises(ArgumentError, match="is not TYPE/NAME"):
        client.object(text)


@pytest.mark.parametrize(
    ("what", "says"),
    [
        pytest.param({"metadata": {"name": "a"}}, "apiVersion and kind", id="no kind"),
        pytest.param({"kind": "ConfigMap", "metadata": {"name": "a"}}, "apiVersion and kind", id="no version"),
        pytest.param({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}, "has no name", id="no name"),
        pytest.param(ConfigMap(), "has no name", id="model without name"),
        pytest.param(5, "apiVersion and kind", id="number"),
        pytest.param(
            {"apiVersion": 3, "kind": "Pod", "metadata": {"name": "a"}}, "apiVersion and kind", id="version 3"
        ),
        pytest.param({"apiVersion": "v1", "kind": 3, "metadata": {"name": "a"}}, "apiVersion and kind", id="kind 3"),
        pytest.param({"apiVersion": "v1", "kind": "Pod", "metadata": "a"}, "has no name", id="metadata of text"),
        *(
            pytest.param(
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", key: 3}}, "are text", id=f"{key} 3"
            )
            for key in ("name", "namespace", "uid")
        ),
    ],
)
def test_what_is_no_object_becomes_no_handle(client: AsyncClient, what: Any, says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        client.object(what)


@pytest.mark.parametrize("patch", [{"metadata": "x"}, {"metadata": []}, {"metadata": 0}, "x", 5, None])
async def test_what_is_no_patch_is_not_sent(client: AsyncClient, patch: Any) -> None:
    read = client.object(ConfigMap(metadata=ObjectMeta(name="a", uid="u")))
    with pytest.raises(ArgumentError, match="patch"):
        await read.patch(patch)


def test_a_part_of_an_object_becomes_no_handle(client: AsyncClient) -> None:
    with pytest.raises(TypeError, match="part of an object"):
        client.object(Container(name="a"))


def test_the_namespace_is_the_objects_own_or_the_contexts(client: AsyncClient) -> None:
    assert client.object(ConfigMap(metadata=ObjectMeta(name="a", namespace="own"))).namespace == "own"
    assert client.object(ConfigMap(metadata=ObjectMeta(name="a"))).namespace == "shop"
    assert client.object("cm/a", namespace="other").namespace == "other"


def test_a_handle_shows_no_value_of_a_secret(client: AsyncClient) -> None:
    secret = Secret(metadata=ObjectMeta(name="a", uid="u"), string_data={"password": "hunter2"})
    assert "hunter2" not in repr(client.object(secret))
    assert "a" in repr(client.object(secret))
