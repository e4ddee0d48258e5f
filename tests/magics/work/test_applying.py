"""Applying, below the magic: how outcomes are judged, and refusals explained."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from kmagic.config.loader import load_config
from kmagic.errors import NoMatchError, UsageError
from kmagic.magics.language.manifest import Manifest, Source, read
from kmagic.magics.results.outcome import Outcome
from kmagic.magics.work.applying import Apply, ApplyOptions, resolve
from kmagic.transport.http import Transport


@pytest.fixture
async def client(sandbox: Any) -> Any:
    async with AsyncClient(transport=Transport(load_config(sandbox.kubeconfig))) as client:
        yield client


def manifest(name: str, value: str = "one") -> Manifest:
    (found,) = read(Source(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{mode: {value}}}"))
    return found


async def applied(client: AsyncClient, item: Manifest, *, dry_run: bool = False, **options: Any) -> Outcome:
    step = Apply(item, ApplyOptions(**{"namespace": "default", **options}))
    return await step.send(client, dry_run=dry_run, done=())


async def test_the_outcome_is_judged_by_the_wish_not_by_the_version(client: AsyncClient) -> None:
    actions = [(await applied(client, manifest("judged", value))).action for value in ("one", "one", "two")]
    assert actions == ["created", "unchanged", "configured"]
    dry = await applied(client, manifest("judged", "three"), dry_run=True)
    assert dry.action == "configured"
    assert dry.before["data"] == {"mode": "two"}  # type: ignore[index]
    assert dry.after["data"] == {"mode": "three"}  # type: ignore[index]


async def test_a_cluster_scoped_object_gets_no_namespace(client: AsyncClient) -> None:
    (scoped,) = read(Source("apiVersion: v1\nkind: Namespace\nmetadata: {name: scoped}"))
    done = await applied(client, scoped)
    assert (done.action, done.namespace, done.what) == ("created", "", "namespace/scoped")


async def test_a_namespace_that_contradicts_the_flag_is_refused(client: AsyncClient) -> None:
    (other,) = read(Source("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: other}"))
    with pytest.raises(UsageError, match='-n says "default"'):
        await applied(client, other, explicit=True)


async def test_an_unknown_kind_says_its_line(client: AsyncClient) -> None:
    (unknown,) = read(Source("apiVersion: example.com/v1\nkind: Nope\nmetadata: {name: x}", first_line=2))
    with pytest.raises(NoMatchError, match="line 2: no matches for kind"):
        await resolve(client, unknown)
    step = Apply(unknown, ApplyOptions("default"))
    assert (await step.failed(client, NoMatchError("no"))).what == "nope/x"
    assert step.outcome("not tried").after is None
