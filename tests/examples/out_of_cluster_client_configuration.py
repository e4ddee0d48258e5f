"""Outside the cluster: count its Pods and look for one, every ten seconds, with a kubeconfig.

    python -m tests.examples.out_of_cluster_client_configuration --kubeconfig ~/.kube/config

Source: k8s.io/client-go/examples/out-of-cluster-client-configuration
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import kmagic
from kmagic.errors import NotFoundError, StatusError


def main(client: kmagic.Client, wait: Callable[[], object] = lambda: time.sleep(10)) -> None:
    while True:
        pods = client.core_v1.pods(None).list()
        print(f"There are {len(pods)} pods in the cluster")

        namespace, pod = "default", "example-xxxxx"
        try:
            client.core_v1.pods(namespace).get(pod)
        except NotFoundError:
            print(f"Pod {pod} in namespace {namespace} not found")
        except StatusError as error:
            print(f"Error getting pod {pod} in namespace {namespace}: {error.message}")
        else:
            print(f"Found pod {pod} in namespace {namespace}")
        wait()


def parser(env: Mapping[str, str]) -> argparse.ArgumentParser:
    """Where the home is unknown the kubeconfig has to be said."""
    made = argparse.ArgumentParser(description=__doc__)
    if home := env.get("HOME"):
        made.add_argument("--kubeconfig", default=str(Path(home) / ".kube" / "config"))
    else:
        made.add_argument("--kubeconfig", required=True)
    return made


if __name__ == "__main__":
    import os

    with kmagic.Client(parser(os.environ).parse_args().kubeconfig) as found:
        main(found)
