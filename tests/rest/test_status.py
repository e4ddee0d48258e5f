from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from kmagic import errors
from kmagic.errors import KubeError
from kmagic.rest import status, verbs
from kmagic.rest.request import Request
from kmagic.rest.resource import APIResource
from kmagic.rest.watch import RawWatchEvent
from tests.strange import json_like

PODS = APIResource("", "v1", "pods", "Pod", True)
GET = verbs.get(PODS, "shop", "web-0")
POST = verbs.create(PODS, "shop", b"{}")
JSON = {"content-type": "application/json"}


def failure(reason: str = "", code: int = 0, message: str = "m", **more: Any) -> bytes:
    return json.dumps(
        {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "reason": reason,
            "code": code,
            "message": message,
            **more,
        }
    ).encode()


@pytest.mark.parametrize(
    ("request_", "code", "headers", "body", "kind", "message"),
    [
        pytest.param(
            GET, 404, JSON, failure("NotFound", 404, 'pods "web-0" not found'), errors.NotFoundError, 'pods "web-0" not found', id="RE-18 Status"
        ),
        pytest.param(
            GET, 500, JSON, failure("Conflict", 409), errors.ConflictError, "m", id="RE-18 the Status wins over the code"
        ),
        pytest.param(
            GET, 404, JSON, b'{"kind":"Status","status":"Failure","reason":"NotFound"}', errors.NotFoundError,
            "the server could not find the requested resource", id="RE-18 missing apiVersion is tolerated",
        ),
        pytest.param(
            GET, 404, JSON, b'{"apiVersion":"v1","status":"Failure","reason":"Conflict"}', errors.NotFoundError,
            "the server could not find the requested resource (get pods/web-0 in namespace \"shop\")",
            id="RE-18 missing kind is not",
        ),
        pytest.param(
            GET, 503, JSON, failure() .replace(b"Failure", b"Success"), errors.ServiceUnavailableError,
            "currently unable", id="RE-18 a Success Status is ignored",
        ),
        pytest.param(POST, 409, {}, b"", errors.AlreadyExistsError, "already exists", id="RE-18 POST 409"),
        pytest.param(GET, 409, {}, b"", errors.ConflictError, "conflict", id="RE-18 other 409"),
        pytest.param(
            GET, 500, {"content-type": "text/plain"}, b"boom", errors.InternalServerError, 'answer: "boom"', id="RE-18 text"
        ),
        pytest.param(GET, 418, {}, b"", errors.StatusError, "status code 418", id="RE-18 unknown code"),
        pytest.param(GET, 401, {}, b"", errors.UnauthorizedError, "credentials", id="RE-18 401"),
        pytest.param(GET, 504, {}, b"", errors.GatewayTimeoutError, "time allotted", id="RE-18 504"),
        pytest.param(GET, 410, JSON, failure("Gone", 410), errors.ExpiredError, "m", id="RE-18 Gone is Expired"),
    ],
)  # fmt: skip
def test_error_from_response(
    request_: Request, code: int, headers: dict[str, Any], body: bytes, kind: type[KubeError], message: str
) -> None:
    error = status.error_from_response(request_, code, headers, body)
    assert type(error) is kind
    assert message in error.message
    assert error.request is request_
    assert error.status["code"] in (code, 409, 410)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param({"content-type": "text/plain"}, b"x" * 2049, id="RE-18 too long"),
        pytest.param({"content-type": "text/html"}, b"<html>login</html>", id="RE-18 a web page"),
        pytest.param({"content-type": "application/octet-stream"}, b"secret", id="RE-18 no text"),
    ],
)
def test_a_body_that_is_no_message_stays_out_of_it(headers: dict[str, Any], body: bytes) -> None:
    error = status.error_from_response(GET, 500, headers, body)
    assert body.decode() not in str(error)
    assert error.causes[0]["reason"] == "UnexpectedServerResponse"


def test_RE_18_retry_after_becomes_a_detail() -> None:
    error = status.error_from_response(GET, 429, {"retry-after": "7"}, b"")
    assert error.retry_after == 7
    assert "repeat after 7 s" in error.hint
    error = status.error_from_response(
        GET, 429, {"retry-after": "7"}, failure("TooManyRequests", 429, details={"retryAfterSeconds": 3})
    )
    assert error.retry_after == 3


def test_forbidden_says_who_you_are_and_what_is_missing() -> None:
    message = 'deployments.apps is forbidden: User "jane" cannot list resource "deployments" in API group "apps" in the namespace "shop"'
    error = status.error_from_status(GET, {"reason": "Forbidden", "code": 403, "message": message})
    assert error.hint == 'you are "jane"; missing: the right to list deployments.apps in namespace "shop"'
    message = 'nodes is forbidden: User "jane" cannot get resource "nodes" in API group "" at the cluster scope'
    error = status.error_from_status(None, {"reason": "Forbidden", "code": 403, "message": message})
    assert error.hint == 'you are "jane"; missing: the right to get nodes in the whole cluster'
    message = 'forbidden: User "jane" cannot get path "/metrics"'
    error = status.error_from_status(None, {"reason": "Forbidden", "code": 403, "message": message})
    assert "get /metrics" in error.hint


@pytest.mark.parametrize(
    ("reason", "message", "hint"),
    [
        ("Unauthorized", "Unauthorized", "log in again"),
        ("Conflict", 'Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas', "force=True"),
        ("Conflict", "the object has been modified", "edit()"),
        ("AlreadyExists", "x", "apply or update"),
        ("Expired", "x", "list again"),
        ("ServiceUnavailable", "x", "repeat in a moment"),
        ("NotFound", "x", ""),
    ],
)
def test_hints(reason: str, message: str, hint: str) -> None:
    assert hint in status.error_from_status(GET, {"reason": reason, "message": message}).hint


def test_strategic_patch_of_a_custom_resource_is_explained() -> None:
    patch = verbs.patch(PODS, "shop", "x", b"{}", type="strategic")
    assert "merge" in status.error_from_status(patch, {"reason": "UnsupportedMediaType", "code": 415}).hint


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("5", 5), (" 5 ", 5), ("0", 0), ("-1", None), ("1.5", None), ("Tue, 24 Nov 2026 10:00:00 GMT", None), ("", None)],
)
def test_RE_04_only_an_integer_retry_after_counts(value: str, seconds: int | None) -> None:
    assert status.retry_after_seconds({"retry-after": value}) == seconds


def test_is_status() -> None:
    assert status.is_status(failure())
    assert not status.is_status(b'{"kind":"Pod","apiVersion":"v1"}')
    assert not status.is_status(b"[]")


def test_RE_18_a_body_without_a_type_is_text() -> None:
    error = status.error_from_response(GET, 400, {}, b"Client sent an HTTP request to an HTTPS server.\n")
    assert "Client sent an HTTP request to an HTTPS server." in error.message


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"code": "abc"}, id="a code that is text"),
        pytest.param({"code": True}, id="a code that is a boolean"),
        pytest.param({"code": [404]}, id="a code that is a list"),
        pytest.param({"reason": {"a": 1}}, id="a reason that is an object"),
        pytest.param({"message": ["a"]}, id="a message that is a list"),
        pytest.param({"details": "abc"}, id="details that are text"),
        pytest.param({"details": [1]}, id="details that are a list"),
        pytest.param({"details": {"causes": "abc"}}, id="causes that are text"),
        pytest.param({"details": {"causes": [1, None, {"field": 2}]}}, id="causes that are no objects"),
        pytest.param({"details": {"retryAfterSeconds": "soon"}}, id="a wait that is text"),
        pytest.param({"details": {"retryAfterSeconds": -1}}, id="a wait into the past"),
        pytest.param({"details": {"retryAfterSeconds": 10**15}}, id="a wait for ever"),
        pytest.param({"metadata": 5}, id="metadata that is a number"),
    ],
)
def test_a_field_of_another_type_says_nothing(fields: dict[str, Any]) -> None:
    body = json.dumps({"kind": "Status", "apiVersion": "v1", **fields}).encode()
    refused = status.error_from_response(GET, 404, {}, body)
    for error in (refused, RawWatchEvent("ERROR", body).error(), status.failure_in(body)):
        assert isinstance(error.status.get("code", 0), int)
        assert isinstance(error.status.get("details", {}), dict)
        assert all(isinstance(cause, dict) for cause in error.causes)
        assert error.retry_after is None or 0 < error.retry_after <= 1e9
        assert str(error)
    assert isinstance(refused, errors.NotFoundError)


@given(json_like())
def test_any_answer_is_an_error_of_the_tree(body: Any) -> None:
    error = status.error_from_response(GET, 500, {}, body)
    assert str(error)
    assert error.retry_after is None or error.retry_after > 0
    assert all(isinstance(cause, dict) for cause in error.causes)
    status.failure_in(body)
