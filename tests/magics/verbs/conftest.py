"""What the tests of several verbs need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kmagic import AsyncClient
from kmagic.client import wait
from tests.magics.conftest import Notebook, Ran

TTL = '{node.alpha.kubernetes.io/ttl: "0"}'


def plan_and_apply(notebook: Notebook, line: str, before: Callable[[], object] = lambda: None) -> Ran:
    """Makes a plan and applies it, as a person would: again where a controller changed the object meanwhile.

    Args:
        notebook: Where; its context is protected.
        line: The change.
        before: Looks at what is there between the plan and its application.

    Returns:
        The run that made the plan which was applied.
    """
    for _ in range(30):
        planned = notebook.ok(line)
        assert "not applied" in planned.text
        before()
        applied = notebook.run("_kp.apply()")
        if applied.error is None:
            return planned
        assert "changed since the plan was made" in applied.text, applied.text
    pytest.fail(f"never applied: {line}")


@pytest.fixture
def node(online: Notebook, server: Any) -> Iterator[str]:
    """The name of a Node of its own that the cluster's controllers have done with.

    It has the annotation that one of them gives to new nodes, and waits until another has taken its taint off: a plan
    is refused, and rightly, where somebody else changes the object meanwhile.
    """
    name = f"node-{online.session.target.namespace}"
    online.ok(f"%%kapply\napiVersion: v1\nkind: Node\nmetadata: {{name: {name}, annotations: {TTL}}}")
    asyncio.run(_settled(server.kubeconfig, name))
    yield name
    online.unprotect()
    online.run("_kp.discard()")
    online.ok(f"%kdelete node {name} --wait=false")


async def _settled(kubeconfig: str, name: str) -> None:
    async with AsyncClient(kubeconfig=kubeconfig) as client:
        nodes = client.resource("nodes")
        await wait.until(nodes, name, lambda node: "taints" not in node.get("spec", {}), timeout=30)
