"""All controllers of a sandbox, run together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from kmagic.sandbox.controllers import (
    base,
    budgets,
    cron_job,
    daemon_set,
    deployment,
    endpoints,
    garbage,
    job,
    namespaces,
    replica_set,
    scheduler,
    stateful_set,
    volumes,
)
from kmagic.sandbox.kubelet import kubelet

if TYPE_CHECKING:
    from kmagic.sandbox.cluster import Cluster

__all__ = ("CONTROLLERS", "run_controllers")

CONTROLLERS = (
    namespaces.CONTROLLER,
    deployment.CONTROLLER,
    replica_set.CONTROLLER,
    scheduler.CONTROLLER,
    kubelet.CONTROLLER,
    endpoints.CONTROLLER,
    job.CONTROLLER,
    cron_job.CONTROLLER,
    daemon_set.CONTROLLER,
    stateful_set.CONTROLLER,
    volumes.CONTROLLER,
    budgets.BUDGETS,
    budgets.QUOTAS,
)


async def run_controllers(cluster: Cluster) -> None:
    """Run every controller until cancelled."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(garbage.run, cluster)
        for controller in CONTROLLERS:
            tasks.start_soon(base.run, cluster, controller)
