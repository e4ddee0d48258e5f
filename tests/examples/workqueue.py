"""A controller from its parts: an informer fills a work queue with keys, a worker looks them up and tells what is there.

    python -m tests.examples.workqueue --kubeconfig ~/.kube/config

Source: k8s.io/client-go/examples/workqueue
"""

from __future__ import annotations

import argparse
import logging
from typing import Any

import anyio

import kmagic
from kmagic.api.key import meta_namespace_key
from kmagic.controller import RateLimitingQueue
from kmagic.errors import SyncError

log = logging.getLogger("workqueue")

MAX_RETRIES = 5


class PodController:
    """Tells which Pods come, change and go.

    Args:
        pods: An accessor of an informer factory: ``factory.core_v1.pods``.
        queue: The keys to look at.
    """

    def __init__(self, pods: Any, queue: RateLimitingQueue[str]) -> None:
        self._informer = pods.informer
        self.queue = queue
        # A deleted Pod is the last known object, whether the deletion was seen or missed: both have its key.
        self._informer.add_handler(
            on_add=lambda pod: queue.add(meta_namespace_key(pod)),
            on_update=lambda old, new: queue.add(meta_namespace_key(new)),
            on_delete=lambda pod: queue.add(meta_namespace_key(pod)),
            raw=True,
        )

    def sync_to_stdout(self, key: str) -> None:
        """The business logic; an error it raises brings the key back."""
        pod = self._informer.store.get_by_key(key)
        if pod is None:
            print(f"Pod {key} does not exist anymore")
        else:
            print(f"Sync/Add/Update for Pod {pod.metadata.name}")

    async def work(self) -> None:
        """One worker."""
        async for key in self.queue:
            try:
                self.sync_to_stdout(key)
            except Exception as error:
                self.handle_error(key, error)
            else:
                self.queue.forget(key)
            finally:
                self.queue.done(key)

    def handle_error(self, key: str, error: Exception) -> None:
        """Five more tries, then it is given up."""
        if self.queue.num_requeues(key) < MAX_RETRIES:
            log.info("Error syncing pod %s: %s", key, error)
            self.queue.add_rate_limited(key)
            return
        self.queue.forget(key)
        log.error("Dropping pod %s out of the queue: %s", key, error)


async def run(factory: Any, controller: PodController, *, sync_seconds: float = 60) -> None:
    """Runs until cancelled: fills the cache, then works."""
    try:
        async with factory:
            try:
                await factory.wait_synced(timeout=sync_seconds)
            except SyncError:
                log.error("Timed out waiting for caches to sync")
                raise
            await controller.work()
    finally:
        controller.queue.shut_down()


async def main(kubeconfig: str | None) -> None:
    async with kmagic.AsyncClient(kubeconfig) as client:
        factory = client.informers(namespace="default", resync_seconds=0)
        controller = PodController(factory.core_v1.pods, RateLimitingQueue(name="pods"))
        # We may have known this Pod before we started; if it is gone, nobody will tell.
        controller.queue.add("default/mypod")
        await run(factory, controller)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubeconfig")
    logging.basicConfig(level=logging.INFO)
    anyio.run(main, parser.parse_args().kubeconfig)
