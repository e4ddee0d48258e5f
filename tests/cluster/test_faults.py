"""A running informer, and a control plane that dies, forgets, hangs and cuts: the cache ends up as the server is.

Each test breaks something under an informer, changes objects meanwhile and afterwards, and asserts that the cache
equals the server's list, that the handler's events replay to the same state without a contradiction, and that the
server was listed again only where that was the only way.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest

from kmagic import errors
from kmagic.api.options import ListOptions
from kmagic.cache.informer import SharedInformer
from kmagic.cache.list_watch import list_watch_for
from kmagic.client.client import AsyncClient
from kmagic.client.codec import ResourceList
from kmagic.client.pager import Pager
from kmagic.client.resource import AsyncResource
from tests.cluster.fixture import Cluster
from tests.faultproxy import Fault, FaultProxy, Seen, status_reply
from tests.follow import Replay, lease, off_loop, retried, sentinel, versions, versions_of

pytestmark = pytest.mark.timeout(180)

SECONDS = 60.0


@dataclass
class Following:
    """An informer behind a proxy, and a way to the server around it."""

    cluster: Cluster
    proxy: FaultProxy
    leases: AsyncResource[dict[str, Any]]  # straight to the server
    informer: SharedInformer[dict[str, Any]]
    replay: Replay
    errors: list[Exception]

    async def settles(self, *, lists: int) -> None:
        """Makes a last change and waits for it; then everything must be equal.

        Args:
            lists: How often the server may have been listed, the first time included.
        """
        key = await sentinel(self.leases)
        await self.replay.until(lambda: key in self.replay.held, seconds=SECONDS)
        server = await versions_of(self.leases)
        assert versions(self.informer.store.list()) == server
        assert self.replay.held == server
        assert self.replay.wrong == []
        assert self.informer.state.lists <= lists, self.informer.state.relists


async def own_namespace(client: AsyncClient, name: str) -> AsyncResource[dict[str, Any]]:
    """Makes a namespace; its Leases.

    Nothing here waits for a controller: after a few restarts of the server theirs wait up to a minute to come back.
    """
    await client.resource("namespaces").create({"metadata": {"name": name}})
    return client.resource("leases", namespace=name)


@asynccontextmanager
async def following(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Following]:
    """Yields an informer that has synced ten objects."""
    async with AsyncClient(cluster.kubeconfig) as direct, FaultProxy(cluster.kubeconfig, tls=True) as proxy:
        name = f"faults-{uuid.uuid4().hex[:8]}"
        leases = await own_namespace(direct, name)
        for number in range(10):
            await leases.create(lease(f"lease-{number}"))
        async with AsyncClient(proxy.write_kubeconfig(tmp_path)) as client:
            informer = SharedInformer(list_watch_for(client.resource("leases", namespace=name)))
            failures: list[Exception] = []
            informer.set_error_handler(failures.append)
            replay = Replay().listen(informer)
            async with informer:
                await informer.wait_synced(SECONDS)
                await replay.until(lambda: len(replay.held) == 10, seconds=SECONDS)
                yield Following(cluster, proxy, leases, informer, replay, failures)
        await direct.resource("namespaces").delete(name)


async def change(leases: AsyncResource[dict[str, Any]], number: int) -> None:
    """Changes one object, deletes one, makes one."""
    await leases.patch(f"lease-{number}", {"spec": {"holderIdentity": str(number)}})
    await leases.delete(f"lease-{number + 1}")
    await leases.create(lease(f"new-{number}"))


async def test_RF_28_the_server_is_killed_and_started_again(private_cluster: Cluster, tmp_path: Path) -> None:
    async with following(private_cluster, tmp_path) as f:
        await change(f.leases, 0)
        private_cluster.apiserver.kill()
        await off_loop(private_cluster.apiserver.start)
        await change(f.leases, 4)
        # A server that starts anew may not know the old version any more: one list at the most.
        await f.settles(lists=2)


async def test_a_server_that_hangs_and_wakes_up(private_cluster: Cluster, tmp_path: Path) -> None:
    async with following(private_cluster, tmp_path) as f:
        await change(f.leases, 0)
        private_cluster.apiserver.pause()
        try:
            await anyio.sleep(2)  # as long as the server hangs
        finally:
            private_cluster.apiserver.resume()
        await change(f.leases, 4)
        await f.settles(lists=1)


async def test_RF_07_a_version_that_was_compacted_is_listed_once(private_cluster: Cluster, tmp_path: Path) -> None:
    async with following(private_cluster, tmp_path) as f:
        f.proxy.refusing = True
        f.proxy.cut()
        # Nobody tells the informer about these.
        await change(f.leases, 0)
        await f.leases.delete("lease-9")
        await off_loop(private_cluster.expire)
        f.proxy.refusing = False
        await f.settles(lists=2)
        assert f.informer.state.lists == 2
        assert {key.partition("/")[2] for key in f.replay.missed} == {"lease-1", "lease-9"}


async def test_RF_28_an_object_made_anew_while_nobody_looked(private_cluster: Cluster, tmp_path: Path) -> None:
    async with following(private_cluster, tmp_path) as f:
        f.proxy.refusing = True
        f.proxy.cut()
        before = f.informer.store.list()
        await f.leases.delete("lease-3")
        anew = await f.leases.create(lease("lease-3"))
        await off_loop(private_cluster.expire)
        f.proxy.refusing = False
        await f.settles(lists=2)
        held = f.informer.store.get_by_key(f"{f.leases.namespace}/lease-3")
        assert held["metadata"]["uid"] == anew["metadata"]["uid"]
        assert anew["metadata"]["uid"] not in {obj["metadata"]["uid"] for obj in before}


async def test_a_watch_that_is_cut_ten_times_a_second(private_cluster: Cluster, tmp_path: Path) -> None:
    async with following(private_cluster, tmp_path) as f:

        async def cutting() -> None:
            for _ in range(100):
                await anyio.sleep(0.1)  # the rate of the cuts
                f.proxy.cut()

        async def changing() -> None:
            for number in range(200):
                await f.leases.patch(f"lease-{number % 10}", {"spec": {"holderIdentity": str(number)}})
                if number % 20 == 0:
                    await f.leases.create(lease(f"more-{number}"))
                await anyio.sleep(0.04)  # spreads the changes over the ten seconds

        async with anyio.create_task_group() as group:
            group.start_soon(cutting)
            group.start_soon(changing)
        # The last version is still good after each cut, so there is nothing to list.
        await f.settles(lists=1)
        assert f.proxy.cuts["cut"] >= 10


async def test_every_watch_ends_after_a_few_bytes(private_cluster: Cluster, tmp_path: Path) -> None:
    async with following(private_cluster, tmp_path) as f:
        f.proxy.rule = lambda seen: Fault(after=1500, end="close") if seen.is_watch else None
        f.proxy.cut()
        for number in range(0, 8, 2):
            await change(f.leases, number)
        await f.replay.until(lambda: f"{f.leases.namespace}/new-6" in f.replay.held, seconds=SECONDS)
        f.proxy.rule = lambda seen: None
        await f.settles(lists=1)


async def test_RF_29_a_storm_of_refusals_costs_no_list(private_cluster: Cluster, tmp_path: Path) -> None:
    async with following(private_cluster, tmp_path) as f:
        storm = status_reply(429, "TooManyRequests", "too many requests", retry_after=1)
        calls: list[Seen] = []

        def rule(seen: Seen) -> Fault | None:
            calls.append(seen)
            return storm if len(calls) <= 3 else None

        f.proxy.rule = rule
        f.proxy.cut()
        await change(f.leases, 0)
        await f.settles(lists=1)
        assert len(calls) >= 4


async def test_the_store_of_the_server_is_killed(private_cluster: Cluster, tmp_path: Path) -> None:
    async with following(private_cluster, tmp_path) as f:
        await change(f.leases, 0)
        private_cluster.etcd.kill()
        await off_loop(private_cluster.etcd.start)
        await off_loop(private_cluster.apiserver.wait_ready)
        await retried(lambda: change(f.leases, 4))
        await f.settles(lists=2)


async def test_MI_04_a_continue_token_that_expired(private_cluster: Cluster) -> None:
    async with AsyncClient(private_cluster.kubeconfig) as client:
        name = f"faults-{uuid.uuid4().hex[:8]}"
        leases = await own_namespace(client, name)
        for number in range(6):
            await leases.create(lease(f"lease-{number}"))
        asked: list[ListOptions] = []

        async def fetch(options: ListOptions) -> ResourceList[dict[str, Any]]:
            asked.append(options)
            if len(asked) == 2:
                await leases.create(lease("lease-6"))
                await off_loop(private_cluster.expire)
            return await leases.list_page(options)

        found = await Pager(fetch, page_size=3).list()
        # The first page, the next that is too old, and then everything in one piece, as it is now.
        assert [bool(options.continue_token) for options in asked] == [False, True, False]
        assert versions(found) == await versions_of(leases)
        with pytest.raises(errors.ExpiredError, match="continue parameter is too old") as caught:
            await leases.list_page(asked[1])
        assert caught.value.status["code"] == 410
        with pytest.raises(errors.ExpiredError):
            await leases.list(
                resource_version=found.items[0]["metadata"]["resourceVersion"], resource_version_match="Exact"
            )
        await client.resource("namespaces").delete(name)


async def test_RF_02_an_informer_that_starts_before_its_server(private_cluster: Cluster) -> None:
    private_cluster.apiserver.stop()
    async with AsyncClient(private_cluster.kubeconfig) as client:
        informer = SharedInformer(list_watch_for(client.core_v1.nodes))
        informer.set_error_handler(lambda error: None)
        async with informer:
            with pytest.raises(errors.SyncError, match="did not fill within 2 s") as caught:
                await informer.wait_synced(2)
            assert isinstance(caught.value.__cause__, errors.ConnectError)
            assert "refused the connection" in str(caught.value)
            await off_loop(private_cluster.apiserver.start)
            await informer.wait_synced(SECONDS)
            names = {node.metadata.name for node in informer.store.list()}
        assert names == {node.metadata.name for node in await client.core_v1.nodes.list()}


async def test_RF_33_what_can_never_work_is_said_at_once(private_cluster: Cluster) -> None:
    async with AsyncClient(private_cluster.readonly_kubeconfig) as client:
        informer = SharedInformer(list_watch_for(client.core_v1.secrets("default")))
        async with informer:
            with pytest.raises(errors.SyncError, match="cannot fill the cache of secrets") as caught:
                await informer.wait_synced(SECONDS)
        assert isinstance(caught.value.__cause__, errors.ForbiddenError)
