"""A cluster for tests: a sandbox of their own, clients that record what they do, planned failures.

Source: takes the place of k8s.io/client-go/kubernetes/fake and dynamic/fake.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kmagic.config.loader import load_config
from kmagic.sandbox.host.process import SandboxProcess, start
from kmagic.testing.actions import Action, ActionLog, Reactor
from kmagic.testing.transport import RecordingTransport

if TYPE_CHECKING:
    from kmagic.cache.client import AsyncClient
    from kmagic.sync.client import Client

__all__ = ("TestCluster", "cluster")


class TestCluster:
    """A running cluster and the record of what its clients did.

    It is a real API server in memory: selectors, paging, watches from any version, server-side apply, status
    subresources and all clients sharing one state work as in production.

    Attributes:
        server: URL of the cluster.
        kubeconfig: The administrator's kubeconfig; any client, kubectl too, can use it, unrecorded.
        log: The calls of its clients.
    """

    __test__ = False  # not a test class, whatever its name says to pytest

    def __init__(self, server: str, kubeconfig: Path | str) -> None:
        self.server = server
        self.kubeconfig: Path = Path(kubeconfig)
        self.log: ActionLog = ActionLog()

    def async_client(self) -> AsyncClient:
        """A recorded `AsyncClient`; close it, or use it as a context manager."""
        from kmagic.cache.client import AsyncClient

        config = load_config(self.kubeconfig)
        return AsyncClient(config=config, transport=RecordingTransport(config, self.log))

    def client(self) -> Client:
        """A recorded blocking `Client`; close it, or use it as a context manager."""
        from kmagic.sync.client import Client
        from kmagic.sync.runtime import shared_runtime

        runtime = shared_runtime()
        return Client(client=runtime.call(self.async_client), runtime=runtime)

    @property
    def actions(self) -> list[Action]:
        """Every call on a resource so far, of all clients of this cluster."""
        return self.log.actions

    @property
    def changes(self) -> list[Action]:
        """The calls that change something."""
        return self.log.changes

    def clear_actions(self) -> None:
        """Forgets the calls so far."""
        self.log.clear_actions()

    def react(self, verb: str, resource: str, reactor: Reactor) -> None:
        """Lets `reactor` answer or fail matching calls before the server sees them; see `ActionLog.react`."""
        self.log.react(verb, resource, reactor)

    def react_first(self, verb: str, resource: str, reactor: Reactor) -> None:
        """As `react`, before the reactors that are there already."""
        self.log.react_first(verb, resource, reactor)


@contextmanager
def cluster(*, nodes: int = 3) -> Iterator[TestCluster]:
    """Starts a cluster of its own for a test, or a session of tests, and stops it.

    ```python
    @pytest.fixture(scope="session")
    def cluster():
        with kmagic.testing.cluster() as running:
            yield running
    ```

    Args:
        nodes: Number of simulated nodes.
    """
    process: SandboxProcess = start(nodes=nodes)
    try:
        yield TestCluster(process.server, process.kubeconfig)
    finally:
        process.stop()
