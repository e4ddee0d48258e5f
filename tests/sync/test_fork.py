"""A process that is forked from one with a client: it may have a client of its own, and never disturbs the parent's."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(180)

_BEGIN = """
import asyncio, gc, multiprocessing, os, sys, threading
import kmagic
from kmagic.errors import ForkError
from kmagic.models.core_v1 import ConfigMap
from kmagic.models.meta_v1 import ObjectMeta
kubeconfig, namespace = sys.argv[1:]
client = kmagic.Client(kubeconfig)
maps = client.core_v1.configmaps(namespace)
factory = client.informers(namespace=namespace)
seen = threading.Event()
informer = factory.core_v1.configmaps.informer
informer.add_handler(on_add=lambda obj, *rest: seen.set() if obj.metadata.name == "after" else None)
factory.start()
factory.wait_synced(30)
held = factory.core_v1.configmaps.lister
watched = maps.watch()
next(watched)

def refused(call):
    try:
        call()
    except ForkError as error:
        assert "before this process was forked" in str(error)
    else:
        raise SystemExit("it was not refused")

def child_of_its_own():
    assert kmagic.Client(kubeconfig).core_v1.configmaps(namespace).get("kube-root-ca.crt")

def asynchronous():
    own = kmagic.AsyncClient(kubeconfig)
    get = lambda: own.core_v1.configmaps(namespace).get("kube-root-ca.crt")
    with asyncio.Runner() as runner:
        runner.run(get())
        child = os.fork()
        if child == 0:
            refused(lambda: asyncio.run(get()))
            asyncio.run(own.aclose())
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        runner.run(get())
        runner.run(own.aclose())
"""
_CHILDREN = {
    "uses": "refused(lambda: maps.list()); refused(lambda: next(watched)); refused(factory.start)",
    "asks": "refused(lambda: held.list()); refused(lambda: informer.store.list()); refused(lambda: client.resource('pods').list())",
    "closes": "watched.close(); factory.stop(); client.close()",
    "drops": "del client, maps, factory, informer, watched; gc.collect()",
    "has its own": "child_of_its_own()",
    "has its own after": "refused(lambda: maps.list()); del client, maps; gc.collect(); child_of_its_own()",
    "makes informers": (
        "own = kmagic.Client(kubeconfig).informers(namespace=namespace)\n"
        "    lister = own.core_v1.configmaps.lister\n"
        "    with own: own.wait_synced(30); assert lister.list()"
    ),
}
_FORKED = """
child = os.fork()
if child == 0:
    {child}
    {end}
assert os.waitpid(child, 0)[1] == 0
"""
_POOLED = """
context = multiprocessing.get_context("fork")
for target in (child_of_its_own, lambda: refused(lambda: maps.list())):
    process = context.Process(target=target)
    process.start()
    process.join()
    assert process.exitcode == 0
"""
_END = """
maps.create(ConfigMap(metadata=ObjectMeta(name="after")))
assert maps.get("after")
assert held(namespace).list()
assert seen.wait(30), "the parent's informer hears nothing"
while next(watched).object.metadata.name != "after":
    pass
maps.delete("after")
factory.stop()
client.close()
print("well")
"""


def run(program: str, server: Any, namespace: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", program, str(server.kubeconfig), namespace],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONWARNINGS": "ignore::DeprecationWarning"},
    )
    assert ran.stderr == ""
    assert (ran.stdout, ran.returncode) == ("well\n", 0)


@pytest.mark.parametrize("end", ["os._exit(0)", "sys.exit(0)"])
@pytest.mark.parametrize("child", _CHILDREN)
def test_a_forked_child_never_disturbs_its_parent(server: Any, namespace: str, child: str, end: str) -> None:
    run(_BEGIN + _FORKED.format(child=_CHILDREN[child], end=end) + _END, server, namespace)


def test_a_process_of_multiprocessing_has_a_client_of_its_own(server: Any, namespace: str) -> None:
    run(_BEGIN + _POOLED + _END, server, namespace)


def test_an_async_client_is_refused_in_a_forked_child(server: Any, namespace: str) -> None:
    run(_BEGIN + "asynchronous()\n" + _END, server, namespace)
