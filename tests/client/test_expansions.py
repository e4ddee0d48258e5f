from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import anyio
import pytest

from kmagic import errors
from kmagic.client import wait
from kmagic.client.client import AsyncClient
from kmagic.config.client_config import AuthConfig
from kmagic.models.certificates_v1 import CertificateSigningRequest
from kmagic.models.core_v1 import Namespace
from kmagic.transport.cert import make_key, make_signing_request
from tests.cluster.fixture import ExternalCluster


@pytest.fixture
async def client(cluster: ExternalCluster) -> AsyncIterator[Any]:
    async with AsyncClient(cluster.kubeconfig) as client:
        yield client


@pytest.fixture
async def request_(client: Any) -> AsyncIterator[Any]:
    """A certificate request for a user."""
    body = {
        "metadata": {"name": f"kmagic-{uuid4().hex[:8]}"},
        "spec": {
            "request": base64.b64encode(make_signing_request(make_key(), "kmagic-test")).decode(),
            "signerName": "kubernetes.io/kube-apiserver-client",
            "usages": ["client auth"],
        },
    }
    made = await client.certificates_v1.certificatesigningrequests.create(CertificateSigningRequest.from_dict(body))
    yield made
    await client.certificates_v1.certificatesigningrequests.delete(made.metadata.name)


async def test_a_service_accounts_token_is_good_for_its_account(client: Any, pod_namespace: str) -> None:
    accounts = client.core_v1.serviceaccounts(pod_namespace)
    await wait.until_created(accounts, "default")
    found = await accounts.create_token("default", expiration_seconds=900)
    assert found.status.token
    assert found.status.token not in repr(found)
    tls = client.config.tls
    config = type(client.config)(
        server=client.config.server,
        tls=type(tls)(ca_data=tls.ca_data, ca_file=tls.ca_file, server_name=tls.server_name, insecure=tls.insecure),
        auth=AuthConfig(token=found.status.token),
    )
    async with AsyncClient(config=config) as other:
        with pytest.raises(errors.ForbiddenError, match=f"system:serviceaccount:{pod_namespace}:default"):
            await other.core_v1.nodes.list()
    audience = await accounts.create_token("default", audiences=["https://other"])
    assert audience.spec.audiences == ["https://other"]


async def test_MI_14_an_approved_request_gets_its_certificate(client: Any, request_: Any) -> None:
    requests, name = client.certificates_v1.certificatesigningrequests, request_.metadata.name
    with anyio.fail_after(60):
        approved = await requests.approve(name, message="by a test")
        assert [(item.type, item.message) for item in approved.status.conditions] == [("Approved", "by a test")]
        assert (await requests.approve(name)).metadata.resource_version
        issued = await requests.wait_for_certificate(name, uid=request_.metadata.uid)
    assert b"BEGIN CERTIFICATE" in base64.b64decode(issued)


async def test_MI_14_a_denied_request_never_gets_one(client: Any, request_: Any) -> None:
    requests, name = client.certificates_v1.certificatesigningrequests, request_.metadata.name
    await requests.deny(name, reason="Because")
    with pytest.raises(errors.WaitError, match="is denied, reason: Because"):
        await requests.wait_for_certificate(name)
    with pytest.raises(errors.WaitError, match="changed UIDs"):
        await requests.wait_for_certificate(name, uid="another")


async def test_a_finalizer_is_taken_from_a_namespace(client: Any) -> None:
    name = f"kmagic-{uuid4().hex[:8]}"
    body = {"metadata": {"name": name}, "spec": {"finalizers": ["example.com/hold"]}}
    await client.core_v1.namespaces.create(Namespace.from_dict(body))
    await client.core_v1.namespaces.delete(name)
    with anyio.fail_after(60):
        held = await wait.until(
            client.core_v1.namespaces, name, lambda found: found["spec"]["finalizers"] == ["example.com/hold"]
        )
        held.spec.finalizers = []
        await client.core_v1.namespaces.finalize(held)
        await wait.until_deleted(client.core_v1.namespaces, name)
