"""Lists: what comes with the rows beyond the first page, and how big the pages are."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kmagic.api.table import RowObject, TableRow
from kmagic.client.client import AsyncClient
from kmagic.magics.work.fetched import Fetched, Need, Scope
from kmagic.magics.work.listing import objects_of, page_after, read_list
from kmagic.rest.resource import APIResource

MAPS = APIResource("", "v1", "configmaps", "ConfigMap", True, "configmap", ("cm",))
EVENTS = APIResource("", "v1", "events", "Event", True, "event", ("ev",))
MANY = 505


@pytest.fixture
async def client(sandbox: Any) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(kubeconfig=sandbox.kubeconfig) as client:
        yield client


@pytest.fixture
async def space(client: AsyncClient) -> AsyncIterator[str]:
    """A namespace of its own with five ConfigMaps that are labelled."""
    name = f"listing-{uuid.uuid4().hex[:8]}"
    await client.resource("namespaces", None).create(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    )
    for at in range(5):
        await _create(client, name, f"web-{at}", {"of": name})
    yield name
    await client.resource("namespaces", None).delete(name)


async def _create(client: AsyncClient, space: str, name: str, labels: dict[str, str]) -> None:
    head = {"name": name, "labels": labels}
    await client.resource("configmaps", space).create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": head})


@pytest.mark.parametrize(
    ("need", "everywhere", "comes"),
    [
        (Need.ROWS_AND_OBJECTS, False, bytes),
        (Need.ROWS_AND_METADATA, False, RowObject),
        (Need.ROWS, False, type(None)),
        (Need.ROWS, True, RowObject),
        (Need.NAMES, True, type(None)),
        (Need.OBJECTS, True, bytes),
    ],
)
async def test_beyond_the_first_page_comes_what_is_needed(
    client: AsyncClient, space: str, need: Need, everywhere: bool, comes: type
) -> None:
    scope = Scope(None if everywhere else space, labels=f"of={space}", page=2)
    found = await read_list(client, MAPS, scope, need)
    assert [type(row.object) for row in found.rows] == [bytes, bytes, comes, comes, comes]
    assert [name for _, name in found.keys] == [f"web-{at}" for at in range(5)]
    if need is not Need.NAMES:
        assert {namespace for namespace, _ in found.keys} == {space}
    assert found.remaining_item_count is None


async def test_most_rows_come_in_one_more_request(client: AsyncClient, space: str) -> None:
    for at in range(MANY - 5):
        await _create(client, space, f"x-{at:03}", {"of": space})
    found = await read_list(client, MAPS, Scope(space, labels=f"of={space}"), Need.ROWS)
    assert [type(row.object) for row in found.rows] == [bytes] * 500 + [type(None)] * 5
    limited = await read_list(client, MAPS, Scope(space, labels=f"of={space}", limit=502), Need.ROWS)
    assert len(limited.rows) == 502
    whole = await read_list(client, MAPS, Scope(space, labels=f"of={space}", page=0), Need.ROWS)
    assert [row.cells[0] for row in whole.rows] == [row.cells[0] for row in found.rows]


async def test_the_first_cell_is_not_always_the_name(client: AsyncClient, space: str) -> None:
    for at in range(3):
        about = {"apiVersion": "v1", "kind": "ConfigMap", "name": "web-0", "namespace": space}
        await client.resource("events", space).create(
            {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"name": f"e{at}"},
                "involvedObject": about,
                "reason": "Seen",
            }
        )
    found = await read_list(client, EVENTS, Scope(space, fields="reason=Seen", page=1), Need.ROWS)
    assert found.keys == [(space, f"e{at}") for at in range(3)]
    assert found.rows[2].object is None


async def test_objects_are_the_bytes_that_came_with_their_kind(client: AsyncClient, space: str) -> None:
    page = await objects_of(client, MAPS, space).list(label_selector=f"of={space}")
    assert all(item.startswith(b'{"apiVersion":"v1","kind":"ConfigMap",') for item in page)


@pytest.mark.parametrize(
    ("size", "rows"), [(100, 10_000), (64 * 1024, 1024), (10 * 2**20, 500)], ids=["small", "big", "very big"]
)
def test_pages_are_as_big_as_the_objects_let_them(size: int, rows: int) -> None:
    found = Fetched(MAPS, (), [TableRow((), b"x" * size)] * 3)
    assert page_after(found) == rows
