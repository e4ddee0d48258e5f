"""What type checkers must see: read by mypy and pyright in test_typing, never run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, assert_type

import kmagic
from kmagic.api.patch import diff_merge
from kmagic.api.selectors import LabelSelector, parse_labels
from kmagic.cache.entry import Entry
from kmagic.cache.generic import GenericInformer as AsyncGenericInformer
from kmagic.cache.informer import SharedInformer as AsyncSharedInformer
from kmagic.client.codec import ResourceList
from kmagic.client.pods import AsyncPods
from kmagic.client.resource import AsyncResource
from kmagic.config.client_config import ClientConfig
from kmagic.models.apps_v1 import Deployment, DeploymentSpec
from kmagic.models.core_v1 import Container, Node, Pod, PodStatus
from kmagic.models.discovery_v1 import EndpointSlice
from kmagic.models.meta_v1 import ObjectMeta
from kmagic.rest.watch import WatchEvent
from kmagic.sync.informers import GenericInformer, SharedInformer
from kmagic.sync.pods import Pods
from kmagic.sync.resource import Resource


def models(pod: Pod, deployment: Deployment) -> None:
    assert_type(pod.metadata, ObjectMeta)
    assert_type(pod.metadata.name, str | None)
    assert_type(pod.metadata.labels, dict[str, str])
    assert_type(pod.spec.containers, list[Container])
    assert_type(pod.spec.containers[0].image, str | None)
    assert_type(pod.status, PodStatus)
    assert_type(pod.kind, str)
    assert_type(deployment.spec, DeploymentSpec)
    assert_type(deployment.spec.replicas, int | None)
    assert_type(deployment.spec.template.metadata.labels, dict[str, str])
    assert_type(deployment.spec.selector.match_labels, dict[str, str])
    assert_type(Pod.from_dict({}), Pod)
    assert_type(pod.to_dict(), dict[str, Any])
    Pod(metadata=ObjectMeta(name="a"))


def blocking(client: kmagic.Client) -> None:
    assert_type(client.config, ClientConfig)
    assert_type(client.core_v1.pods, Pods)
    assert_type(client.core_v1.pods("shop"), Pods)
    assert_type(client.core_v1.pods("shop").get("web-0"), Pod)
    assert_type(client.core_v1.nodes.list(), ResourceList[Node])
    assert_type(client.core_v1.nodes.list()[0], Node)
    assert_type(client.discovery_v1.endpointslices, Resource[EndpointSlice])
    assert_type(client.apps_v1.deployments("shop").watch(), Iterator[WatchEvent[Deployment]])
    assert_type(client.apps_v1.deployments.edit("web"), AbstractContextManager[Deployment])
    assert_type(client.of(Deployment, namespace="shop").get("web"), Deployment)
    assert_type(client.resource("deploy", namespace=None).get("web"), dict[str, Any])
    assert_type(client.core_v1.pods.create({"metadata": {"name": "a"}}), Pod)
    assert_type(client.core_v1.pods("shop").wait("web-0", condition="Ready"), Pod)
    assert_type(client.core_v1.pods("shop").wait(["web-0", "web-1"], condition="Ready", created=True), list[Pod])
    assert_type(client.core_v1.pods("shop").get_or_none("web-0"), Pod | None)
    assert_type(client.core_v1.nodes.pages(limit=2), Iterator[ResourceList[Node]])


def informers(client: kmagic.Client) -> None:
    factory = client.informers(namespace="shop")
    assert_type(factory.apps_v1.deployments, GenericInformer[Deployment])
    assert_type(factory.apps_v1.deployments.lister("shop").get("web"), Deployment)
    assert_type(factory.core_v1.pods.informer, SharedInformer[Pod])
    assert_type(factory.core_v1.pods.informer.store.get_by_key("shop/web-0"), Pod | None)
    assert_type(factory.of(Deployment).lister("shop").get("web"), Deployment)
    assert_type(factory.of(Deployment).lister.list(label_selector="app=web"), list[Deployment])
    assert_type(factory.resource("foos.example.com").lister("shop").get("a"), dict[str, Any])


def asynchronous_informers(client: kmagic.AsyncClient) -> None:
    factory = client.informers(namespace="shop")
    assert_type(factory.apps_v1.deployments, AsyncGenericInformer[Deployment])
    assert_type(factory.apps_v1.deployments.resource, AsyncResource[Deployment])
    assert_type(factory.apps_v1.deployments.lister("shop").get("web"), Deployment)
    assert_type(factory.core_v1.pods.informer, AsyncSharedInformer[Pod])
    assert_type(factory.core_v1.pods.lister.list(), list[Pod])
    assert_type(factory.resource("foos.example.com").lister("shop").get("a"), dict[str, Any])


def found(new: Pod) -> None: ...


def found_initially(new: Pod, initial: bool) -> None: ...


async def gone(old: Pod) -> None: ...


def is_raw(new: Entry) -> None: ...


def handlers(client: kmagic.Client) -> None:
    pods = client.informers().core_v1.pods.informer
    pods.add_handler(on_add=found, on_delete=gone)
    pods.add_handler(on_add=found_initially, on_update=lambda old, new: print(old.metadata.name, new.metadata.name))
    pods.add_handler(on_add=lambda new: print(new.metadata.name), where=lambda pod: pod.spec.node_name == "n1")
    pods.add_handler(on_add=is_raw, raw=True)


async def asynchronous(client: kmagic.AsyncClient) -> None:
    assert_type(client.core_v1.pods("shop"), AsyncPods)
    assert_type(await client.core_v1.pods("shop").get("web-0"), Pod)
    assert_type(await client.core_v1.nodes.list(), ResourceList[Node])
    assert_type(client.discovery_v1.endpointslices, AsyncResource[EndpointSlice])
    events: AsyncIterator[WatchEvent[Deployment]] = client.apps_v1.deployments("shop").watch()
    async for event in events:
        assert_type(event.object, Deployment)
    assert_type(client.apps_v1.deployments.edit("web"), AbstractAsyncContextManager[Deployment])
    assert_type(await client.of(Deployment, namespace="shop").get("web"), Deployment)
    assert_type(await client.resource("deploy", namespace=None).get("web"), dict[str, Any])


def vocabulary() -> None:
    assert_type(parse_labels("a=b"), LabelSelector)
    assert_type(diff_merge({}, {}), dict[str, Any])
