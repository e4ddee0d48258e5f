"""What can go wrong between an informer and its server: each method breaks one thing and mends it again."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import httpx

from tests.faultproxy import Fault, FaultProxy
from tests.follow import off_loop, retried

if TYPE_CHECKING:
    from kmagic.client.client import AsyncClient
    from tests.cluster.fixture import Cluster

__all__ = ("Breakage", "Identity")

_NAME, _NAMESPACE = "chaos", "kube-system"

_NOTHING_AT_ALL = {
    "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
    "kind": "PriorityLevelConfiguration",
    "metadata": {"name": _NAME},
    "spec": {
        "type": "Limited",
        "limited": {"nominalConcurrencyShares": 0, "borrowingLimitPercent": 0, "limitResponse": {"type": "Reject"}},
    },
}
_EVERYTHING = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"], "clusterScope": True}
_FLOW = {
    "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
    "kind": "FlowSchema",
    "metadata": {"name": _NAME},
    "spec": {
        "priorityLevelConfiguration": {"name": _NAME},
        "matchingPrecedence": 2,
        "rules": [
            {
                "subjects": [
                    {"kind": "ServiceAccount", "serviceAccount": {"namespace": _NAMESPACE, "name": _NAME}},
                ],
                "resourceRules": [_EVERYTHING],
            }
        ],
    },
}


class Identity:
    """A ServiceAccount that may do everything, known by a token in a file.

    Args:
        admin: Who makes it.
        file: Where its token is.
    """

    def __init__(self, admin: AsyncClient, cluster: Cluster, file: Path) -> None:
        self._admin = admin
        self._cluster = cluster
        self._anchors = admin.resource("secrets", namespace=_NAMESPACE)
        self._number = 0
        self.file = file

    async def create(self) -> None:
        """Makes the account and its first token."""
        await self._admin.resource("serviceaccounts", namespace=_NAMESPACE).create({"metadata": {"name": _NAME}})
        subject = {"kind": "ServiceAccount", "namespace": _NAMESPACE, "name": _NAME}
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
        await self._admin.resource("clusterrolebindings").create(
            {"metadata": {"name": _NAME}, "subjects": [subject], "roleRef": role}
        )
        await self.renew()

    async def renew(self) -> None:
        """Writes a new token, good as long as a Secret of its own exists."""
        self._number += 1
        anchor = f"{_NAME}-{self._number}"
        await self._anchors.create({"metadata": {"name": anchor}})
        spec = {"boundObjectRef": {"apiVersion": "v1", "kind": "Secret", "name": anchor}}
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        accounts = self._admin.resource("serviceaccounts", namespace=_NAMESPACE)
        answer = await accounts.create_subresource(_NAME, "token", body)
        self.file.touch(mode=0o600)
        self.file.write_text(answer["status"]["token"])

    async def revoke(self) -> None:
        """Makes the token worthless; the server goes on believing in it for ten seconds."""
        await retried(lambda: self._anchors.delete(f"{_NAME}-{self._number}"))
        await self.answered(401)

    async def answered(self, code: int) -> None:
        """Waits until the server answers one of several requests with the token with this code."""
        context = ssl.create_default_context(cafile=str(self._cluster.folder / "ca.crt"))
        headers = {"Authorization": f"Bearer {self.file.read_text()}"}
        url, codes = f"{self._cluster.server}/api/v1/namespaces", set()

        async with httpx.AsyncClient(verify=context, trust_env=False, headers=headers) as client:

            async def ask() -> None:
                with suppress(httpx.TransportError):  # the last fault may not be quite over
                    codes.add((await client.get(url)).status_code)

            with anyio.fail_after(60):
                while code not in codes:
                    async with anyio.create_task_group() as group:
                        for _ in range(16):
                            group.start_soon(ask)


class Breakage:
    """Everything that breaks.

    Args:
        cluster: A control plane of one's own.
        proxy: Between the server and who is tested.
        admin: A client that goes around it.
        identity: Whose token is used through the proxy.
        hang_seconds: How long the server hangs.
    """

    def __init__(
        self, cluster: Cluster, proxy: FaultProxy, admin: AsyncClient, identity: Identity, *, hang_seconds: float
    ) -> None:
        self._cluster = cluster
        self._proxy = proxy
        self._identity = identity
        self._hang_seconds = hang_seconds
        self._levels = admin.resource("prioritylevelconfigurations")
        self._flows = admin.resource("flowschemas")

    async def prepare(self) -> None:
        """Makes what the faults need."""
        await self._identity.create()
        await self._levels.create(_NOTHING_AT_ALL)

    @property
    def kinds(self) -> list[Callable[[], Awaitable[None]]]:
        """All of them."""
        return [
            self.kill,
            self.compaction,
            self.lost_store,
            self.hang,
            self.cuts,
            self.too_many_requests,
            self.revoked_token,
            self.torn_answers,
            self.away,
        ]

    async def kill(self) -> None:
        """The server dies and comes back."""
        self._cluster.apiserver.kill()
        await off_loop(self._cluster.apiserver.start)

    async def compaction(self) -> None:
        """The server restarts, and everything old is forgotten."""
        await off_loop(self._cluster.expire)

    async def lost_store(self) -> None:
        """The server loses its etcd for a while."""
        await off_loop(self._cluster.compact)
        self._cluster.etcd.kill()
        await off_loop(self._cluster.etcd.start)
        await off_loop(self._cluster.apiserver.wait_ready)

    async def hang(self) -> None:
        """The server is silent, its connections stay open."""
        self._cluster.apiserver.pause()
        try:
            await anyio.sleep(self._hang_seconds)
        finally:
            self._cluster.apiserver.resume()

    async def cuts(self) -> None:
        """Every connection is cut ten times a second."""
        for _ in range(20):
            self._proxy.cut()
            await anyio.sleep(0.1)

    async def too_many_requests(self) -> None:
        """Priority and fairness refuses every request that is not alone."""
        await retried(lambda: self._flows.create(_FLOW))
        await self._identity.answered(429)
        await self.cuts()
        await retried(lambda: self._flows.delete(_NAME))
        await self._identity.answered(200)

    async def revoked_token(self) -> None:
        """The token is not good any more; a while later there is another."""
        await self._identity.revoke()
        self._proxy.cut()
        await anyio.sleep(1.5)
        await retried(self._identity.renew)

    async def torn_answers(self) -> None:
        """No answer is longer than a few bytes."""
        self._proxy.rule = lambda seen: Fault(after=3000, end="reset") if seen.method == "GET" else None
        self._proxy.cut()
        await anyio.sleep(1.5)
        self._proxy.rule = lambda seen: None

    async def away(self) -> None:
        """Nobody accepts a connection."""
        self._proxy.refusing = True
        self._proxy.cut()
        await anyio.sleep(1.0)
        self._proxy.refusing = False
