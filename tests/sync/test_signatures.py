"""The blocking classes offer what the async ones do, with the same parameters."""

from __future__ import annotations

import inspect

import pytest

from kmagic.cache.client import AsyncClient
from kmagic.client import discovery, dynamic, mapper, metadata, pager, remote, retry_watcher, scale
from kmagic.client.entry import AsyncEntry
from kmagic.client.expansions import AsyncCertificateSigningRequests, AsyncNamespaces, AsyncServiceAccounts
from kmagic.client.object import AsyncObject
from kmagic.client.pods import AsyncPods
from kmagic.client.resource import AsyncResource
from kmagic.sync import discovery as blocking
from kmagic.sync.client import Client
from kmagic.sync.entry import Entry
from kmagic.sync.expansions import CertificateSigningRequests, Namespaces, ServiceAccounts
from kmagic.sync.following import RetryWatcher
from kmagic.sync.object import Object
from kmagic.sync.pager import Pager
from kmagic.sync.pods import Pods
from kmagic.sync.remote import RemoteSession
from kmagic.sync.resource import Resource
from kmagic.sync.scales import Scales

# What the blocking class leaves out, each with the reason.
LEFT_OUT = {
    "codec": "how bytes are read is nobody's business in a notebook",
    "rest": "requests by hand go through the async client",
    "mapped": "requests by hand go through the async client",
    "request": "requests by hand go through the async client",
    "again": "the requests themselves ask for it",
    "refresh_after": "pacing of looks at the server is the mapper's own",
    "source": "lazy look-up is the async client's own",
}

PAIRS = [
    pytest.param(AsyncResource, Resource, id="resource"),
    pytest.param(AsyncEntry, Entry, id="entry"),
    pytest.param(AsyncObject, Object, id="object"),
    pytest.param(pager.Pager, Pager, id="pager"),
    pytest.param(AsyncPods, Pods, id="pods"),
    pytest.param(remote.RemoteSession, RemoteSession, id="session"),
    pytest.param(retry_watcher.RetryWatcher, RetryWatcher, id="retry watcher"),
    pytest.param(AsyncServiceAccounts, ServiceAccounts, id="service accounts"),
    pytest.param(AsyncNamespaces, Namespaces, id="namespaces"),
    pytest.param(AsyncCertificateSigningRequests, CertificateSigningRequests, id="certificate requests"),
    pytest.param(discovery.Discovery, blocking.Discovery, id="discovery"),
    pytest.param(mapper.RESTMapper, blocking.RESTMapper, id="mapper"),
    pytest.param(dynamic.DynamicClient, blocking.DynamicClient, id="dynamic"),
    pytest.param(metadata.MetadataClient, blocking.MetadataClient, id="metadata"),
    pytest.param(scale.ScaleClient, Scales, id="scales"),
]


def public(cls: type) -> dict[str, object]:
    return {name: value for name, value in inspect.getmembers(cls) if not name.startswith("_")}


@pytest.mark.parametrize(("asynchronous", "blocking_class"), PAIRS)
def test_the_blocking_class_has_every_verb_with_the_same_parameters(asynchronous: type, blocking_class: type) -> None:
    theirs, ours = public(asynchronous), public(blocking_class)
    assert theirs.keys() - ours.keys() <= LEFT_OUT.keys()
    for name in theirs.keys() & ours.keys():
        if callable(theirs[name]):
            expected = inspect.signature(theirs[name]).parameters  # type: ignore[arg-type]
            found = inspect.signature(ours[name]).parameters  # type: ignore[arg-type]
            assert list(found) == list(expected), name
            defaults = {key: parameter.default for key, parameter in expected.items()}
            assert {key: parameter.default for key, parameter in found.items()} == defaults, name


def test_the_clients_are_made_the_same_way() -> None:
    theirs = inspect.signature(AsyncClient).parameters.keys() - {"transport", "clock"}
    assert theirs == inspect.signature(Client).parameters.keys() - {"client", "runtime"}


@pytest.mark.parametrize(("asynchronous", "blocking_class"), PAIRS)
def test_the_blocking_class_shows_the_whole_docstring(asynchronous: type, blocking_class: type) -> None:
    theirs, ours = public(asynchronous), public(blocking_class)
    for name in theirs.keys() & ours.keys():
        text = inspect.getdoc(ours[name])
        assert text, name
        assert not text.startswith("See "), name
        assert "await " not in text, name
