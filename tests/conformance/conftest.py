"""The same tests on the sandbox and on a real server; the real one is the truth."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from kmagic.errors import NoMatchError
from tests import leaks
from tests.conformance.objects import crd
from tests.conftest import Server

_FOLDER = Path(__file__).parent
_PATIENCE = 20.0  # seconds what is just ending may take


@pytest.fixture(autouse=True)
def _no_leaks() -> Iterator[None]:
    """Fails a test that left a thread, a file or a child process behind.

    Sockets are counted where the client of all these tests closes: its connections outlive a test.
    """
    before = leaks.snapshot()
    yield
    end = time.monotonic() + _PATIENCE
    while left := _left_without_sockets(before):
        if time.monotonic() > end:
            pytest.fail(f"left behind: {'; '.join(left)}", pytrace=False)
        time.sleep(0.02)


def _left_without_sockets(before: leaks.Snapshot) -> list[str]:
    now = leaks.snapshot()
    files = [f"file {target}" for number, target in now.files - before.files if not target.startswith("socket:")]
    threads = [f"thread {ident}" for ident in now.threads - before.threads]
    return files + threads + [f"child process {pid}" for pid in now.children - before.children]


@pytest.fixture(scope="session")
async def client(server: Server) -> AsyncIterator[AsyncClient]:
    """One client a server: discovery and TLS once for all tests."""
    before = leaks.connections(server.server)
    async with AsyncClient(server.kubeconfig) as made:
        yield made
    # Its own only: what other fixtures of the run began meanwhile, such as a loop, may outlive it.
    with anyio.fail_after(_PATIENCE):
        while True:
            if leaks.connections(server.server) <= before:
                break
            await anyio.sleep(0.02)


@pytest.fixture
async def ns(client: AsyncClient) -> AsyncIterator[str]:
    """A namespace of the test's own."""
    name = f"conf-{uuid.uuid4().hex[:8]}"
    namespaces = client.resource("namespaces")
    await namespaces.create({"metadata": {"name": name}})
    yield name
    await namespaces.delete(name)


@pytest.fixture
def maps(client: AsyncClient, ns: str) -> AsyncResource[dict[str, Any]]:
    """The ConfigMaps of the test's namespace: an object without controllers."""
    return client.resource("configmaps", namespace=ns)


@pytest.fixture(scope="session")
async def widget_group(client: AsyncClient) -> AsyncIterator[str]:
    """The group of a custom resource that is served and known to the mapper."""
    group = f"g{uuid.uuid4().hex[:8]}.example.com"
    definitions = client.resource("customresourcedefinitions")
    await definitions.create(crd(group))
    await established(client, f"widgets.{group}")
    yield group
    await definitions.delete(f"widgets.{group}")


@pytest.fixture
def widgets(client: AsyncClient, ns: str, widget_group: str) -> AsyncResource[dict[str, Any]]:
    """The custom resource in the test's namespace."""
    return client.resource(f"widgets.{widget_group}", namespace=ns)


async def established(client: AsyncClient, name: str) -> None:
    """Waits until the server serves a CRD and says so in discovery."""
    definitions = client.resource("customresourcedefinitions")
    version = (await definitions.list(field_selector=f"metadata.name={name}")).resource_version
    with anyio.fail_after(60):
        found = await definitions.get(name)
        while not _is_established(found):
            async for event in definitions.watch(field_selector=f"metadata.name={name}", resource_version=version):
                found = event.object
                if _is_established(found):
                    break
        while True:
            await client.discovery.refresh()
            try:
                await client.mapper.resource_for(name)
            except NoMatchError:
                # Discovery follows a moment after the condition; there is nothing to watch for it.
                await anyio.sleep(0.05)
            else:
                return


def _is_established(definition: dict[str, Any]) -> bool:
    conditions = (definition.get("status") or {}).get("conditions") or ()
    return any(item["type"] == "Established" and item["status"] == "True" for item in conditions)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what the sandbox is known not to do, by the lines ``file.py::test[id]: reason`` of sandbox_gaps.txt.

    Strict: a line whose test passes fails the run until it is taken out.
    """
    lines = (_FOLDER / "sandbox_gaps.txt").read_text().splitlines()
    gaps = dict(line.rsplit(": ", 1) for line in lines if line and not line.startswith("#"))
    for item in items:
        if item.path.parent == _FOLDER and (reason := gaps.get(f"{item.path.name}::{item.name}")):
            item.add_marker(pytest.mark.xfail(reason=f"the sandbox does not: {reason}", strict=True))
