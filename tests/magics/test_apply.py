"""Applying, below the magic: how outcomes are judged, and refusals explained."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from kmagic.config.loader import load_config
from kmagic.errors import NoMatchError, UsageError
from kmagic.magics.apply import Applied, ApplyOptions, apply_all, moved_since, resolve
from kmagic.magics.manifest import Manifest, Source, read
from kmagic.transport.http import Transport


@pytest.fixture
async def client(sandbox: Any) -> Any:
    async with AsyncClient(transport=Transport(load_config(sandbox.kubeconfig))) as client:
        yield client


def manifests(name: str, value: str = "one") -> list[Manifest]:
    return read(Source(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{mode: {value}}}"))


async def applied(client: AsyncClient, items: list[Manifest], **options: Any) -> list[Applied]:
    done: list[Applied] = []
    await apply_all(client, items, ApplyOptions(**{"namespace": "default", **options}), done)
    return done


async def test_the_outcome_is_judged_by_the_wish_not_by_the_version(client: AsyncClient) -> None:
    actions = [(await applied(client, manifests("judged", value)))[0].action for value in ("one", "one", "two")]
    assert actions == ["created", "unchanged", "configured"]
    (dry,) = await applied(client, manifests("judged", "three"), dry_run=True)
    assert dry.action == "configured"
    assert dry.before["data"] == {"mode": "two"}  # type: ignore[index]
    assert dry.after["data"] == {"mode": "three"}  # type: ignore[index]


async def test_a_moved_object_is_noticed(client: AsyncClient) -> None:
    planned = await applied(client, manifests("moved"), dry_run=True)
    assert await moved_since(client, planned) == []
    await applied(client, manifests("moved"))
    assert await moved_since(client, planned) == ["configmap/moved"]


async def test_a_cluster_scoped_object_gets_no_namespace(client: AsyncClient) -> None:
    (done,) = await applied(client, read(Source("apiVersion: v1\nkind: Namespace\nmetadata: {name: scoped}")))
    assert (done.action, done.namespace, done.what) == ("created", "", "namespace/scoped")


async def test_a_namespace_that_contradicts_the_flag_fails_alone(client: AsyncClient) -> None:
    (other,) = read(Source("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: other}"))
    done = await applied(client, [other, *manifests("beside")], explicit=True)
    assert [each.action for each in done] == ["failed", "created"]
    assert isinstance(done[0].error, UsageError)


async def test_an_unknown_kind_says_its_line(client: AsyncClient) -> None:
    (unknown,) = read(Source("apiVersion: example.com/v1\nkind: Nope\nmetadata: {name: x}", first_line=2))
    with pytest.raises(NoMatchError, match="line 2: no matches for kind"):
        await resolve(client, unknown)
    assert Applied(unknown, "failed").what == "nope/x"
