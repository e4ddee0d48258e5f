"""Inside a Pod: count the cluster's Pods and look for one, every ten seconds, with the service account's rights.

    python -m tests.examples.in_cluster_client_configuration

Source: k8s.io/client-go/examples/in-cluster-client-configuration
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import kmagic
from kmagic.config.in_cluster import in_cluster_config
from kmagic.errors import NotFoundError, StatusError


def main(client: kmagic.Client, wait: Callable[[], object] = lambda: time.sleep(10)) -> None:
    while True:
        pods = client.core_v1.pods(None).list()
        print(f"There are {len(pods)} pods in the cluster")

        try:
            client.core_v1.pods("default").get("example-xxxxx")
        except NotFoundError:
            print("Pod example-xxxxx not found in default namespace")
        except StatusError as error:
            print(f"Error getting pod {error.message}")
        else:
            print("Found example-xxxxx pod in default namespace")
        wait()


if __name__ == "__main__":
    with kmagic.Client(config=in_cluster_config(os.environ)) as found:
        main(found)
