"""Verbs that only some resources have, blocking."""

from __future__ import annotations

import pytest

from kmagic.client.expansions import AsyncCertificateSigningRequests, AsyncNamespaces, AsyncServiceAccounts
from kmagic.errors import NotFoundError
from kmagic.sync.client import Client
from kmagic.sync.expansions import CertificateSigningRequests, Namespaces, ServiceAccounts


def test_the_accessors_are_blocking_faces_of_the_async_ones(client: Client) -> None:
    found = (
        client.core_v1.serviceaccounts,
        client.core_v1.namespaces,
        client.certificates_v1.certificatesigningrequests("x"),
    )
    assert [type(item) for item in found] == [ServiceAccounts, Namespaces, CertificateSigningRequests]
    theirs = [type(item.unblocked) for item in found]
    assert theirs == [AsyncServiceAccounts, AsyncNamespaces, AsyncCertificateSigningRequests]


def test_each_verb_reaches_the_server(client: Client, namespace: str) -> None:
    with pytest.raises(NotFoundError):
        client.core_v1.serviceaccounts(namespace).create_token("missing")
    requests = client.certificates_v1.certificatesigningrequests
    for verb in (requests.approve, requests.deny, requests.wait_for_certificate):
        with pytest.raises(NotFoundError):
            verb("missing")
    found = client.core_v1.namespaces.get(namespace)
    assert client.core_v1.namespaces.finalize(found).spec.finalizers == ["kubernetes"]
