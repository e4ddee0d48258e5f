"""One process a measurement: `python -m tests.bench.contenders NAME KUBECONFIG [EVENTS]` prints one JSON line.

Each contender fills whatever its library offers as a local copy of all Pods and tells seconds, CPU seconds, objects and
the bytes that stay. With EVENTS it prints `synced` and then follows that many updates. A library without a cache is
measured by its list call, with the result kept.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from kmagic.api.options import ListOptions
    from kmagic.cache.client import AsyncClient

Result = dict[str, float]


def rss() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def measured(fill: Callable[[], tuple[int, object]]) -> Result:
    """Runs `fill`, which returns how many objects it holds and the holder that keeps them alive."""
    before, cpu, begun = rss(), time.process_time(), time.perf_counter()
    count, holder = fill()
    result = {
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - cpu,
        "objects": float(count),
    }
    result["bytes"] = float(rss() - before)
    assert holder is not None
    return result


def kmagic_informer(kubeconfig: str, events: int) -> Result:
    from kmagic.cache.client import AsyncClient
    from kmagic.models.core_v1 import Pod

    async def run() -> Result:
        async with AsyncClient(kubeconfig=kubeconfig) as client:
            factory = client.informers(namespace=None)
            pods = factory.of(Pod)
            seen, done = 0, asyncio.Event()

            def on_update(_old: object, _new: object) -> None:
                nonlocal seen
                seen += 1
                if seen == events:
                    done.set()

            if events:
                pods.informer.add_handler(on_update=on_update, raw=True)
            before, cpu, begun = rss(), time.process_time(), time.perf_counter()
            async with factory:
                await factory.wait_synced(timeout=120)
                result = {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - cpu}
                result["objects"] = float(len(pods.informer.store.list_keys()))
                result["bytes"] = float(rss() - before)
                if events:
                    version = pods.informer.last_sync_resource_version
                    print("synced", flush=True)
                    cpu = time.process_time()
                    await done.wait()
                    result["event_cpu"] = time.process_time() - cpu
            if events:
                result["replay_cpu"] = await replay_cpu(client, version, events)
            return result

    return asyncio.run(run())


async def replay_cpu(client: AsyncClient, version: str, events: int) -> float:
    """Follows Pods from an old version with an empty informer, so that all events since then come at once."""
    from kmagic.cache.informer import SharedInformer
    from kmagic.cache.list_watch import ListPage, ResourceListWatch
    from kmagic.models.core_v1 import Pod

    class Replay(ResourceListWatch[Pod]):
        async def list(self, options: ListOptions) -> ListPage:
            return ListPage((), version)

    seen, done = 0, asyncio.Event()

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == events:
            done.set()

    informer: SharedInformer[Pod] = SharedInformer(Replay(client.core_v1.pods(None)))
    informer.add_handler(on_add=count, on_update=count, raw=True)
    cpu = time.process_time()
    async with informer:
        await done.wait()
        return time.process_time() - cpu


def kmagic_list(kubeconfig: str, _events: int) -> Result:
    import kmagic

    with kmagic.Client(kubeconfig=kubeconfig) as client:

        def fill() -> tuple[int, object]:
            pods = client.core_v1.pods(None).list()
            return len(pods.items), pods

        return measured(fill)


def kubernetes_list(kubeconfig: str, _events: int) -> Result:
    from kubernetes import client, config

    config.load_kube_config(kubeconfig)

    def fill() -> tuple[int, object]:
        pods = client.CoreV1Api().list_pod_for_all_namespaces()
        return len(pods.items), pods

    return measured(fill)


def lightkube_list(kubeconfig: str, _events: int) -> Result:
    from lightkube import Client, KubeConfig
    from lightkube.resources.core_v1 import Pod

    client = Client(config=KubeConfig.from_file(kubeconfig))

    def fill() -> tuple[int, object]:
        pods = list(client.list(Pod, namespace="*"))
        return len(pods), pods

    return measured(fill)


def kr8s_list(kubeconfig: str, _events: int) -> Result:
    import kr8s

    api = kr8s.api(kubeconfig=kubeconfig)

    def fill() -> tuple[int, object]:
        pods = list(api.get("pods", namespace=kr8s.ALL))
        return len(pods), pods

    return measured(fill)


def gets_per_second(get: Callable[[], object], seconds: float = 2.0) -> Result:
    """How many single gets one caller makes a second, one after the other."""
    get()
    begun, cpu, count = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - begun < seconds:
        get()
        count += 1
    elapsed = time.perf_counter() - begun
    return {"rate": count / elapsed, "cpu": (time.process_time() - cpu) / count * 1000}


def kmagic_get(kubeconfig: str, _events: int) -> Result:
    import kmagic

    with kmagic.Client(kubeconfig=kubeconfig) as client:
        namespaces = client.core_v1.namespaces
        return gets_per_second(lambda: namespaces.get("default"))


def kubernetes_get(kubeconfig: str, _events: int) -> Result:
    from kubernetes import client, config

    config.load_kube_config(kubeconfig)
    core = client.CoreV1Api()
    return gets_per_second(lambda: core.read_namespace("default"))


def lightkube_get(kubeconfig: str, _events: int) -> Result:
    from lightkube import Client, KubeConfig
    from lightkube.resources.core_v1 import Namespace

    client = Client(config=KubeConfig.from_file(kubeconfig))
    return gets_per_second(lambda: client.get(Namespace, "default"))


def kr8s_get(kubeconfig: str, _events: int) -> Result:
    import kr8s
    from kr8s.objects import Namespace

    api = kr8s.api(kubeconfig=kubeconfig)
    return gets_per_second(lambda: Namespace.get("default", api=api))


def creates_per_second(create: Callable[[str], object], count: int = 200) -> Result:
    """How many ConfigMaps one caller makes a second; the bench's namespace goes away with its server."""
    begun, cpu = time.perf_counter(), time.process_time()
    for n in range(count):
        create(f"bench-{os.getpid()}-{n}")
    elapsed = time.perf_counter() - begun
    return {"rate": count / elapsed, "cpu": (time.process_time() - cpu) / count * 1000}


def kmagic_create(kubeconfig: str, _events: int) -> Result:
    import kmagic

    with kmagic.Client(kubeconfig=kubeconfig) as client:
        maps = client.resource("configmaps", namespace="default")
        return creates_per_second(lambda name: maps.create(config_map(name)))


def kubernetes_create(kubeconfig: str, _events: int) -> Result:
    from kubernetes import client, config

    config.load_kube_config(kubeconfig)
    core = client.CoreV1Api()
    return creates_per_second(lambda name: core.create_namespaced_config_map("default", config_map(name)))


def lightkube_create(kubeconfig: str, _events: int) -> Result:
    from lightkube import Client, KubeConfig
    from lightkube.models.meta_v1 import ObjectMeta
    from lightkube.resources.core_v1 import ConfigMap

    client = Client(config=KubeConfig.from_file(kubeconfig))
    return creates_per_second(
        lambda name: client.create(ConfigMap(metadata=ObjectMeta(name=name, namespace="default"), data={"a": "b"}))
    )


def kr8s_create(kubeconfig: str, _events: int) -> Result:
    import kr8s
    from kr8s.objects import ConfigMap

    api = kr8s.api(kubeconfig=kubeconfig)
    return creates_per_second(lambda name: ConfigMap(config_map(name), api=api).create())


def config_map(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "default"},
        "data": {"a": "b"},
    }


def import_kmagic(_kubeconfig: str, _events: int) -> Result:
    modules, begun, cpu = len(sys.modules), time.perf_counter(), time.process_time()
    import kmagic

    assert kmagic
    return {
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - cpu,
        "modules": float(len(sys.modules) - modules),
    }


def load_ext(_kubeconfig: str, _events: int) -> Result:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    modules, begun, cpu = len(sys.modules), time.perf_counter(), time.process_time()
    shell.run_line_magic("load_ext", "kmagic")
    result = {
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - cpu,
        "modules": float(len(sys.modules) - modules),
    }
    shell.run_line_magic("unload_ext", "kmagic")
    return result


CONTENDERS: dict[str, Callable[[str, int], Result]] = {
    "import": import_kmagic,
    "kmagic-create": kmagic_create,
    "kmagic-get": kmagic_get,
    "kmagic-informer": kmagic_informer,
    "kmagic-list": kmagic_list,
    "kr8s-create": kr8s_create,
    "kr8s-get": kr8s_get,
    "kr8s-list": kr8s_list,
    "kubernetes-create": kubernetes_create,
    "kubernetes-get": kubernetes_get,
    "kubernetes-list": kubernetes_list,
    "lightkube-create": lightkube_create,
    "lightkube-get": lightkube_get,
    "lightkube-list": lightkube_list,
    "load-ext": load_ext,
}

if __name__ == "__main__":
    name, kubeconfig = sys.argv[1:3]
    print(json.dumps(CONTENDERS[name](kubeconfig, int(sys.argv[3]) if len(sys.argv) > 3 else 0)))
