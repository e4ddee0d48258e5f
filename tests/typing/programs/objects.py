# pyright: strict
"""Acts on objects: scales, labels, waits, looks at Pods, owners and events."""

from __future__ import annotations

import kmagic
from kmagic.models.apps_v1 import Deployment
from kmagic.sync import Object


def double(client: kmagic.Client, name: str) -> list[str]:
    web: Object[Deployment] = client.object(client.apps_v1.deployments("shop").get(name))
    web.label({"tier": "front", "old": None})
    web.scale(2 * (web.value.spec.replicas or 1))
    ready: Deployment = web.wait(condition="Available", timeout=60)
    print(ready.status.ready_replicas, [event.reason for event in web.events()])
    for line in web.logs(follow=True, tail_lines=10, container="web"):
        print(line)
        break
    owned = [each.value["metadata"]["name"] for each in web.children("replicasets")]
    return [f"{pod.name} on {pod.value.spec.node_name}: {pod.logs(tail_lines=1)}" for pod in web.pods()] + owned


async def restart(client: kmagic.AsyncClient) -> None:
    web = client.object("deploy/web", namespace="shop")
    await web.restart()
    for pod in await web.pods():
        print((await pod.exec(["id"])).code, await pod.logs(tail_lines=1))
    await web.delete(propagation="Foreground")
    await web.wait(deleted=True)
