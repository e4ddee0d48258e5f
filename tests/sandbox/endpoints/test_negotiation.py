"""Which form an Accept header asks for."""

import json
from typing import Any

import pytest

from kmagic.sandbox.endpoints.negotiation import Form, negotiate, require_json
from kmagic.sandbox.printers.table import builtin_format
from kmagic.sandbox.status import APIError

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PROTOBUF = "application/vnd.kubernetes.protobuf"


@pytest.mark.parametrize(
    ("header", "as_", "content_type"),
    [
        ("", "", "application/json"),
        ("*/*", "", "application/json"),
        ("application/yaml", "", "application/yaml"),
        (f"{PROTOBUF},application/json", "", "application/json"),
        (f"{TABLE},application/json", "Table", "application/json"),
        ("application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", "", "application/json"),
        ("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", "PartialObjectMetadata", "application/json"),
    ],
)
def test_the_first_form_that_there_is(header: Any, as_: Any, content_type: Any) -> None:
    found = negotiate(header)
    assert (found.as_, found.content_type) == (as_, content_type)


@pytest.mark.parametrize("header", [PROTOBUF, "text/csv", "application/json;as=Table;v=v9;g=meta.k8s.io"])
def test_what_cannot_be_had_is_not_acceptable(header: Any) -> None:
    with pytest.raises(APIError) as caught:
        negotiate(header)
    assert caught.value.code == 406


def test_some_documents_are_json_only() -> None:
    require_json(f"{PROTOBUF},application/json")
    with pytest.raises(APIError, match="Available representations: application/json"):
        require_json("application/yaml")


@pytest.mark.parametrize(("as_", "kind"), [("", "ConfigMap"), ("Table", "Table"), ("PartialObjectMetadata",) * 2])
def test_objects_lists_and_events_have_the_form(still: Any, as_: Any, kind: Any) -> None:
    made = still.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"}})
    resource = still.catalog.by_kind("v1", "ConfigMap")
    form = Form(resource, as_, builtin_format("configmaps"), "Metadata", still.now)
    assert json.loads(form.one(made))["kind"] == kind
    listed = json.loads(form.many([made], {"resourceVersion": "7"}))
    assert listed["kind"] == {"ConfigMap": "ConfigMapList", "Table": "Table"}.get(kind, "PartialObjectMetadataList")
    assert listed["metadata"]["resourceVersion"] == "7"
    event = form.event("ADDED", made, first=True)
    assert event.endswith(b"}\n")
    assert json.loads(event)["object"]["kind"] == kind
    assert json.loads(form.bookmark(9))["type"] == "BOOKMARK"
