"""A controller for a resource of its own: a Foo becomes a Deployment, and its status says how that is doing.

    python -m tests.examples.sample_controller --kubeconfig ~/.kube/config

Source: k8s.io/sample-controller
"""

from __future__ import annotations

import argparse
import logging
import signal
from typing import Any

import anyio
import yaml

import kmagic
from kmagic.api.key import ObjectKey
from kmagic.controller import (
    BucketRateLimiter,
    Controller,
    EventRecorder,
    ItemExponentialFailureRateLimiter,
    MaxOfRateLimiter,
    Watch,
    controller_reference,
    owned,
)
from kmagic.errors import NotFoundError
from kmagic.models.apps_v1 import Deployment

log = logging.getLogger("sample-controller")

AGENT = "sample-controller"
FOOS = "foos.samplecontroller.k8s.io"

CRD: dict[str, Any] = yaml.safe_load("""
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: foos.samplecontroller.k8s.io
  annotations:
    api-approved.kubernetes.io: "unapproved, experimental-only"
spec:
  group: samplecontroller.k8s.io
  scope: Namespaced
  names: {kind: Foo, plural: foos}
  versions:
  - name: v1alpha1
    served: true
    storage: true
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              deploymentName: {type: string}
              replicas: {type: integer, minimum: 1, maximum: 10}
          status:
            type: object
            properties:
              availableReplicas: {type: integer}
""")


class ResourceExistsError(Exception):
    """The Deployment of that name belongs to somebody else."""


class SampleController:
    """Keeps a Deployment for each Foo.

    Args:
        client: A `kmagic.AsyncClient`.
        recorder: Where it tells events.
        namespace: Only this one; None for all.
    """

    def __init__(self, client: Any, recorder: Any, *, namespace: str | None = None) -> None:
        self._client = client
        self._recorder = recorder
        self.controller = Controller(
            client,
            self.sync,
            [Watch(FOOS), owned(Deployment, "Foo")],
            name="Foos",
            workers=2,
            namespace=namespace,
            resync_seconds=30,
            rate_limiter=MaxOfRateLimiter(ItemExponentialFailureRateLimiter(0.005, 1000.0), BucketRateLimiter(50, 300)),
        )

    async def sync(self, key: ObjectKey) -> None:
        """Makes the Deployment as the Foo says, then tells the Foo how it is."""
        try:
            foo = self.controller.lister(FOOS, key.namespace).get(key.name)
        except NotFoundError:
            log.info("foo %s in work queue no longer exists", key)
            return
        name = foo["spec"].get("deploymentName", "")
        if not name:
            # Nothing gets better by trying again: whoever writes the Foo has to.
            log.error("deployment name must be specified in %s", key)
            return

        deployments = self._client.apps_v1.deployments(key.namespace)
        try:
            deployment = self.controller.lister(Deployment, key.namespace).get(name)
        except NotFoundError:
            deployment = await deployments.create(self.deployment_for(foo), field_manager=AGENT)
        if not self.is_mine(foo, deployment):
            message = f'Resource "{name}" already exists and is not managed by Foo'
            self._recorder.event(foo, "Warning", "ErrResourceExists", message)
            raise ResourceExistsError(message)
        wanted = foo["spec"].get("replicas")
        if wanted is not None and wanted != deployment.spec.replicas:
            log.info("updating deployment %s of %s: %s replicas", name, key, wanted)
            deployment = await deployments.update(self.deployment_for(foo), field_manager=AGENT)

        available = deployment.status.available_replicas or 0
        foo["status"] = {**foo.get("status", {}), "availableReplicas": available}
        await self._client.resource(FOOS, namespace=key.namespace).update_status(foo, field_manager=AGENT)
        self._recorder.event(foo, "Normal", "Synced", "Foo synced successfully")

    @staticmethod
    def is_mine(foo: dict[str, Any], deployment: Deployment) -> bool:
        uid = foo["metadata"]["uid"]
        return any(owner.controller and owner.uid == uid for owner in deployment.metadata.owner_references)

    @staticmethod
    def deployment_for(foo: dict[str, Any]) -> Deployment:
        labels = {"app": "nginx", "controller": foo["metadata"]["name"]}
        return Deployment.from_dict(
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {
                    "name": foo["spec"]["deploymentName"],
                    "namespace": foo["metadata"]["namespace"],
                    "ownerReferences": [controller_reference(foo)],
                },
                "spec": {
                    "replicas": foo["spec"].get("replicas"),
                    "selector": {"matchLabels": labels},
                    "template": {
                        "metadata": {"labels": labels},
                        "spec": {"containers": [{"name": "nginx", "image": "nginx:latest"}]},
                    },
                },
            }
        )


async def main(kubeconfig: str | None) -> None:
    """Runs until SIGTERM or an interrupt, then ends what it is doing; a second signal ends it at once."""
    async with kmagic.AsyncClient(kubeconfig) as client, EventRecorder(client.core_v1.events, AGENT) as recorder:
        sample = SampleController(client, recorder)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_stop_on_signal, sample.controller)
            async with sample.controller:
                log.info("Started workers")
                await sample.controller.stopped.wait()
                log.info("Shutting down workers")
            tasks.cancel_scope.cancel()


async def _stop_on_signal(controller: Controller) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            if controller.queue.shutting_down():
                raise SystemExit(1)
            controller.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubeconfig")
    logging.basicConfig(level=logging.INFO)
    anyio.run(main, parser.parse_args().kubeconfig)
