"""Every context manager of the package lets the body's own exception out as it is."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

import kmagic
from kmagic._lazy import collector_paused
from kmagic.aio.held import Held
from kmagic.aio.tasks import task_group
from kmagic.api.options import ListOptions
from kmagic.cache.list_watch import ListWatch, list_watch_for
from kmagic.cache.tables import TableInformer, TableListWatch
from kmagic.client.attach import attach_session
from kmagic.client.codec import DictCodec
from kmagic.client.edit import edit
from kmagic.client.exec import exec_session
from kmagic.client.forward_target import forward_target
from kmagic.client.pods import AsyncPods
from kmagic.client.portforward import port_forward
from kmagic.client.remote import open_session
from kmagic.config import writer
from kmagic.controller import Controller, EventRecorder, LeaderElector
from kmagic.errors import KubeError
from kmagic.magics.language.grammar import parse
from kmagic.magics.language.registry import VERBS
from kmagic.magics.session.heard import Heard
from kmagic.magics.work.telling import Troubles, tell_of_pods
from kmagic.models.core_v1 import ConfigMap
from kmagic.rest import channels, verbs
from kmagic.safety.guard import approved
from kmagic.sync.interrupts import Interrupts
from kmagic.sync.runtime import Runtime, stop_shared_runtime
from kmagic.transport import websocket
from kmagic.transport.tls import key_file
from tests.cluster.fixture import ExternalCluster

ERRORS = [
    LookupError("mine"),
    OSError("mine"),
    TimeoutError("mine"),
    KubeError("mine"),
    anyio.ClosedResourceError(),
    StopAsyncIteration("mine"),
    ExceptionGroup("mine", [ValueError("inner")]),
    KeyboardInterrupt(),
]

SELECTING = {"kind": "Deployment", "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {}}}

# What cannot be entered here, each with the reason.
ELSEWHERE = {
    "kmagic.cache.list_watch.Source.watch": "a protocol",
    "kmagic.magics.demo._shell": "a shell of its own; nothing between its body and the caller",
    "kmagic.magics.work.forwarding.KForward": "tests/magics/work/test_forwarding.py",
    "kmagic.magics.session.heard._told": "Heard.during passes through it",
    "kmagic.magics.session.place.Place.approved": "kmagic.safety.guard.approved",
    "kmagic.safety.guard.GuardedTransport.stream": "Transport.stream, after a question",
    "kmagic.sandbox.": "the sandbox's own process",
    "kmagic.testing.sandbox.cluster": "a sandbox's own process",
    "kmagic.transport.exec_plugin._leash": "tests/transport/test_exec_plugin.py",
    "kmagic.transport.http.Transport": "kmagic.client.client.AsyncClient",
    "kmagic.client.rest.RESTClient._": "RESTClient.stream passes through both",
    "kmagic.config.writer._lock": "kmagic.config.writer.locked",
}


def is_manager(function: Any) -> bool:
    function = getattr(function, "__func__", function)
    inner = getattr(function, "__wrapped__", None)
    if inner is not None and (inspect.isgeneratorfunction(inner) or inspect.isasyncgenfunction(inner)):
        return True
    answer = str(function.__annotations__.get("return", "")) if inspect.isfunction(function) else ""
    return "ContextManager[" in answer or answer.startswith("Held[")


def managers() -> Iterator[str]:
    """The context managers that the package's modules define: classes, functions, methods."""
    for info in pkgutil.walk_packages(kmagic.__path__, "kmagic."):
        if ".models." in info.name or info.name.endswith("__main__"):
            continue
        for name, item in vars(importlib.import_module(info.name)).items():
            if getattr(item, "__module__", None) != info.name:
                continue
            if is_manager(item):
                yield f"{info.name}.{name}"
            elif inspect.isclass(item):
                if {"__aexit__", "__exit__"} & vars(item).keys():
                    yield f"{info.name}.{name}"
                yield from (f"{info.name}.{name}.{method}" for method, it in vars(item).items() if is_manager(it))


async def nothing(key: object) -> None:
    """Reconciles nothing."""


@asynccontextmanager
async def plain() -> AsyncIterator[None]:
    yield


class Env:
    """A real Pod and what leads to it."""

    def __init__(self, pods: AsyncPods, client: kmagic.AsyncClient, path: Path) -> None:
        self.pods, self.client, self.path = pods, client, path
        self.configs = client.core_v1.configmaps(pods.namespace)

    def connection(self, verb: str, query: list[tuple[str, str]]) -> Any:
        return verbs.connect(self.pods_resource, self.pods.namespace, "web-0", verb, query)

    @property
    def pods_resource(self) -> Any:
        from kmagic.client.clientset import resource_of
        from kmagic.models.core_v1 import Pod

        return resource_of(Pod)

    @property
    def where(self) -> tuple[Any, ...]:
        return self.pods.rest, self.pods_resource, self.pods.namespace

    def get(self) -> Any:
        return verbs.get(self.pods_resource, self.pods.namespace, "web-0")


async def read_nothing() -> dict[str, Any]:
    return {"metadata": {"name": "a", "resourceVersion": "1"}}


async def send_nothing(patch: dict[str, Any]) -> None:
    raise AssertionError("a body that failed changes nothing")


WATCH = ListOptions(resource_version="0")
EXEC = [("command", "cat"), ("container", "main"), ("stdin", "true"), ("stdout", "true"), ("stderr", "true")]
ASYNC: dict[str, Callable[[Env], Any]] = {
    "kmagic.aio.held.Held": lambda env: Held(plain, "plain"),
    "kmagic.aio.tasks.task_group": lambda env: task_group(),
    "kmagic.cache.factory.SharedInformerFactory": lambda env: env.client.informers(),
    "kmagic.cache.informer.SharedInformer": lambda env: env.client.informers().core_v1.configmaps.informer,
    "kmagic.cache.list_watch.ListWatch.watch": lambda env: ListWatch(
        list_watch_for(env.configs).list, list_watch_for(env.configs).watch
    ).watch(WATCH),
    "kmagic.cache.list_watch.ResourceListWatch.watch": lambda env: list_watch_for(env.configs).watch(WATCH),
    "kmagic.cache.tables.TableInformer": lambda env: TableInformer(TableListWatch(env.configs)),
    "kmagic.cache.tables.TableListWatch.watch": lambda env: TableListWatch(env.configs).watch(WATCH),
    "kmagic.client.attach.attach_session": lambda env: attach_session(*env.where, "web-0", container="main"),
    "kmagic.client.client.AsyncClient": lambda env: kmagic.AsyncClient(config=env.client.config),
    "kmagic.client.edit.edit": lambda env: edit(DictCodec(), read_nothing, send_nothing),
    "kmagic.client.entry.Editable.edit": lambda env: env.client.core_v1.namespaces.edit("default"),
    "kmagic.client.exec.exec_session": lambda env: exec_session(*env.where, "web-0", ["cat"], container="main"),
    "kmagic.client.pods.AsyncPods.attach": lambda env: env.pods.attach("web-0"),
    "kmagic.client.pods.AsyncPods.exec_session": lambda env: env.pods.exec_session("web-0", ["cat"]),
    "kmagic.client.pods.AsyncPods.port_forward": lambda env: env.pods.port_forward("web-0", ":80"),
    "kmagic.client.portforward.port_forward": lambda env: port_forward(
        *env.where, forward_target(env.pods.rest, env.pods.namespace, "web-0"), [":80"]
    ),
    "kmagic.client.remote.open_session": lambda env: open_session(env.pods.rest, env.connection("exec", EXEC)),
    "kmagic.client.resource.AsyncResource.edit": lambda env: env.pods.edit("web-0"),
    "kmagic.client.rest.RESTClient.stream": lambda env: env.pods.rest.stream(env.get()),
    "kmagic.controller.controller.Controller": lambda env: Controller(env.client, nothing, [ConfigMap]),
    "kmagic.controller.leader_election.LeaderElector": lambda env: LeaderElector(
        env.client.coordination_v1.leases(env.pods.namespace), uuid.uuid4().hex[:8], identity="me"
    ),
    "kmagic.controller.recorder_task.RecorderTask": lambda env: EventRecorder(env.client.core_v1.events, "me"),
    "kmagic.magics.work.telling.tell_of_pods": lambda env: tell_of_pods(env.client, SELECTING, Troubles(str)),
    "kmagic.transport.http.Transport.stream": lambda env: env.client.transport.stream(env.get()),
    "kmagic.transport.websocket.connect": lambda env: websocket.connect(
        env.client.transport, env.connection("exec", EXEC), channels.REMOTE_PROTOCOLS
    ),
}
SYNC: dict[str, Callable[[kmagic.Client, str, Path], Any]] = {
    "kmagic._lazy.collector_paused": lambda client, ns, path: collector_paused(),
    "kmagic.config.writer.locked": lambda client, ns, path: writer.locked([path / "config"]),
    "kmagic.magics.session.heard.Heard.during": lambda client, ns, path: Heard().during(
        parse(VERBS["get"], "pods -v=6", None, eval)
    ),
    "kmagic.safety.guard.approved": lambda client, ns, path: approved(client.unblocked.transport),
    "kmagic.sync.client.Client": lambda client, ns, path: kmagic.Client(config=client.config),
    "kmagic.sync.controllers.RunningController": lambda client, ns, path: client.controller(
        nothing, [ConfigMap], name="shape", namespace=ns
    ),
    "kmagic.sync.elector.Elector": lambda client, ns, path: client.elector(
        uuid.uuid4().hex[:8], identity="me", namespace=ns
    ),
    "kmagic.sync.factory.SharedInformerFactory": lambda client, ns, path: client.informers(namespace=ns),
    "kmagic.sync.held.Held": lambda client, ns, path: client.core_v1.pods(ns).port_forward("web-0", ":80"),
    "kmagic.sync.pods.Pods.port_forward": lambda client, ns, path: client.core_v1.pods(ns).port_forward("web-0", ":80"),
    "kmagic.sync.interrupts.Interrupts": lambda client, ns, path: Interrupts(),
    "kmagic.sync.interrupts.Interrupts.held": lambda client, ns, path: Interrupts().held(),
    "kmagic.sync.recorder.Recorder": lambda client, ns, path: client.recorder("me"),
    "kmagic.sync.resource.Resource.edit": lambda client, ns, path: client.core_v1.pods(ns).edit("web-0"),
    "kmagic.sync.remote.OpenSession": lambda client, ns, path: client.core_v1.pods(ns).exec_session("web-0", ["cat"]),
    "kmagic.sync.runtime.Runtime.enter": lambda client, ns, path: client.runtime.enter(plain()),
    "kmagic.sync.runtime._Entered": lambda client, ns, path: client.runtime.enter(plain()),
    "kmagic.transport.tls.key_file": lambda client, ns, path: key_file(b"a key"),
}


def test_every_context_manager_is_tried() -> None:
    found = set(managers())
    assert len(found) > 40
    missing = {
        each for each in found - ASYNC.keys() - SYNC.keys() if not any(each.startswith(place) for place in ELSEWHERE)
    }
    assert not missing
    assert not (ASYNC.keys() | SYNC.keys()) - found


@pytest.fixture
async def env(pods: AsyncPods, cluster: ExternalCluster, tmp_path: Path) -> AsyncIterator[Env]:
    async with kmagic.AsyncClient(cluster.kubeconfig) as client:
        yield Env(pods, client, tmp_path)


@pytest.mark.parametrize("kind", ASYNC)
async def test_exactly_the_bodys_exception_comes_out(env: Env, kind: str) -> None:
    for mine in ERRORS:
        with pytest.raises(type(mine)) as caught:
            async with ASYNC[kind](env):
                await anyio.lowlevel.checkpoint()
                raise mine
        assert caught.value is mine


@pytest.mark.parametrize("kind", SYNC)
def test_exactly_the_bodys_exception_comes_out_of_blocking_ones(
    kind: str, cluster: ExternalCluster, pod_namespace: str, tmp_path: Path
) -> None:
    client = kmagic.Client(cluster.kubeconfig)
    for mine in ERRORS:
        with pytest.raises(type(mine)) as caught:
            with SYNC[kind](client, pod_namespace, tmp_path):
                raise mine
        assert caught.value is mine
    client.close()
    stop_shared_runtime()


def test_a_body_that_fails_is_told_to_a_held_manager() -> None:
    told: list[BaseException] = []

    @asynccontextmanager
    async def manager() -> AsyncIterator[None]:
        try:
            yield
        except BaseException as error:
            told.append(error)
            raise

    runtime, mine = Runtime("shape"), LookupError("mine")
    with pytest.raises(LookupError), runtime.enter(manager()):
        raise mine
    runtime.stop()
    assert told == [mine]
