from __future__ import annotations

import pytest

from kmagic.cache.entry import Entry
from kmagic.cache.forms import EntryForm, PlainForm
from kmagic.client.codec import DictCodec, MetadataCodec, ModelCodec
from kmagic.models.apps_v1 import Deployment
from kmagic.rest.resource import APIResource

ENTRY = Entry.parse(b'{"metadata":{"name":"web","namespace":"shop"},"spec":{"replicas":3}}')
DEPLOYMENTS = APIResource("apps", "v1", "deployments", "Deployment", True)


def test_plain_objects_are_copied_for_each_reader() -> None:
    obj = {"metadata": {"name": "a"}, "spec": [1]}
    read = PlainForm().read(obj)
    assert read == obj
    read["spec"].append(2)
    assert obj["spec"] == [1]
    assert PlainForm().keep(obj) is obj


def test_models_are_copied_for_each_reader() -> None:
    obj = Deployment.from_dict({"metadata": {"name": "a", "labels": {"x": "y"}}, "spec": {"replicas": 3}})
    read = PlainForm().read(obj)
    assert read == obj
    read.metadata.labels["x"] = "changed"
    assert obj.metadata.labels == {"x": "y"}


def test_entries_of_a_plain_form_are_dicts() -> None:
    assert PlainForm().read(ENTRY)["spec"] == {"replicas": 3}


def test_entries_become_models_and_back() -> None:
    form = EntryForm(ModelCodec(Deployment))
    deployment = form.read(ENTRY)
    assert (deployment.kind, deployment.spec.replicas) == ("Deployment", 3)
    deployment.spec.replicas = 5
    assert form.read(form.keep(deployment)).spec.replicas == 5
    assert form.read(ENTRY).spec.replicas == 3


def test_dicts_of_a_list_get_the_kind_that_lists_leave_out() -> None:
    read = EntryForm(DictCodec(), lambda: DEPLOYMENTS).read(ENTRY)
    assert list(read) == ["apiVersion", "kind", "metadata", "spec"]
    assert (read["apiVersion"], read["kind"]) == ("apps/v1", "Deployment")
    assert "kind" not in EntryForm(DictCodec()).read(ENTRY)
    own = Entry.parse(b'{"kind":"Mine","metadata":{"name":"a"}}')
    assert EntryForm(DictCodec(), lambda: DEPLOYMENTS).read(own)["kind"] == "Mine"


@pytest.mark.parametrize(
    "raw", [ENTRY.raw, b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","namespace":"shop"}}']
)
def test_metadata_only_objects_say_what_they_are(raw: bytes) -> None:
    assert EntryForm(MetadataCodec()).read(Entry.parse(raw)) == {
        "apiVersion": "meta.k8s.io/v1",
        "kind": "PartialObjectMetadata",
        "metadata": {"name": "web", "namespace": "shop"},
    }
