"""Fetching: pages, limits, missing names and namespaces."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from kmagic.config.loader import load_config
from kmagic.errors import NotFoundError, UsageError
from kmagic.magics.language.grammar import parse
from kmagic.magics.language.registry import VERBS
from kmagic.magics.language.selection import Selected
from kmagic.magics.work.fetch import close_name, fetch, require_namespace, scope_of
from kmagic.magics.work.fetched import Scope
from kmagic.transport.http import Transport

NAMESPACE = "fetching"
MAPS = [Selected("cm")]


@pytest.fixture
async def client(sandbox: Any) -> Any:
    async with AsyncClient(transport=Transport(load_config(sandbox.kubeconfig))) as client:
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        await client.resource("namespaces", None).apply(space)
        for at in range(5):
            fields = {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": f"web-{at}", "labels": {"n": str(at)}},
            }
            await client.resource("configmaps", NAMESPACE).apply(fields)
        yield client


async def test_pages_are_joined_in_order(client: AsyncClient) -> None:
    (found,) = await fetch(client, MAPS, Scope(NAMESPACE, page=2))
    assert [name for _, name in found.keys if name.startswith("web")] == [f"web-{at}" for at in range(5)]
    assert [row.object for row in found.rows] == found.objects
    assert found.resource_version


async def test_a_limit_cuts_and_says_how_much(client: AsyncClient) -> None:
    (found,) = await fetch(client, MAPS, Scope(NAMESPACE, labels="n", limit=2))
    assert len(found.rows) == 2
    assert found.remaining_item_count == 3 or found.remaining_item_count == 0  # a selector hides the count


async def test_a_category_is_its_resources(client: AsyncClient) -> None:
    found = await fetch(client, [Selected("all")], Scope(NAMESPACE))
    assert {"pods", "deployments", "services"} <= {each.resource.resource for each in found}


async def test_a_missing_name_brings_close_ones(client: AsyncClient) -> None:
    with pytest.raises(NotFoundError) as caught:
        await fetch(client, [Selected("cm", ("wb-0",))], Scope(NAMESPACE))
    assert "web-0" in caught.value.hint
    (found,) = await fetch(client, [Selected("cm", ("wb-0", "web-1"))], Scope(NAMESPACE, ignore_missing=True))
    assert found.keys == [(NAMESPACE, "web-1")]
    assert not found.single


async def test_a_name_needs_a_namespace(client: AsyncClient) -> None:
    with pytest.raises(UsageError, match="across all namespaces"):
        await fetch(client, [Selected("cm", ("x",))], Scope(None))


async def test_an_empty_answer_from_a_missing_namespace_is_an_error(client: AsyncClient) -> None:
    with pytest.raises(NotFoundError, match='namespace "fetchin" does not exist') as caught:
        await fetch(client, MAPS, Scope("fetchin"))
    assert NAMESPACE in caught.value.hint
    assert (await fetch(client, [Selected("pods")], Scope(NAMESPACE)))[0].rows == []
    await require_namespace(client, None)
    await require_namespace(client, NAMESPACE)


async def test_close_name_of_what_cannot_be_listed_are_none(client: AsyncClient) -> None:
    assert await close_name(client, "nonsense", NAMESPACE, "x") == ""


def test_a_scope_is_the_commands_flags() -> None:
    def scope(line: str) -> Scope:
        return scope_of(parse(VERBS["get"], line, None, lambda name: {}[name]), "shop")

    assert scope("pods -l a=b --limit 3 --chunk-size 0 --ignore-not-found") == Scope(
        "shop", "a=b", page=0, limit=3, ignore_missing=True
    )
    for line in ("pods -l 'a in (b'", "pods --field-selector a"):
        with pytest.raises(UsageError, match="the selector cannot be read"):
            scope(line)
