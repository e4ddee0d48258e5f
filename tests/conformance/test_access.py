"""Who one is, what one may do, and what the server says if not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.rest import verbs
from tests.conformance.objects import configmap
from tests.conftest import Server


@pytest.fixture
async def reader(server: Server) -> AsyncIterator[AsyncClient]:
    """A user with the ClusterRole `view`."""
    if server.kind == "sandbox":
        made = AsyncClient(server.kubeconfig, context="sandbox-readonly")
    else:
        made = AsyncClient(str(Path(server.kubeconfig).with_name("readonly.kubeconfig")))
    async with made:
        yield made


def review(kind: str, spec: dict[str, Any], group: str = "authorization.k8s.io") -> dict[str, Any]:
    return {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {}, "spec": spec}


async def allowed(client: AsyncClient, **attributes: Any) -> bool:
    reviews = client.resource("selfsubjectaccessreviews.authorization.k8s.io")
    answer = await reviews.create(review("SelfSubjectAccessReview", {"resourceAttributes": attributes}))
    return answer["status"]["allowed"]


async def test_who_am_i(client: AsyncClient, reader: AsyncClient) -> None:
    for who, groups in ((client, {"system:masters", "system:authenticated"}), (reader, {"system:authenticated"})):
        reviews = who.resource("selfsubjectreviews.authentication.k8s.io")
        answer = await reviews.create(
            {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview", "metadata": {}}
        )
        assert groups <= set(answer["status"]["userInfo"]["groups"])
        assert answer["status"]["userInfo"]["username"]


@pytest.mark.parametrize(
    ("attributes", "reading"),
    [
        ({"verb": "get", "resource": "pods", "namespace": "default"}, True),
        ({"verb": "list", "resource": "pods"}, True),
        ({"verb": "watch", "resource": "deployments", "group": "apps"}, True),
        ({"verb": "get", "resource": "pods", "subresource": "log", "namespace": "default"}, True),
        ({"verb": "create", "resource": "pods", "namespace": "default"}, False),
        ({"verb": "delete", "resource": "deployments", "group": "apps", "namespace": "default"}, False),
        ({"verb": "get", "resource": "secrets", "namespace": "default"}, False),
        ({"verb": "create", "resource": "pods", "subresource": "exec", "namespace": "default"}, False),
        ({"verb": "*", "resource": "*"}, False),
    ],
)
async def test_may_i(client: AsyncClient, reader: AsyncClient, attributes: dict[str, Any], reading: bool) -> None:
    assert await allowed(client, **attributes) is True
    assert await allowed(reader, **attributes) is reading


async def test_the_rules_of_a_namespace(reader: AsyncClient) -> None:
    reviews = reader.resource("selfsubjectrulesreviews.authorization.k8s.io")
    answer = await reviews.create(review("SelfSubjectRulesReview", {"namespace": "default"}))
    rules = answer["status"]["resourceRules"]
    assert any("pods" in rule["resources"] and "list" in rule["verbs"] for rule in rules)
    assert not any("secrets" in rule["resources"] and "get" in rule["verbs"] for rule in rules)
    assert answer["status"]["incomplete"] is False


async def test_a_reader_reads(reader: AsyncClient) -> None:
    assert (await reader.resource("cm", namespace="default").get("kube-root-ca.crt"))["kind"] == "ConfigMap"
    assert await reader.resource("deploy", namespace=None).list() is not None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        pytest.param(lambda c: c.resource("cm", namespace="default").create(configmap("a")), ("create", "configmaps"), id="create"),
        pytest.param(lambda c: c.resource("cm", namespace="default").delete("a"), ("delete", "configmaps"), id="delete"),
        pytest.param(lambda c: c.resource("cm", namespace="default").patch("a", {}), ("patch", "configmaps"), id="patch"),
        pytest.param(lambda c: c.resource("cm", namespace="default").update(configmap("a")), ("update", "configmaps"), id="update"),
        pytest.param(lambda c: c.resource("cm", namespace="default").delete_collection(), ("deletecollection", "configmaps"), id="delete collection"),
        pytest.param(lambda c: c.resource("secrets", namespace="default").list(), ("list", "secrets"), id="list secrets"),
        pytest.param(lambda c: c.resource("secrets", namespace="default").get("a"), ("get", "secrets"), id="get a secret"),
        pytest.param(lambda c: c.resource("nodes").get("node-0"), ("get", "nodes"), id="a node"),
        pytest.param(lambda c: c.resource("ns").create({"metadata": {"name": "x"}}), ("create", "namespaces"), id="a namespace"),
        pytest.param(lambda c: c.resource("deploy", namespace="default").patch("a", {}, subresource="scale"), ("patch", 'deployments/scale'), id="scale"),
    ],
)  # fmt: skip
async def test_what_a_reader_may_not_do(reader: AsyncClient, call: Callable[..., Any], words: Any) -> None:
    verb, resource = words
    with pytest.raises(errors.ForbiddenError, match=f'cannot {verb} resource "{resource}" in API group ') as caught:
        await call(reader)
    assert caught.value.status["reason"] == "Forbidden"
    assert f"the right to {verb} {resource.partition('/')[0]}" in caught.value.hint
    assert 'in the namespace "default"' in caught.value.message or "at the cluster scope" in caught.value.message


async def test_a_watch_that_is_not_allowed(reader: AsyncClient) -> None:
    with pytest.raises(errors.ForbiddenError, match='cannot watch resource "secrets"'):
        async for _ in reader.resource("secrets", namespace="default").watch():
            pass


async def test_a_path_that_is_not_allowed(reader: AsyncClient) -> None:
    with pytest.raises(errors.ForbiddenError, match='cannot get path "/metrics"'):
        await reader.rest.execute(verbs.raw("GET", "/metrics", accept="*/*"))


async def test_a_role_grants_at_once(client: AsyncClient, reader: AsyncClient, ns: str) -> None:
    who = reader.resource("selfsubjectreviews.authentication.k8s.io")
    me = await who.create({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview", "metadata": {}})
    user = me["status"]["userInfo"]["username"]
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["mine"], "verbs": ["delete"]}]
    await client.resource("roles", namespace=ns).create({"metadata": {"name": "r"}, "rules": rules})
    binding = {
        "metadata": {"name": "b"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    }
    await client.resource("rolebindings", namespace=ns).create(binding)
    maps = client.resource("cm", namespace=ns)
    for name in ("mine", "yours"):
        await maps.create(configmap(name))
    attributes = {"verb": "delete", "resource": "configmaps", "name": "mine", "namespace": ns}
    with anyio.fail_after(60):
        while not await allowed(reader, **attributes):  # noqa: ASYNC110  # the authorizer follows its own watch
            await anyio.sleep(0.05)
    await reader.resource("cm", namespace=ns).delete("mine")
    with pytest.raises(errors.ForbiddenError):
        await reader.resource("cm", namespace=ns).delete("yours")


async def test_the_reference_of_a_binding_is_immutable(client: AsyncClient, ns: str) -> None:
    bindings = client.resource("rolebindings", namespace=ns)
    binding = {
        "metadata": {"name": "b"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
    }
    made = await bindings.create(binding)
    with pytest.raises(errors.InvalidError, match=r"roleRef: Invalid value: .*field is immutable"):
        await bindings.update({**made, "roleRef": {**made["roleRef"], "name": "edit"}})
