from __future__ import annotations

import re
from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from tests.conformance.objects import configmap


async def test_generate_name_makes_a_name(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap(generateName="pre-"))
    assert re.fullmatch(r"pre-[a-z0-9]{5}", made["metadata"]["name"])
    assert made["metadata"]["generateName"] == "pre-"
    other = await maps.create(configmap(generateName="pre-"))
    assert other["metadata"]["name"] != made["metadata"]["name"]


async def test_a_name_wins_over_generate_name(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("fixed", generateName="pre-"))
    assert made["metadata"]["name"] == "fixed"


async def test_no_name_at_all_is_invalid(maps: AsyncResource[Any]) -> None:
    with pytest.raises(errors.InvalidError, match="name or generateName is required"):
        await maps.create({"metadata": {}})


@pytest.mark.parametrize("name", ["Upper", "under_score", "-dash", "dot.", "x" * 254])
async def test_a_bad_name_is_invalid(maps: AsyncResource[Any], name: Any) -> None:
    with pytest.raises(errors.InvalidError) as caught:
        await maps.create(configmap(name))
    assert caught.value.causes[0]["field"] == "metadata.name"
    assert caught.value.causes[0]["reason"] == "FieldValueInvalid"


@pytest.mark.parametrize(
    ("labels", "field"),
    [({"a b": "x"}, "metadata.labels"), ({"a": "x y"}, "metadata.labels"), ({"a/b/c": "x"}, "metadata.labels")],
)
async def test_bad_labels_are_invalid(maps: AsyncResource[Any], labels: dict[str, Any], field: str) -> None:
    with pytest.raises(errors.InvalidError) as caught:
        await maps.create(configmap("a", labels=labels))
    assert caught.value.causes[0]["field"] == field


async def test_a_bad_namespace_name_is_invalid(client: AsyncClient) -> None:
    with pytest.raises(errors.InvalidError, match="must not contain dots"):
        await client.resource("namespaces").create({"metadata": {"name": "a.b"}})
