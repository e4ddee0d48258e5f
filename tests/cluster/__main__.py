"""`make cluster`: a real control plane to play with, until Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading

from tests.cluster.controlplane import BuildError
from tests.cluster.fixture import Cluster

__all__ = ("main",)


def main() -> int:
    """Starts a cluster, prints how to use it and stays until it is told to stop."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        cluster = Cluster.start()
    except BuildError as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    try:
        print(f"cluster: ready at {cluster.server}", file=sys.stderr)
        print(f"cluster: as administrator  export KUBECONFIG={cluster.kubeconfig}", file=sys.stderr)
        print(f"cluster: as a viewer       export KUBECONFIG={cluster.readonly_kubeconfig}", file=sys.stderr)
        print(f"cluster: kubectl           {cluster.kubectl_path}", file=sys.stderr)
        print(f"cluster: logs              {cluster.folder}", file=sys.stderr)
        print(cluster.kubeconfig, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
    finally:
        cluster.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
