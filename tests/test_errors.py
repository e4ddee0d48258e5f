"""The error tree: the drawing is true, a Status finds its class, messages carry their hint."""

from __future__ import annotations

import inspect
import re

import pytest

from kmagic import errors


def test_the_picture_on_top_names_every_class() -> None:
    drawn = set(re.findall(r"\w+Error|KubeError", errors.__doc__ or ""))
    defined = {
        name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, errors.KubeError)
    }
    assert drawn == defined


def test_everything_raised_on_purpose_is_a_kube_error() -> None:
    classes = [value for name in errors.__all__ if inspect.isclass(value := getattr(errors, name))]
    assert all(issubclass(cls, errors.KubeError) for cls in classes)


@pytest.mark.parametrize(
    ("reason", "code", "expected"),
    [
        pytest.param("NotFound", 404, errors.NotFoundError, id="by reason"),
        pytest.param("AlreadyExists", 409, errors.AlreadyExistsError, id="409 that says AlreadyExists"),
        pytest.param("Conflict", 409, errors.ConflictError, id="409 that says Conflict"),
        pytest.param("", 409, errors.ConflictError, id="409 that says nothing"),
        pytest.param("Gone", 410, errors.ExpiredError, id="410 Gone is Expired"),
        pytest.param("Timeout", 504, errors.GatewayTimeoutError, id="504 Timeout may have been done"),
        pytest.param("ServerTimeout", 504, errors.ServerTimeoutError, id="504 ServerTimeout was not started"),
        pytest.param("Teapot", 418, errors.StatusError, id="unknown reason and code"),
        pytest.param("", 503, errors.ServiceUnavailableError, id="by code"),
        pytest.param("", 500, errors.InternalServerError, id="500 that says nothing"),
        pytest.param("Exploded", 500, errors.InternalServerError, id="500 with a reason that is none of the API's"),
        pytest.param("StorageReadError", 500, errors.StatusError, id="500 with a reason of the API's"),
    ],
)
def test_a_status_finds_its_class(reason: str, code: int, expected: type[errors.StatusError]) -> None:
    assert errors.status_error(reason, code) is expected


def test_the_hint_is_a_line_of_its_own_and_the_message_stays_bare() -> None:
    error = errors.ConfigError("no kubeconfig was found", hint="start a sandbox: %ksandbox start")
    assert error.message == "no kubeconfig was found"
    assert str(error) == "no kubeconfig was found\nstart a sandbox: %ksandbox start"
    assert str(errors.KubeError("plain")) == "plain"


def test_causes_and_retry_after_are_read_from_the_status() -> None:
    status = {"details": {"retryAfterSeconds": 3, "causes": [{"field": "spec.x", "message": "required"}]}}
    error = errors.InvalidError("invalid", status=status)
    assert error.retry_after == 3.0
    assert [cause["field"] for cause in error.causes] == ["spec.x"]
    assert errors.InvalidError("invalid").retry_after is None
    assert tuple(errors.InvalidError("invalid", status={"details": None}).causes) == ()
