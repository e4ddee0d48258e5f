"""One of several processes runs the controller loop; when it ends or dies, another one does.

    python -m tests.examples.leader_election --kubeconfig ~/.kube/config --lease-lock-name example \\
        --lease-lock-namespace default --id a

Source: k8s.io/client-go/examples/leader-election
"""

from __future__ import annotations

import argparse
import logging
import signal
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import anyio

import kmagic
from kmagic.controller import LeaderElector

log = logging.getLogger("leader-election")


async def controller_loop() -> None:
    """The work: here, to say so and wait."""
    log.info("Controller loop...")
    await anyio.sleep_forever()


def elector(
    client: Any,
    options: argparse.Namespace,
    work: Callable[[], Awaitable[object]] = controller_loop,
    **timings: float,
) -> LeaderElector:
    """A candidate as the example configures it."""
    started = False

    async def lead() -> None:
        nonlocal started
        started = True
        await work()

    def stopped() -> None:
        log.info("Leader lost: %s", options.id)
        log.info("Performing cleanup operations..." if started else "Skipping cleanup because we never started leading")

    def new_leader(identity: str) -> None:
        if identity != options.id:  # our own name is no news
            log.info("New leader elected: %s", identity)

    return LeaderElector(
        client.coordination_v1.leases(options.lease_lock_namespace),
        options.lease_lock_name,
        identity=options.id,
        release_on_cancel=True,
        on_started_leading=lead,
        on_stopped_leading=stopped,
        on_new_leader=new_leader,
        **(timings or {"lease_duration": 60.0, "renew_deadline": 15.0, "retry_period": 5.0}),
    )


async def main(options: argparse.Namespace) -> None:
    timings = {name: getattr(options, name) for name in ("lease_duration", "renew_deadline", "retry_period")}
    async with kmagic.AsyncClient(options.kubeconfig) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(_cancel_on_signal, tasks.cancel_scope)
        await elector(client, options, **timings).run()
        tasks.cancel_scope.cancel()


async def _cancel_on_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            log.info("Received termination, signaling shutdown")
            scope.cancel()


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubeconfig")
    parser.add_argument("--id", default=str(uuid.uuid4()), help="the holder identity name")
    parser.add_argument("--lease-lock-name", required=True, help="the lease lock resource name")
    parser.add_argument("--lease-lock-namespace", required=True, help="the lease lock resource namespace")
    parser.add_argument("--lease-duration", type=float, default=60.0)
    parser.add_argument("--renew-deadline", type=float, default=15.0)
    parser.add_argument("--retry-period", type=float, default=5.0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    anyio.run(main, parse())
