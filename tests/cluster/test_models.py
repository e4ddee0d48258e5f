"""Models lose nothing: every object of a real server comes through its model as it was."""

from __future__ import annotations

import base64
import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import kmagic.models
from kmagic.api.model import Model
from kmagic.api.options import ListOptions
from kmagic.client.client import AsyncClient
from kmagic.rest import verbs
from tests.cluster.fixture import ExternalCluster

EXAMPLES = Path(__file__).with_name("examples.yaml")

# Kinds of which no object is made here, each with the reason.
EMPTY = {
    "PodCertificateRequest": "made by kubelets",
    "StorageVersionMigration": "would set its controller to work on the whole cluster",
}


def kinds() -> dict[str, type[Model]]:
    """Resource path to model class, of every kind that has verbs."""
    found = {}
    for module in pkgutil.iter_modules(kmagic.models.__path__):
        for cls in vars(importlib.import_module(f"kmagic.models.{module.name}")).values():
            if isinstance(cls, type) and issubclass(cls, Model) and cls.resource_info:
                group, version, plural, _ = cls.resource_info
                found[f"{plural}.{version}.{group}"] = cls
    return found


def signing_request() -> str:
    """A certificate signing request as the API takes it: base64 of PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example")])
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return base64.b64encode(made.public_bytes(serialization.Encoding.PEM)).decode()


@pytest.fixture
def examples(cluster: ExternalCluster) -> Iterator[None]:
    """One object of every kind, made with kubectl."""
    manifests = EXAMPLES.read_text().replace("REQUEST", signing_request())
    cluster.kubectl("create", "namespace", "wire")
    cluster.kubectl("create", "-n", "wire", "-f", "-", input=manifests)
    yield
    cluster.kubectl(
        "patch", "-n", "wire", "configmap", "example", "--type=merge", "-p", '{"metadata":{"finalizers":null}}'
    )
    cluster.kubectl("delete", "-n", "wire", "-f", "-", "--wait=false", "--ignore-not-found", input=manifests)
    cluster.kubectl("delete", "namespace", "wire", "--wait=false")


def without_null(value: Any) -> Any:
    """JSON without members that are null, which Go writes for some that are not set."""
    if isinstance(value, dict):
        return {key: without_null(item) for key, item in value.items() if item is not None}
    return [without_null(item) for item in value] if isinstance(value, list) else value


async def test_every_object_survives_its_model(cluster: ExternalCluster, examples: None) -> None:
    seen, empty = 0, set()
    async with AsyncClient(cluster.kubeconfig) as client:
        for name, model in kinds().items():
            resource = await client.mapper.resource_for(name)
            if "list" not in resource.verbs:
                continue
            answer = json.loads((await client.rest.execute(verbs.list_(resource, None, ListOptions()))).body)
            for item in answer["items"] or ():
                sent = {"apiVersion": answer["apiVersion"], "kind": model().kind, **item}  # type: ignore[attr-defined]
                back = json.loads(model.from_json(json.dumps(sent)).to_json())
                if model.__name__ == "ControllerRevision":
                    assert back["data"] == sent["data"]
                assert without_null(back) == without_null(sent), f"{name} {item['metadata']['name']}"
                seen += 1
            if not answer["items"]:
                empty.add(model.__name__)
    assert empty <= EMPTY.keys()
    assert seen > 200
