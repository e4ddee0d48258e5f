"""Create, update, list and delete a Deployment with the typed client.

    python -m tests.examples.create_update_delete_deployment --kubeconfig ~/.kube/config

Source: k8s.io/client-go/examples/create-update-delete-deployment
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import kmagic
from kmagic.errors import ConflictError
from kmagic.models.apps_v1 import Deployment, DeploymentSpec
from kmagic.models.core_v1 import Container, ContainerPort, PodSpec, PodTemplateSpec
from kmagic.models.meta_v1 import LabelSelector, ObjectMeta

NAME = "demo-deployment"


def demo() -> Deployment:
    return Deployment(
        metadata=ObjectMeta(name=NAME),
        spec=DeploymentSpec(
            replicas=2,
            selector=LabelSelector(match_labels={"app": "demo"}),
            template=PodTemplateSpec(
                metadata=ObjectMeta(labels={"app": "demo"}),
                spec=PodSpec(
                    containers=[
                        Container(
                            name="web",
                            image="nginx:1.12",
                            ports=[ContainerPort(name="http", protocol="TCP", container_port=80)],
                        )
                    ]
                ),
            ),
        ),
    )


def main(client: kmagic.Client, namespace: str = "default", prompt: Callable[[], object] = lambda: None) -> None:
    deployments = client.apps_v1.deployments(namespace)

    print("Creating deployment...")
    created = deployments.create(demo())
    print(f'Created deployment "{created.metadata.name}".')

    prompt()
    print("Updating deployment...")
    # What is sent is the whole object, so somebody else's change in between is a conflict: read again and repeat.
    # (`with deployments.edit(NAME) as deployment:` does this by itself.)
    for attempt in range(5):
        deployment = deployments.get(NAME)
        deployment.spec.replicas = 1
        deployment.spec.template.spec.containers[0].image = "nginx:1.13"
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
        print(f" * {deployment.metadata.name} ({deployment.spec.replicas} replicas)")

    prompt()
    print("Deleting deployment...")
    deployments.delete(NAME, propagation="Foreground")
    print("Deleted deployment.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubeconfig")
    with kmagic.Client(parser.parse_args().kubeconfig) as found:
        main(found, prompt=lambda: input("-> Press Return key to continue."))
