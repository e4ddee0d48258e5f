"""The controllers, run together; the kubelet is apart, as it is in a real cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from kmagic.sandbox.controllers import (
    base,
    cron_job,
    daemon_set,
    deployment,
    disruption,
    endpoints,
    garbage,
    job,
    namespaces,
    replica_set,
    replication_controller,
    resource_quota,
    scheduler,
    stateful_set,
    volumes,
)

if TYPE_CHECKING:
    from kmagic.sandbox.registry.loopback import Loopback

__all__ = ("CONTROLLERS", "run_controllers")

CONTROLLERS = (
    deployment.CONTROLLER,
    replica_set.CONTROLLER,
    replication_controller.CONTROLLER,
    endpoints.CONTROLLER,
    job.CONTROLLER,
    cron_job.CONTROLLER,
    daemon_set.CONTROLLER,
    stateful_set.CONTROLLER,
    volumes.CONTROLLER,
    disruption.CONTROLLER,
    resource_quota.CONTROLLER,
)


async def run_controllers(client: Loopback, certificate: str) -> None:
    """Runs every controller until cancelled.

    Args:
        client: Client by which they read and write.
        certificate: The root certificate (PEM) that every namespace gets.
    """
    collector = garbage.GarbageCollector(client)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(collector.run)
        for controller in (namespaces.controller(certificate), scheduler.controller(client.store), *CONTROLLERS):
            tasks.start_soon(base.run, client, controller)
