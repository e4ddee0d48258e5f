"""Create, update, list and delete a Deployment as plain dicts, by group, version and plural.

    python -m tests.examples.dynamic_create_update_delete_deployment --kubeconfig ~/.kube/config

Source: k8s.io/client-go/examples/dynamic-create-update-delete-deployment
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import kmagic
from kmagic.api.gvk import GroupVersionResource
from kmagic.errors import ConflictError

NAME = "demo-deployment"
DEPLOYMENTS = GroupVersionResource("apps", "v1", "deployments")


def demo() -> dict[str, Any]:
    container = {
        "name": "web",
        "image": "nginx:1.12",
        "ports": [{"name": "http", "protocol": "TCP", "containerPort": 80}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "demo"}},
            "template": {"metadata": {"labels": {"app": "demo"}}, "spec": {"containers": [container]}},
        },
    }


def replicas_text(deployment: dict[str, Any]) -> str:
    """A missing field is said, and is no error of another kind."""
    replicas = deployment.get("spec", {}).get("replicas")
    return "replicas not found" if replicas is None else f"{replicas} replicas"


def main(client: kmagic.Client, namespace: str = "default", prompt: Callable[[], object] = lambda: None) -> None:
    deployments = client.dynamic.resource(DEPLOYMENTS)(namespace)

    print("Creating deployment...")
    created = deployments.create(demo())
    print(f'Created deployment "{created["metadata"]["name"]}".')

    prompt()
    print("Updating deployment...")
    for attempt in range(5):
        deployment = deployments.get(NAME)
        deployment["spec"]["replicas"] = 1
        deployment["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:1.13"
        try:
            deployments.update(deployment)
            break
        except ConflictError:
            if attempt == 4:
                raise
    print("Updated deployment...")

    prompt()
    print(f'Listing deployments in namespace "{namespace}":')
    for deployment in deployments.list():
        print(f" * {deployment['metadata']['name']} ({replicas_text(deployment)})")

    prompt()
    print("Deleting deployment...")
    deployments.delete(NAME, propagation="Foreground")
    print("Deleted deployment.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubeconfig")
    with kmagic.Client(parser.parse_args().kubeconfig) as found:
        main(found, prompt=lambda: input("-> Press Return key to continue."))
