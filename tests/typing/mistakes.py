"""Mistakes that type checkers must find: each marked line, and no other, is an error; read in test_typing, never run."""

from __future__ import annotations

import kmagic
from kmagic.models.apps_v1 import Deployment
from kmagic.models.core_v1 import Pod


def scaled(new: Deployment) -> None: ...


def found(new: Pod) -> None: ...


def mistakes(client: kmagic.Client, pod: Pod) -> None:
    Pod("web-0")  # mistake: fields have names
    Pod(spec="x")  # mistake: not a spec
    pod.spec.node = "n1"  # mistake: no such field
    pod.spec.replicas = 3  # mistake: a Pod has none
    deployment: Deployment = client.core_v1.pods.get("web-0")  # mistake: a Pod
    client.core_v1.pod.get("web-0")  # mistake: plural
    client.apps_v1.deployments.create(pod)  # mistake: not a Deployment
    print(deployment)
    factory = client.informers()
    factory.apps_v2.deployments  # noqa: B018  # mistake: no such group
    factory.apps_v1.deployment.informer  # noqa: B018  # mistake: plural
    factory.authorization_v1.selfsubjectaccessreviews  # noqa: B018  # mistake: nothing to list or watch
    factory.core_v1.pods.informer.add_handler(on_add=scaled)  # mistake: a handler of Deployments
    factory.core_v1.pods.informer.add_handler(on_update=found)  # mistake: an update has two objects
    client.core_v1.pods.pages(page_size=5)  # mistake: the word is limit
    deployment = factory.core_v1.pods.lister("shop").get("web-0")  # mistake: a Pod
