from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from kmagic.api.options import ListOptions
from kmagic.rest import verbs
from kmagic.rest.request import Request
from kmagic.rest.resource import APIResource
from kmagic.rest.verbs import DeleteOptions, WriteOptions

PODS = APIResource("", "v1", "pods", "Pod", True)
NODES = APIResource("", "v1", "nodes", "Node", False)


@pytest.mark.parametrize(
    ("request_", "line", "verb"),
    [
        pytest.param(verbs.get(PODS, "a", "x"), "GET /api/v1/namespaces/a/pods/x", "get", id="A27 get"),
        pytest.param(
            verbs.get(PODS, "a", "x", resource_version="0"),
            "GET /api/v1/namespaces/a/pods/x?resourceVersion=0",
            "get",
            id="A27 get at a version",
        ),
        pytest.param(
            verbs.list_(PODS, None, ListOptions(label_selector="a=b", limit=5)),
            "GET /api/v1/pods?labelSelector=a%3Db&limit=5",
            "list",
            id="A27 list",
        ),
        pytest.param(
            verbs.watch(PODS, "a", ListOptions(resource_version="7")),
            "GET /api/v1/namespaces/a/pods?resourceVersion=7&watch=true",
            "watch",
            id="A27 watch",
        ),
        pytest.param(
            verbs.create(PODS, "a", b"{}", name="x"), "POST /api/v1/namespaces/a/pods", "create", id="A27 create"
        ),
        pytest.param(
            verbs.create(PODS, "a", b"{}", name="x", subresource="eviction"),
            "POST /api/v1/namespaces/a/pods/x/eviction",
            "create",
            id="A27 create a subresource",
        ),
        pytest.param(
            verbs.update(PODS, "a", "x", b"{}", subresource="status", options=WriteOptions(dry_run=True)),
            "PUT /api/v1/namespaces/a/pods/x/status?dryRun=All",
            "update",
            id="A27 update status",
        ),
        pytest.param(
            verbs.apply(PODS, "a", "x", b"{}", options=WriteOptions(field_manager="me", force=True)),
            "PATCH /api/v1/namespaces/a/pods/x?fieldManager=me&force=true",
            "apply",
            id="A27 apply",
        ),
        pytest.param(verbs.delete(NODES, None, "n"), "DELETE /api/v1/nodes/n", "delete", id="A27 delete"),
        pytest.param(
            verbs.delete_collection(PODS, "a", ListOptions(label_selector="x")),
            "DELETE /api/v1/namespaces/a/pods?labelSelector=x",
            "delete_collection",
            id="A27 delete collection",
        ),
        pytest.param(
            verbs.connect(PODS, "a", "x", "exec", [("command", "sh"), ("command", "-c")]),
            "GET /api/v1/namespaces/a/pods/x/exec?command=sh&command=-c",
            "connect",
            id="A27 a list repeats its key",
        ),
        pytest.param(verbs.raw("GET", "/version"), "GET /version", "", id="A27 raw"),
    ],
)
def test_verb_to_http(request_: Request, line: str, verb: str) -> None:
    assert f"{request_.method} {request_.url}" == line
    assert request_.verb == verb


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("json", "application/json-patch+json"),
        ("merge", "application/merge-patch+json"),
        ("strategic", "application/strategic-merge-patch+json"),
        ("apply", "application/apply-patch+yaml"),
    ],
)
def test_MI_10_patch_content_types(kind: str, content_type: str) -> None:
    request = verbs.patch(PODS, "a", "x", b"{}", type=kind)
    assert request.header("Content-Type") == content_type


def test_delete_options_travel_in_the_body() -> None:
    request = verbs.delete(PODS, "a", "x", DeleteOptions("Foreground", 0, "u1", "7", dry_run=True))
    assert json.loads(request.body) == {
        "kind": "DeleteOptions",
        "apiVersion": "v1",
        "gracePeriodSeconds": 0,
        "preconditions": {"uid": "u1", "resourceVersion": "7"},
        "propagationPolicy": "Foreground",
        "dryRun": ["All"],
    }
    assert not request.changes


def test_a_watch_asks_for_an_uncompressed_stream() -> None:
    assert verbs.watch(PODS, "a", ListOptions()).header("Accept-Encoding") == "identity"
    assert verbs.list_(PODS, "a", ListOptions()).header("Accept-Encoding") == ""


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda: verbs.get(PODS, "a", ""), "name is required", id="RE-32 get"),
        pytest.param(lambda: verbs.delete(PODS, "a", ""), "name is required", id="RE-32 delete"),
        pytest.param(lambda: verbs.update(PODS, "a", "", b"{}"), "name is required", id="RE-32 update"),
        pytest.param(
            lambda: verbs.create(PODS, "a", b"{}", subresource="eviction"), "name is required", id="RE-32 subresource"
        ),
        pytest.param(
            lambda: verbs.create(PODS, None, b"{}"),
            "may not be set during creation",
            id="RE-14 create without namespace",
        ),
        pytest.param(
            lambda: verbs.get(PODS, "", "x"),
            "an empty namespace may not be set when a resource name is provided",
            id="RE-14 get without namespace",
        ),
        pytest.param(
            lambda: verbs.apply(PODS, "a", "x", b"{}", options=WriteOptions()),
            "field manager",
            id="RE-32 apply without manager",
        ),
        pytest.param(
            lambda: verbs.patch(PODS, "a", "x", b"{}", type="foo"), 'unknown patch type "foo"', id="RE-16 patch type"
        ),
    ],
)
def test_bad_calls_are_refused_before_anything_is_sent(make: Callable[..., Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
