from __future__ import annotations

import pytest

from kmagic.rest import verbs
from kmagic.rest.request import APPLY_PATCH, Request
from kmagic.rest.resource import APIResource

SECRETS = APIResource("", "v1", "secrets", "Secret", True)


def test_a_repr_never_shows_the_body_or_the_headers() -> None:
    request = verbs.create(SECRETS, "shop", b'{"data":{"password":"aHVudGVyMg=="}}').with_headers(
        [("Authorization", "Bearer hunter2")]
    )
    assert "aHVudGVyMg" not in repr(request)
    assert "hunter2" not in repr(request)
    assert repr(request) == "<Request POST /api/v1/namespaces/shop/secrets (36 bytes)>"


def test_RE_12_query_parameters_are_added_and_not_replaced() -> None:
    request = Request("GET", "/x", query=(("a", "1"),)).with_query([("a", "2"), ("b", "x y&z")])
    assert request.url == "/x?a=1&a=2&b=x+y%26z"


def test_headers_are_replaced_whatever_their_case() -> None:
    request = Request("GET", "/x", headers=(("Accept", "a"),)).with_headers([("accept", "b")])
    assert request.headers == (("accept", "b"),)
    assert request.header("ACCEPT") == "b"
    assert request.header("missing") == ""


def test_idempotent_and_changes() -> None:
    get, post = Request("GET", "/x"), Request("POST", "/x")
    assert (get.idempotent, get.changes) == (True, False)
    assert (post.idempotent, post.changes) == (False, True)
    assert Request("PATCH", "/x", headers=(("Content-Type", APPLY_PATCH),)).idempotent
    assert not post.with_query([("dryRun", "All")]).changes
    assert verbs.connect(SECRETS, "a", "x", "exec", ()).changes
    assert not verbs.connect(SECRETS, "a", "x", "portforward", ()).changes


def test_describe_says_verb_object_and_place() -> None:
    assert verbs.get(SECRETS, "shop", "s").describe() == 'get secrets/s in namespace "shop"'
    assert verbs.get(SECRETS, "shop", "s", subresource="x").describe() == 'get secrets/s (x) in namespace "shop"'
    assert Request("GET", "/version").describe() == "GET /version"


@pytest.mark.parametrize(
    ("path", "query", "template"),
    [
        pytest.param("/api/v1/pods", (), "/api/v1/pods", id="RE-34 all"),
        pytest.param("/api/v1/nodes/n", (), "/api/v1/nodes/{name}", id="RE-34 cluster-scoped"),
        pytest.param("/api/v1/nodes/n/status", (), "/api/v1/nodes/{name}/status", id="RE-34 its status"),
        pytest.param("/api/v1/namespaces/n", (), "/api/v1/namespaces/{name}", id="RE-34 a namespace"),
        pytest.param("/api/v1/namespaces/n/finalize", (), "/api/v1/namespaces/{name}/finalize", id="RE-34 finalize"),
        pytest.param("/api/v1/namespaces/n/pods", (), "/api/v1/namespaces/{namespace}/pods", id="RE-34 namespaced"),
        pytest.param(
            "/apis/apps/v1/namespaces/n/deployments/web/scale",
            (("dryRun", "All"), ("x", "secret")),
            "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale?dryRun={value}&x={value}",
            id="RE-34 subresource and query",
        ),
        pytest.param("/apis/apps/v1", (), "/apis/apps/v1", id="RE-34 a group"),
        pytest.param("/healthz/x", (), "/{prefix}", id="RE-34 an unknown prefix"),
    ],
)
def test_url_template(path: str, query: tuple[tuple[str, ...], ...], template: str) -> None:
    assert Request("GET", path, query).url_template == template
