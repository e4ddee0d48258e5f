from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from kmagic.client.discovery import Discovery
from kmagic.client.disk_cache import DiskCache, discovery_folder, resource_lists
from kmagic.client.mapper import RESTMapper
from kmagic.client.rest import RESTClient
from kmagic.transport.clock import SystemClock
from tests.client.worlds import CORE, NAMED, WIDGETS, group, legacy, resource, world
from tests.cluster.fixture import ExternalCluster
from tests.transport.servers import ScriptedServer

# A broken API is asked for again and again, so it is not in here.
HEALTHY = [item for item in NAMED if item["metadata"]["name"] != "metrics.k8s.io"]


def discovery(handler: Callable[..., Any], folder: Path) -> tuple[ScriptedServer, DiskCache, Discovery]:
    server = ScriptedServer(handler)
    cache = DiskCache(folder, clock=SystemClock())
    return server, cache, Discovery(RESTClient(server.transport(), max_retries=0), disk=cache)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("server", "folder"),
    [
        pytest.param("https://127.0.0.1:6443", "127.0.0.1_6443", id="DI-12 port"),
        pytest.param("http://h/a/b/", "h/a/b", id="DI-12 path"),
        pytest.param("https://[::1]:1", "___1__1", id="DI-12 IPv6"),
        pytest.param("https://h/../../x", "h/__/__/x", id="DI-12 no way out"),
    ],
)
def test_folder(server: str, folder: str) -> None:
    assert discovery_folder("/c", server) == discovery_folder("/c", "x").parent / folder


async def test_DI_12_the_second_process_asks_nothing(tmp_path: Path) -> None:
    first_server, first_cache, first = discovery(world(HEALTHY), tmp_path)
    told = await first.all()
    assert len(first_server.requests) == 2
    assert first_cache.fresh
    assert "servergroups.json" in files(tmp_path)
    assert "v1/serverresources.json" in files(tmp_path)
    assert "apps/v1/serverresources.json" in files(tmp_path)
    server, cache, second = discovery(world(HEALTHY), tmp_path)
    assert await second.all() == told
    assert server.requests == []
    assert not cache.fresh
    assert second.age < 60


async def test_DI_12_A36_files_are_the_users_own(tmp_path: Path) -> None:
    _, _, found = discovery(world(HEALTHY), tmp_path / "a" / "b")
    await found.all()
    path = tmp_path / "a" / "b" / "apps" / "v1" / "serverresources.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o750
    assert all(name.endswith(".json") for name in files(tmp_path))


@pytest.mark.parametrize("harm", ["old", "missing", "broken", "other"])
async def test_DI_12_A36_what_cannot_be_used_is_asked_again(tmp_path: Path, harm: str) -> None:
    _, _, first = discovery(world(HEALTHY), tmp_path)
    told = await first.all()
    path = tmp_path / "apps" / "v1" / "serverresources.json"
    if harm == "old":
        os.utime(path, (time.time() - 7 * 3600,) * 2)
    elif harm == "missing":
        path.unlink()
    else:
        path.write_bytes(b'{"resources": [' if harm == "broken" else b"[1]")
    server, _, second = discovery(world(HEALTHY), tmp_path)
    assert await second.all() == told
    assert len(server.requests) == 2


async def test_DI_12_A36_invalidate_makes_old_files_unusable(tmp_path: Path) -> None:
    await discovery(world(HEALTHY), tmp_path)[2].all()
    server, cache, found = discovery(world(HEALTHY), tmp_path)
    await found.all()
    found.invalidate()
    await found.all()
    assert len(server.requests) == 2
    assert cache.fresh
    assert cache.load() is not None


async def test_DI_12_a_new_crd_is_found_though_the_files_are_good(tmp_path: Path) -> None:
    await discovery(world(HEALTHY), tmp_path)[2].all()
    for path in tmp_path.rglob("*.json"):
        os.utime(path, (time.time() - 600,) * 2)
    _, _, found = discovery(world([*HEALTHY, WIDGETS]), tmp_path)
    assert (await RESTMapper(found).resource_for("widgets")).kind == "Widget"
    assert "example.com/v1/serverresources.json" in files(tmp_path)


async def test_plain_answers_are_kept_as_they_came(tmp_path: Path) -> None:
    told = await discovery(legacy(), tmp_path)[2].all()
    server, _, found = discovery(legacy(), tmp_path)
    assert await found.all() == told
    assert server.requests == []


async def test_a_server_cannot_write_elsewhere(tmp_path: Path) -> None:
    evil = group("../../evil", ("v1", "Current", [resource("foos", "Foo")]))
    _, _, found = discovery(world([evil]), tmp_path / "in")
    assert (await found.all()).groups
    assert files(tmp_path) == []


async def test_a_disk_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    _, cache, found = discovery(world(HEALTHY), tmp_path / "file")
    assert (await found.all()).resources
    assert cache.load() is None


def test_a_subresource_of_another_kind() -> None:
    scale = {"subresource": "scale", "verbs": ["get"], "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"}}  # fmt: skip
    deployments = {**resource("deployments", "Deployment"), "subresources": [scale, {"subresource": "odd"}]}
    body = json.dumps({"items": [group("apps", ("v1", "Current", [deployments]))]}).encode()
    found = json.loads(resource_lists(body)["apps/v1"])["resources"]
    assert [item["name"] for item in found] == ["deployments", "deployments/scale", "deployments/odd"]
    assert "group" not in found[0]
    assert (found[1]["group"], found[1]["version"], found[1]["kind"]) == ("autoscaling", "v1", "Scale")


async def test_DI_12_kubectl_and_kmagic_use_each_others_files(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with AsyncClient(cluster.kubeconfig) as client:
        folder = discovery_folder(tmp_path / "theirs", client.config.server)
        plain = await client.discovery.all()
    cluster.kubectl("api-resources", "--cache-dir", str(tmp_path / "theirs"))
    kept = DiskCache(folder, clock=SystemClock()).load()
    assert {item.api_version for item in kept.resources} == {item.api_version for item in plain.resources}
    async with AsyncClient(cluster.kubeconfig, cache_dir=tmp_path / "ours") as client:
        await client.discovery.all()
        ours = discovery_folder(tmp_path / "ours", client.config.server)
    assert files(ours) == files(folder)
    for name in ("apps/v1/serverresources.json", "v1/serverresources.json", "servergroups.json"):
        assert json.loads((ours / name).read_bytes()) == json.loads((folder / name).read_bytes())
    listed = cluster.kubectl("api-resources", "--cached", "--cache-dir", str(tmp_path / "ours"))
    assert "deployments" in listed


async def test_nothing_is_written_without_being_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    server = ScriptedServer(world(CORE))
    async with AsyncClient(transport=server.transport()) as client:
        await client.discovery.all()
    assert files(tmp_path) == []
