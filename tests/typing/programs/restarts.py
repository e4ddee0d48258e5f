# pyright: strict
"""Lists the Pods that restarted most."""

from __future__ import annotations

import kmagic
from kmagic.models.core_v1 import Pod


def restarts(pod: Pod) -> int:
    return sum(status.restart_count or 0 for status in pod.status.container_statuses)


def main() -> None:
    with kmagic.Client() as client:
        pods = client.core_v1.pods(None).list(field_selector="status.phase=Running")
        for pod in sorted(pods, key=restarts, reverse=True)[:10]:
            print(pod.metadata.namespace, pod.metadata.name, restarts(pod))
